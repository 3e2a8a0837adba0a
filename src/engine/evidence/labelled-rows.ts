import type { TermKind, TermRows } from '../../shared/numerics/term-rows'

/**
 * What evidence is made of: rows of features with given labels, the doubtful ones first, then the trusted ones, whose
 * labels are right.
 */
export interface EvidenceRows {
  /** Row-major [count, width]. */
  readonly features: Float32Array
  /** Class indices, [count]. */
  readonly labels: Int32Array
  readonly width: number
  readonly classes: number
  /** How many of the rows, the first ones, are doubtful. */
  readonly doubtful: number
  /** The labels that the trusted rows had before a person judged them; -1 where they were trusted from the start. */
  readonly judged?: Int32Array
  /** Terms of the texts of some of the rows, ascending; left out where they hold none. */
  readonly terms?: ((kind: TermKind, rows: Int32Array) => TermRows) | undefined
}

export function rowCount({ labels }: EvidenceRows): number {
  return labels.length
}

/** Some of the rows, in the order asked for, as a matrix of features. */
export function featuresOf(
  { features, width }: Pick<EvidenceRows, 'features' | 'width'>,
  rows: ArrayLike<number>
): Float32Array {
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    out.set(features.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  }
  return out
}

/**
 * Each row's probabilities by the model that has not seen its fold, row-major [rows, classes].
 * @param probabilities by every model, [rows, models, classes]; model f has not seen fold f
 */
export function ofOwnFold(
  probabilities: Float32Array,
  fold: Int32Array,
  models: number,
  classes: number
): Float32Array {
  const out = new Float32Array(fold.length * classes)
  fold.forEach((own, row) => {
    const from = (row * models + own) * classes
    out.set(probabilities.subarray(from, from + classes), row * classes)
  })
  return out
}

/** A fold for each row, spread over the classes alike, so that a rare class is in the training part of every fold. */
export function stratifiedFolds(labels: Int32Array, folds: number, order: Int32Array): Int32Array {
  const next = new Map<number, number>()
  const out = new Int32Array(labels.length)
  for (const row of order) {
    const label = labels[row]!
    // Each class begins where it would if classes came one after the other.
    const fold = next.get(label) ?? label % folds
    out[row] = fold
    next.set(label, (fold + 1) % folds)
  }
  return out
}
