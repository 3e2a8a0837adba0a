import { fitLogistic, logisticProbabilities } from '../numerics/logistic-regression'
import { rowCount, stratifiedFolds } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'
import { Random } from '../../shared/numerics/random'

const FOLDS = 5
/** Few rows in many columns: a strong penalty. */
const STRENGTHS = [1e-3, 1e-2, 1e-1]
/** Few rows are soon fitted. */
const ITERATIONS = 30
const LEAST = 1e-6

/**
 * Class probabilities by a logistic regression on the trusted rows alone, row-major [rows, classes]; the trusted ones
 * are judged by models of the other folds. Undefined where there are too few to part.
 */
export function trustedEvidence(rows: EvidenceRows, seed: number): Float32Array | undefined {
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
  const problems = STRENGTHS.flatMap((c) =>
    Array.from({ length: FOLDS + 1 }, (_, f) => ({
      weights: Float32Array.from(fold, (own) => Number(own !== f)),
      c
    }))
  )
  const models = fitLogistic(trusted, problems, undefined, ITERATIONS)
  const own = logisticProbabilities(trusted, models)
  const at = (row: number, s: number): number =>
    (row * problems.length + s * (FOLDS + 1) + fold[row]!) * classes
  const losses = STRENGTHS.map((_, s) =>
    trusted.labels.reduce((loss, label, row) => loss - Math.log(Math.max(own[at(row, s) + label]!, LEAST)), 0)
  )
  const s = losses.indexOf(Math.min(...losses))
  const size = (width + 1) * classes
  const offset = (s * (FOLDS + 1) + FOLDS) * size
  const out = logisticProbabilities(rows, models.slice(offset, offset + size))
  for (let row = 0; row < count; row++) {
    out.set(own.subarray(at(row, s), at(row, s) + classes), (doubtful + row) * classes)
  }
  return out
}
