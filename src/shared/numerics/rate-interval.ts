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

/** Quantiles of Student's t, two-sided 95 %, by degrees of freedom 1..15; beyond, the normal's is near enough. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131
]

/**
 * 95 % interval of the mean of rates that several trainings reached on the same `trials` examples: the wider of
 * Wilson's, for which examples happened to be tried, and Student's over the trainings, for which seed happened
 * to be taken.
 * @param rates one a training, each a share of `trials`
 */
export function rateInterval(
  rates: readonly number[],
  trials: number
): { rate: number; low: number; high: number } {
  const rate = rates.reduce((total, each) => total + each, 0) / rates.length
  const [low, high] = wilsonInterval(rate * trials, trials)
  if (rates.length < 2) return { rate, low, high }
  const variance = rates.reduce((total, each) => total + (each - rate) ** 2, 0) / (rates.length - 1)
  const half = (T[rates.length - 2] ?? Z) * Math.sqrt(variance / rates.length)
  return {
    rate,
    low: Math.max(0, Math.min(low, rate - half)),
    high: Math.min(1, Math.max(high, rate + half))
  }
}
