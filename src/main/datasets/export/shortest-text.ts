/** The shortest decimal that reads back as the same value. */
export function shortestText(value: number, from: Uint8Array | Float32Array): string {
  if (from instanceof Uint8Array || Number.isInteger(value)) return String(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
