import type { EvidenceRows } from './labelled-rows'

/** Classes of all rows that choose a strength, at most: of many classes, fewer rows do. */
const TRIAL_ENTRIES = 120_000
const FEWEST = 1000
/** No probability is nearer to 0: one odd row must not decide. */
const LEAST = 1e-6

/** The rows that choose the strength of a penalty; those of the first fold are held out. */
export interface StrengthTrial {
  readonly classes: number
  readonly picked: Int32Array
  readonly labels: Int32Array
  /** 1 for a row that is held out. */
  readonly held: Int32Array
}

/** @param most rows, where classes are few */
export function trialRows(
  { labels, classes }: EvidenceRows,
  fold: Int32Array,
  order: Int32Array,
  most: number
): StrengthTrial {
  const picked = order.subarray(0, Math.min(most, Math.max(FEWEST, Math.round(TRIAL_ENTRIES / classes))))
  const held = picked.map((row) => Number(fold[row] === 0))
  return { classes, picked, labels: picked.map((row) => labels[row]!), held }
}

/**
 * The model with the least loss on the rows held out.
 * @param probabilities row-major [rows, models, classes]
 */
export function leastLoss(
  probabilities: Float32Array,
  { labels, held, classes }: StrengthTrial,
  models: number,
  weightOf: (i: number) => number = () => 1
): number {
  const losses = Array.from({ length: models }, (_, model) =>
    held.reduce((loss, own, i) => {
      if (!own) return loss
      const p = probabilities[(i * models + model) * classes + labels[i]!]!
      return loss - weightOf(i) * Math.log(Math.max(p, LEAST))
    }, 0)
  )
  return losses.indexOf(Math.min(...losses))
}
