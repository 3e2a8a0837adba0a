/** Blanks, which Number takes for 0, and numbers of other bases. */
const NO_DECIMAL = /^\s*($|[+-]?0[box])/i

/** A text as a decimal number; NaN where it is none. */
export function decimal(text: string): number {
  return NO_DECIMAL.test(text) ? NaN : Number(text)
}
