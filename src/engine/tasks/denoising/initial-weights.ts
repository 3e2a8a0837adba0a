/** How far from 0.5 the weights may start. */
const SPAN = 0.2
/** Log-odds at which the start is about three quarters of the way to the span. */
const SOFTNESS = 4

/** Weights that start at a probability are drawn so far in from 0 and 1, where they would hardly move. */
const MARGIN = 0.02

/** Start of an example whose label a review vouches for. */
const VOUCHED = 0.9

/** What is known before a run learns anything. */
export interface PriorKnowledge {
  /** Rows that a review dropped: they start, and stay, at the bottom. */
  readonly dropped: ReadonlySet<number>
  /** Rows whose label a review gave or confirmed: they start near the top. */
  readonly vouched: ReadonlySet<number>
  /** Classes that the classifier has met; all where left out. Of a label of another one it says nothing. */
  readonly known?: Uint8Array
  /** Weights in 0..1 that an earlier run on the same data ended with, one an example. */
  readonly earlier?: Float32Array
  /** Probabilities that the labels are right, one an example. */
  readonly right?: Float32Array
}

/**
 * Where the importance weights start: where an earlier run left them, else at the probability that the label is right
 * where there is one, else above 0.5 where the trusted-only classifier agrees with the given label,
 * below where it does not, by its log-odds m of the given label against the best other one,
 * w = 0.5 + 0.2 tanh(m / 4). The paper starts at 0.6 or 0.4; keeping the degree of (dis)agreement ranks better
 * (docs/experiments.md, "Denoising: where the weights start").
 * @param probabilities row-major [examples, classes]
 */
export function initialWeights(
  probabilities: Float32Array,
  labels: Int32Array,
  { dropped, vouched, known, earlier, right }: PriorKnowledge
): Float32Array {
  const classes = probabilities.length / labels.length
  return Float32Array.from(labels, (label, row) => {
    if (dropped.has(row)) return 0
    if (vouched.has(row)) return VOUCHED
    if (earlier) return earlier[row]!
    if (right) return MARGIN + (1 - 2 * MARGIN) * right[row]!
    if (known && !known[label]) return 0.5
    let other = 0
    for (let k = 0; k < classes; k++) {
      if (k !== label) other = Math.max(other, probabilities[row * classes + k]!)
    }
    const own = probabilities[row * classes + label]!
    return 0.5 + SPAN * Math.tanh(Math.log((own + 1e-9) / (other + 1e-9)) / SOFTNESS)
  })
}
