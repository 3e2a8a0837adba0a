/**
 * 1 for the classes that trusted examples are of; undefined where no class that occurs is without one. Nobody marks an
 * example of each of hundreds of classes: what is not among them is left open by the trusted ones, not ruled out.
 */
export function knownClasses(
  trusted: Int32Array,
  doubtful: Int32Array,
  classes: number
): Uint8Array | undefined {
  const known = new Uint8Array(classes)
  for (const label of trusted) known[label] = 1
  return trusted.length > 0 && doubtful.some((label) => !known[label]) ? known : undefined
}

/** Probabilities among the known classes, row-major as they came; the other classes have none. */
export function amongKnown(probabilities: Float32Array, known: Uint8Array | undefined): Float32Array {
  if (!known) return probabilities
  const out = new Float32Array(probabilities.length)
  const classes = known.length
  for (let base = 0; base < out.length; base += classes) {
    const total = known.reduce((sum, own, k) => sum + own * probabilities[base + k]!, 0)
    if (total > 0) known.forEach((own, k) => (out[base + k] = (own * probabilities[base + k]!) / total))
  }
  return out
}

/**
 * What a classifier says that has met some classes only, among all: whether an example is of one of these, others say;
 * of which, it does. Without others every class is as likely as another.
 * @param probabilities row-major [examples, classes], as those of `others`
 */
export function amongAll(
  probabilities: Float32Array,
  known: Uint8Array | undefined,
  others: Float32Array | undefined
): Float32Array {
  if (!known) return probabilities
  const classes = known.length
  const out = amongKnown(probabilities, known)
  const other = (at: number): number => others?.[at] ?? 1 / classes
  for (let base = 0; base < out.length; base += classes) {
    const share = known.reduce((sum, own, k) => sum + own * other(base + k), 0)
    known.forEach((own, k) => (out[base + k] = own ? out[base + k]! * share : other(base + k)))
  }
  return out
}
