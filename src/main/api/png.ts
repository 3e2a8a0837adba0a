/** A PNG as the contract carries it. */
export function png(bytes: Buffer): Blob {
  return new Blob([new Uint8Array(bytes)], { type: 'image/png' })
}
