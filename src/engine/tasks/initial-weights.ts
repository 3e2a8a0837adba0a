/** How far from 0.5 the weights may start. */
const SPAN = 0.2
/** Log-odds at which the start is about three quarters of the way to the span. */
const SOFTNESS = 4

/**
 * Where the importance weights start: above 0.5 where the trusted-only classifier agrees with the given label,
 * below where it does not, by its log-odds m of the given label against the best other one,
 * w = 0.5 + 0.2 tanh(m / 4). The paper starts at 0.6 or 0.4; keeping the degree of (dis)agreement ranks better
 * (docs/experiments.md, "Denoising: where the weights start").
 * @param probabilities row-major [examples, classes]
 * @param dropped rows that a review dropped: they start, and stay, at the bottom
 */
export function initialWeights(
  probabilities: Float32Array,
  labels: Int32Array,
  dropped: ReadonlySet<number>
): Float32Array {
  const classes = probabilities.length / labels.length
  return Float32Array.from(labels, (label, row) => {
    if (dropped.has(row)) return 0
    let other = 0
    for (let k = 0; k < classes; k++) {
      if (k !== label) other = Math.max(other, probabilities[row * classes + k]!)
    }
    const own = probabilities[row * classes + label]!
    return 0.5 + SPAN * Math.tanh(Math.log((own + 1e-9) / (other + 1e-9)) / SOFTNESS)
  })
}
