/**
 * Variance of features that are alike, together, where a column's own is 1: of 5, 20, 80 and 320 the best for the labels
 * of two sets of texts (docs/experiments.md), and none far behind.
 */
const TOGETHER = 20

/**
 * One factor for features that are alike, such as the words of a text, so that the rare ones do not become the large ones.
 * @param factors of each feature, 1 over its spread, 0 where it is constant; those of the spans are replaced
 * @param spans of features that are alike, [from, to)
 */
export function shareScale(factors: Float64Array, spans: readonly (readonly [number, number])[]): void {
  for (const [from, to] of spans) {
    const used = factors.subarray(from, to)
    const variance = used.reduce((sum, value) => sum + (value > 0 ? 1 / value ** 2 : 0), 0)
    const shared = Math.sqrt(TOGETHER / variance)
    used.forEach((value, j) => (used[j] = value > 0 ? shared : 0))
  }
}
