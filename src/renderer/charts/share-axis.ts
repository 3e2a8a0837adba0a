/** Steps of an axis, of which the largest that leaves some lines is taken. */
const STEPS = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002]
const FEWEST = 3

/** Ends of an axis of shares, such as accuracies: round, with room around the values, and never beyond 0 and 1. */
export function shareAxis(values: readonly number[]): { readonly min: number; readonly max: number } {
  if (values.length === 0) return { min: 0, max: 1 }
  const low = values.reduce((least, value) => Math.min(least, value), 1)
  const high = values.reduce((most, value) => Math.max(most, value), 0)
  const step = STEPS.find((size) => (high - low) / size >= FEWEST) ?? STEPS.at(-1)!
  const round = (value: number): number => Number(value.toPrecision(6))
  return {
    min: Math.max(0, round((Math.ceil(low / step) - 1) * step)),
    max: Math.min(1, round((Math.floor(high / step) + 1) * step))
  }
}
