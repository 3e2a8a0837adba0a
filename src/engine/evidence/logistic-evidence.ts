import { Random } from '../../shared/numerics/random'
import { fitLogistic, logisticProbabilities } from '../numerics/logistic-regression'
import type { LogisticModels } from '../numerics/logistic-regression'
import { featuresOf, ofOwnFold, rowCount, stratifiedFolds } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'
import { leastLoss, trialRows } from './strength-trial'

/** Inverse strengths of the penalty that are tried. */
const STRENGTHS = [1e-4, 1e-3, 1e-2, 1e-1, 1]
/** Enough to tell strengths apart. */
const TRIAL_ITERATIONS = 20
/** Models side by side, each without a fold. */
export const FOLDS = 5
/** Rows at most that choose the strength. */
const TRIAL_ROWS = 3000

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
  const trial = trialRows(rows, fold, order, TRIAL_ROWS)
  const { picked, labels } = trial
  const data = { features: featuresOf(rows, picked), labels, width: rows.width, classes: rows.classes }
  const weightOf = (i: number): number => given?.[picked[i]!] ?? 1
  const weights = Float32Array.from(trial.held, (own, i) => (own ? 0 : weightOf(i)))
  // Fewer rows want the same penalty a row.
  const share = rowCount(rows) / picked.length
  const problems = strengths.map((c) => ({ weights, c: c * share }))
  const models: LogisticModels = fitLogistic(data, problems, undefined, TRIAL_ITERATIONS)
  const best = leastLoss(logisticProbabilities(data, models), trial, strengths.length, weightOf)
  const size = models.length / strengths.length
  return { c: strengths[best]!, start: models.slice(best * size, (best + 1) * size) }
}
