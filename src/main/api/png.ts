import type { PictureFile } from '../datasets'

/** A picture as the contract carries it. */
export function pictureBlob({ bytes, type }: PictureFile): Blob {
  return new Blob([new Uint8Array(bytes)], { type })
}

/** A PNG as the contract carries it. */
export function png(bytes: Buffer): Blob {
  return pictureBlob({ bytes, type: 'image/png' })
}
