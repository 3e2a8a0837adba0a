import { logisticEvidence } from '../../evidence/logistic-evidence'
import { neighbourEvidence } from '../../evidence/neighbour-evidence'
import { trustedEvidence } from '../../evidence/trusted-evidence'
import { flagsForF1, labelBeliefs, sigmoid } from '../../evidence/wrong-labels'
import type { RowsOf } from '../shared/classifier-training'
import type { ResidentExamples } from '../shared/resident-examples'

/** What classifiers that have not seen a label say of it, taken together. */
export interface LabelEvidence {
  /** Probability that the label is right, one a doubtful example. */
  readonly right: Float32Array
  /** The likeliest class, and the likeliest other than the given one. */
  readonly likeliest: Int32Array
  readonly alternative: Int32Array
  /** Cross-validated class probabilities by logistic regression, row-major [examples, classes]. */
  readonly crossValidated: Float32Array
  /** How many labels to flag, by the expected F1. */
  readonly flags: number
}

/** Features held at once, in bytes; larger sets go without. */
const MOST_BYTES = 512 * 1024 * 1024

/** Whether a set is one that this evidence suits: a table or features, small enough to be held. */
export function takesEvidence({ count, shape }: ResidentExamples): boolean {
  return shape.length === 1 && count * shape[0]! * 4 <= MOST_BYTES
}

/**
 * Cross-validated logistic regression, nearest neighbours and the trusted examples alone, as one probability a label.
 * @param pause awaited between the parts, so that messages get in
 */
export async function believeLabels(
  train: ResidentExamples,
  trusted: RowsOf,
  seed: number,
  pause: () => Promise<unknown>
): Promise<LabelEvidence> {
  const width = train.shape[0]!
  const doubtful = train.count
  const features = new Float32Array((doubtful + trusted.rows.length) * width)
  features.set(train.read(Int32Array.from({ length: doubtful }, (_, row) => row)))
  features.set(trusted.examples.read(trusted.rows), doubtful * width)
  const labels = new Int32Array(doubtful + trusted.rows.length)
  labels.set(train.labels)
  labels.set(
    trusted.rows.map((row) => trusted.examples.labels[row]!),
    doubtful
  )
  const rows = { features, labels, width, classes: train.classes, doubtful }
  const logistic = logisticEvidence(rows, seed)
  await pause()
  const neighbours = neighbourEvidence(rows)
  await pause()
  const alone = trustedEvidence(rows, seed)
  await pause()
  const opinions = [logistic.probabilities, neighbours, ...(alone ? [alone] : [])]
  const { logOdds, likeliest, alternative } = labelBeliefs(opinions, labels, train.classes, doubtful, seed)
  return {
    right: Float32Array.from(logOdds, (odds) => sigmoid(-odds)),
    likeliest,
    alternative,
    crossValidated: logistic.probabilities.slice(0, doubtful * train.classes),
    flags: flagsForF1(logOdds.map(sigmoid))
  }
}

/** The cut under which so many of the scores lie, fewer where scores tie there. */
export function cutForFlags(scores: Float32Array, flags: number): number {
  const ordered = scores.slice().sort()
  return flags < ordered.length ? ordered[flags]! : 1
}
