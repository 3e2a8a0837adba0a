import { Random } from '../../shared/numerics/random'
import { fitLogistic, logisticProbabilities } from '../numerics/logistic-regression'
import type { LogisticModels } from '../numerics/logistic-regression'
import { featuresOf, ofOwnFold, rowCount, stratifiedFolds } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'

/** Inverse strengths of the penalty that are tried. */
const STRENGTHS = [1e-4, 1e-3, 1e-2, 1e-1, 1]
/** Enough to tell strengths apart. */
const TRIAL_ITERATIONS = 20
/** Models side by side, each without a fold. */
export const FOLDS = 5
/** Rows at most that choose the strength, and fewer of many classes. */
const TRIAL_ROWS = 3000
const TRIAL_ENTRIES = 120_000
/** No probability is nearer to 0: one odd row must not decide. */
const LEAST = 1e-6

export interface LogisticEvidence {
  /** Of models that have not seen the row, row-major [rows, classes]. */
  readonly probabilities: Float32Array
  /** The inverse strength taken. */
  readonly c: number
  /** Coefficients with every row, [width + 1, classes]. */
  readonly model: LogisticModels
  /** Those without each fold. */
  readonly folds?: LogisticModels
}

/** A pass whose strength and coefficients are near, and how much each row counts now. */
type Before = Pick<LogisticEvidence, 'c' | 'model' | 'folds'> & { readonly weights: Float32Array }

/**
 * Class probabilities by multinomial logistic regression, each row's by a model trained on the other folds. The
 * strength of its L2 penalty is the one with the least loss on a fifth of the rows.
 */
export function logisticEvidence(rows: EvidenceRows, seed: number, before?: Before): LogisticEvidence {
  const count = rowCount(rows)
  const order = Random.derive(seed, 'evidence folds').permutation(count)
  const folds = Math.min(FOLDS, count)
  const fold = stratifiedFolds(rows.labels, folds, order)
  const weights = before?.weights
  // Labels that count for what they are worth let the penalty be weaker, never stronger.
  const strengths = before ? [before.c, 10 * before.c] : STRENGTHS
  const { c, start } = chosenStrength(rows, fold, order, strengths, weights)
  const model = fitLogistic(
    rows,
    [{ weights: weights ?? new Float32Array(count).fill(1), c }],
    before?.model ?? start
  )
  const problems = Array.from({ length: folds }, (_, f) => ({
    weights: Float32Array.from(fold, (own, row) => (own === f ? 0 : (weights?.[row] ?? 1))),
    c
  }))
  // Never from where all rows led: where columns are many that fits every label, and nothing pulls away from it.
  const models = fitLogistic(rows, problems, before?.folds)
  const shares = logisticProbabilities(rows, models)
  const probabilities = ofOwnFold(shares, fold, folds, rows.classes)
  return { probabilities, c, model, folds: models }
}

/** The strength with the least loss on a fold, and what was fitted with it. */
function chosenStrength(
  rows: EvidenceRows,
  fold: Int32Array,
  order: Int32Array,
  strengths: readonly number[],
  given?: Float32Array
): { c: number; start: LogisticModels } {
  const most = Math.min(TRIAL_ROWS, Math.max(1000, Math.round(TRIAL_ENTRIES / rows.classes)))
  const picked = order.subarray(0, most)
  const labels = Int32Array.from(picked, (row) => rows.labels[row]!)
  const data = { features: featuresOf(rows, picked), labels, width: rows.width, classes: rows.classes }
  const held = picked.map((row) => Number(fold[row] === 0))
  const weights = Float32Array.from(held, (own, i) => (own ? 0 : (given?.[picked[i]!] ?? 1)))
  // Fewer rows want the same penalty a row.
  const share = rowCount(rows) / picked.length
  const problems = strengths.map((c) => ({ weights, c: c * share }))
  const models: LogisticModels = fitLogistic(data, problems, undefined, TRIAL_ITERATIONS)
  const all = logisticProbabilities(data, models)
  const losses = strengths.map((_, s) => {
    let loss = 0
    held.forEach((own, i) => {
      if (!own) return
      const p = all[(i * strengths.length + s) * rows.classes + labels[i]!]!
      loss -= (given?.[picked[i]!] ?? 1) * Math.log(Math.max(p, LEAST))
    })
    return loss
  })
  const best = losses.indexOf(Math.min(...losses))
  const size = models.length / strengths.length
  return { c: strengths[best]!, start: models.slice(best * size, (best + 1) * size) }
}
