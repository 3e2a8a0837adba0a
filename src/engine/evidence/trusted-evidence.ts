import { fitLogistic, logisticProbabilities } from '../numerics/logistic-regression'
import type { LogisticData } from '../numerics/logistic-regression'
import { rowCount, stratifiedFolds } from './labelled-rows'
import type { LogisticEvidence } from './logistic-evidence'
import type { EvidenceRows } from './labelled-rows'
import { Random } from '../../shared/numerics/random'

const FOLDS = 5
/** Few rows in many columns: a strong penalty. */
const STRENGTHS = [1e-3, 1e-2, 1e-1]
/** Rows up to which every fold helps to choose. */
const FEW = 200
/** Coefficients solved for at once where strengths are told apart: of many, fewer folds help. */
const MOST_COEFFICIENTS = 200_000
/** Few rows are soon fitted. */
const ITERATIONS = 30
const LEAST = 1e-6

/**
 * Class probabilities by a logistic regression on the trusted rows alone, row-major [rows, classes]; the trusted ones
 * are judged by models of the other folds. Undefined where there are too few to part.
 */
export function trustedEvidence(rows: EvidenceRows, seed: number): LogisticEvidence | undefined {
  const { classes, width, doubtful, labels } = rows
  const count = rowCount(rows) - doubtful
  if (count < 2 * classes) return undefined
  const trusted = {
    classes,
    width,
    features: rows.features.subarray(doubtful * width),
    labels: labels.subarray(doubtful)
  }
  const order = Random.derive(seed, 'trusted folds').permutation(count)
  const fold = stratifiedFolds(trusted.labels, FOLDS, order)
  const c = chosenStrength(trusted, fold)
  // The last model is one of all of them.
  const problems = Array.from({ length: FOLDS + 1 }, (_, f) => ({ weights: without(fold, f), c }))
  const models = fitLogistic(trusted, problems, undefined, ITERATIONS)
  const own = logisticProbabilities(trusted, models)
  const model = models.slice(FOLDS * (width + 1) * classes)
  const out = logisticProbabilities(rows, model)
  for (let row = 0; row < count; row++) {
    const from = (row * problems.length + fold[row]!) * classes
    out.set(own.subarray(from, from + classes), (doubtful + row) * classes)
  }
  return { probabilities: out, c, model }
}

/** 1 for the rows that are in another fold. */
function without(fold: Int32Array, held: number): Float32Array {
  return Float32Array.from(fold, (own) => Number(own !== held))
}

/** The strength with the least loss on rows held out: all of few, a fifth of many. */
function chosenStrength(trusted: LogisticData, fold: Int32Array): number {
  const { classes, width, labels } = trusted
  const affordable = Math.floor(MOST_COEFFICIENTS / (STRENGTHS.length * (width + 1) * classes))
  const folds = labels.length <= FEW ? Math.max(1, Math.min(FOLDS, affordable)) : 1
  const problems = STRENGTHS.flatMap((c) =>
    Array.from({ length: folds }, (_, f) => ({ weights: without(fold, f), c }))
  )
  const probabilities = logisticProbabilities(trusted, fitLogistic(trusted, problems, undefined, ITERATIONS))
  const losses = STRENGTHS.map((_, s) =>
    labels.reduce((loss, label, row) => {
      if (fold[row]! >= folds) return loss
      const p = probabilities[(row * problems.length + s * folds + fold[row]!) * classes + label]!
      return loss - Math.log(Math.max(p, LEAST))
    }, 0)
  )
  return STRENGTHS[losses.indexOf(Math.min(...losses))]!
}
