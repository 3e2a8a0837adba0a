import { fitLogistic, logisticProbabilities } from '../numerics/logistic-regression'
import type { LogisticData } from '../numerics/logistic-regression'
import { featuresOf, rowCount, stratifiedFolds } from './labelled-rows'
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
/** Some of their labels are wrong, so they are more than the trusted rows that they stand for. */
const MORE_STAND_INS = 4

interface Counted {
  readonly row: number
  readonly weight: number
}

/**
 * Class probabilities by a logistic regression on the trusted rows alone, row-major [rows, classes]; the trusted ones
 * are judged by models of the other folds. Undefined where there are too few to part.
 */
export function trustedEvidence(rows: EvidenceRows, seed: number): LogisticEvidence | undefined {
  const { classes, width, doubtful, labels } = rows
  const own = rowCount(rows) - doubtful
  const known = new Set(labels.subarray(doubtful))
  if (own < 2 * known.size) return undefined
  const picked = [
    ...standIns(rows, known, seed),
    ...Array.from({ length: own }, (_, i) => ({ row: doubtful + i, weight: 1 }))
  ]
  const count = picked.length
  const weights = Float32Array.from(picked, ({ weight }) => weight)
  const trusted = {
    classes,
    width,
    features:
      count === own
        ? rows.features.subarray(doubtful * width)
        : featuresOf(
            rows,
            picked.map(({ row }) => row)
          ),
    labels: Int32Array.from(picked, ({ row }) => labels[row]!)
  }
  const order = Random.derive(seed, 'trusted folds').permutation(count)
  const fold = stratifiedFolds(trusted.labels, FOLDS, order)
  const without = (held: number): Float32Array => weights.map((weight, i) => (fold[i] === held ? 0 : weight))
  const c = chosenStrength(trusted, fold, without)
  // The last model is one of all of them.
  const problems = Array.from({ length: FOLDS + 1 }, (_, f) => ({ weights: without(f), c }))
  const models = fitLogistic(trusted, problems, undefined, ITERATIONS)
  const said = logisticProbabilities(trusted, models)
  const model = models.slice(FOLDS * (width + 1) * classes)
  const out = logisticProbabilities(rows, model)
  for (let row = 0; row < count; row++) {
    const from = (row * problems.length + fold[row]!) * classes
    out.set(said.subarray(from, from + classes), picked[row]!.row * classes)
  }
  return { probabilities: out, c, model }
}

/**
 * Doubtful rows of the classes that have no trusted one, in their place: a classifier that does not know a class would
 * say of all its rows that they are of another. Together those of a class count as much as the trusted ones of another do
 * on the mean.
 */
function standIns({ doubtful, labels }: EvidenceRows, known: ReadonlySet<number>, seed: number): Counted[] {
  const places = new Map<number, number[]>()
  for (const row of Random.derive(seed, 'stand-ins').permutation(doubtful)) {
    const label = labels[row]!
    if (!known.has(label)) places.set(label, [...(places.get(label) ?? []), row])
  }
  const each = (labels.length - doubtful) / known.size
  const most = Math.ceil(MORE_STAND_INS * each)
  return [...places.values()]
    .flatMap((rows) =>
      rows.slice(0, most).map((row, _, { length }) => ({ row, weight: Math.min(1, each / length) }))
    )
    .sort((a, b) => a.row - b.row)
}

/** The strength with the least loss on rows held out: all of few, a fifth of many. */
function chosenStrength(
  trusted: LogisticData,
  fold: Int32Array,
  without: (held: number) => Float32Array
): number {
  const { classes, width, labels } = trusted
  const affordable = Math.floor(MOST_COEFFICIENTS / (STRENGTHS.length * (width + 1) * classes))
  const folds = labels.length <= FEW ? Math.max(1, Math.min(FOLDS, affordable)) : 1
  const problems = STRENGTHS.flatMap((c) =>
    Array.from({ length: folds }, (_, f) => ({ weights: without(f), c }))
  )
  const all = without(-1)
  const probabilities = logisticProbabilities(trusted, fitLogistic(trusted, problems, undefined, ITERATIONS))
  const losses = STRENGTHS.map((_, s) =>
    labels.reduce((loss, label, row) => {
      if (fold[row]! >= folds) return loss
      const p = probabilities[(row * problems.length + s * folds + fold[row]!) * classes + label]!
      return loss - all[row]! * Math.log(Math.max(p, LEAST))
    }, 0)
  )
  return STRENGTHS[losses.indexOf(Math.min(...losses))]!
}
