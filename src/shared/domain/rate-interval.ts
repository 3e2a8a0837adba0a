/** Normal quantile of a two-sided 95 % interval. */
const Z = 1.959964

/**
 * 95 % interval of a rate of `successes` in `trials` (Wilson 1927): within 0..1 and sensible for few trials and
 * for rates near 0 or 1, where the usual plus-minus is not. [0, 1] when nothing was tried.
 */
export function wilsonInterval(successes: number, trials: number): [number, number] {
  if (trials === 0) return [0, 1]
  const rate = successes / trials
  const shrink = 1 + (Z * Z) / trials
  const centre = (rate + (Z * Z) / (2 * trials)) / shrink
  const half = (Z / shrink) * Math.sqrt((rate * (1 - rate)) / trials + (Z * Z) / (4 * trials * trials))
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}
