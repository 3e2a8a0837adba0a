/** One kind of evidence. */
export interface Opinion {
  /** In 0..1, low is bad, one an example. */
  readonly scores: Float32Array
  /** How much it counts, where opinions are spread alike. */
  readonly share: number
}

/**
 * The opinions as one score in 0..1, low is bad, one an example.
 *
 * Scores crowd at 0 and at 1, each kind of evidence in its own way, and a plain mean would follow whichever spreads
 * most, which is not whichever ranks best. So each is turned into the angle whose squared sine it is, which
 * stretches the ends (the arcsine transformation: Bartlett 1947), and the angles are averaged, each weighed by its
 * share over its standard deviation. An opinion that is the same of all examples does not count. docs/experiments.md
 * ("The combined score") measures it against a plain mean.
 */
export function combinedScore(opinions: readonly Opinion[]): Float32Array {
  const weighed = opinions.map(({ scores, share }) => {
    const angles = scores.map((score) => Math.asin(Math.sqrt(Math.min(1, Math.max(0, score)))))
    const spread = deviation(angles)
    return { angles, weight: spread > LEAST_SPREAD ? share / spread : 0 }
  })
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0)
  const count = opinions[0]!.scores.length
  return Float32Array.from({ length: count }, (_, row) => {
    const angle = weighed.reduce(
      (sum, { angles, weight }) => sum + (total > 0 ? weight / total : 1 / weighed.length) * angles[row]!,
      0
    )
    return Math.sin(angle) ** 2
  })
}

/** Below this differences are rounding. */
const LEAST_SPREAD = 1e-4

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
