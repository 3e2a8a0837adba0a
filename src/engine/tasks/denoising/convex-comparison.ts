import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import { wilsonInterval } from '../../../shared/numerics/rate-interval'
import { amongKnown } from '../../../shared/numerics/known-classes'
import { ofOwnFold, stratifiedFolds } from '../../evidence/labelled-rows'
import { fitLogistic, logisticProbabilities, repeated } from '../../numerics/logistic-regression'
import type { LogisticData, LogisticModels, LogisticProblem } from '../../numerics/logistic-regression'
import { scoreClassifier, scoreProbabilities } from '../shared/classifier-training'
import type { ClassifierScore, RowsOf } from '../shared/classifier-training'
import { rowsToSolve, rowsTogether } from './convex-classifier'
import type { ImportanceResult } from './importance-learning'
import type { PreparedRun } from './prepared-run'
import { FEWEST_TO_CHOOSE, TITLES } from './recommendation'
import type { Choice } from './recommendation'

const NAMES = ['cleaned', 'noisy', 'trustedOnly'] as const
type Name = (typeof NAMES)[number]

const FOLDS = 5
/** Coefficients solved for at once. */
const MOST_COEFFICIENTS = 300_000

interface Solution {
  /** Solved for with every trusted example. */
  readonly parameters: Float32Array
  /** Of trusted examples, each by a classifier that has not seen it. */
  readonly score: ClassifierScore
  /** Of each trusted example, its cross-entropy. */
  readonly losses: Float64Array
}

/**
 * Linear classifiers, which cost little: all solved for together, and compared by cross-validation over all trusted
 * examples. The cleaned one is the choice unless another one's loss is lower by more than a standard error.
 * @param c inverse strength of the penalty
 */
export function compareSolved(
  prepared: PreparedRun,
  c: number,
  learned: ImportanceResult,
  kept: RowsOf
): Choice {
  const { network, test, allTrusted } = prepared
  const solutions = solve(prepared, c, kept)
  const trusted = allTrusted.rows.length
  const isChoosable = trusted >= FEWEST_TO_CHOOSE
  const { known } = allTrusted.examples
  // One that has never met a class cannot name it, and is not asked to by examples of the others.
  const candidates = NAMES.filter((name) => name !== 'trustedOnly' || !known)
  const best = isChoosable ? chosen(solutions, candidates) : 'cleaned'
  const accuracy = (parameters: Float32Array): number | null =>
    test ? scoreClassifier(network, parameters, test).accuracy : null
  const heldBackAccuracy = Object.fromEntries(
    isChoosable ? NAMES.map((name) => [name, solutions[name].score.accuracy]) : []
  )
  const testAccuracy: DenoisingMetrics['testAccuracy'] = {
    trustedOnly: accuracy(solutions.trustedOnly.parameters),
    noisy: accuracy(solutions.noisy.parameters),
    bilevel: accuracy(learned.lower),
    cleaned: accuracy(solutions.cleaned.parameters)
  }
  return {
    recommendation: {
      classifier: best,
      reason: isChoosable
        ? crossValidated(solutions[best].score, trusted)
        : 'There are too few trusted examples to compare classifiers; this is the usual choice.'
    },
    testAccuracy,
    heldBackAccuracy,
    advice:
      best === 'cleaned'
        ? []
        : [
            `Cleaning does not pay here: ${TITLES[best]} predicts the trusted examples better than the one retrained on the cleaned set.`
          ],
    parameters: solutions[best].parameters
  }
}

function crossValidated({ accuracy }: ClassifierScore, trusted: number): string {
  const [low, high] = wilsonInterval(accuracy * trusted, trusted)
  const percent = (share: number): string => (100 * share).toFixed(0)
  return `Cross-validated over your ${trusted} trusted examples it is right for ${percent(accuracy)} % (95 % interval ${percent(low)} to ${percent(high)} %).`
}

function chosen(solutions: Readonly<Record<Name, Solution>>, candidates: readonly Name[]): Name {
  const { losses: usual } = solutions.cleaned
  const better = candidates.filter((name) => {
    const gains = solutions[name].losses.map((loss, row) => usual[row]! - loss)
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length
    const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / gains.length
    return mean > Math.sqrt(variance / gains.length)
  })
  const score = (name: Name): number => solutions[name].score.calibratedLoss
  return better.reduce<Name>((best, name) => (score(name) < score(best) ? name : best), 'cleaned')
}

function solve(
  { everything, allTrusted, twins, spec }: PreparedRun,
  c: number,
  kept: RowsOf
): Record<Name, Solution> {
  const { rows, share, examples } = rowsToSolve(everything, spec.seed)
  const data = rowsTogether([{ examples, rows }, allTrusted])
  const doubtful = rows.length
  const size = (data.width + 1) * data.classes
  const affordable = Math.floor(MOST_COEFFICIENTS / (NAMES.length * size)) - 1
  const folds = Math.max(2, Math.min(FOLDS, affordable))
  const labels = data.labels.subarray(doubtful)
  const fold = stratifiedFolds(labels, folds, Int32Array.from(labels.keys()))
  const cleaned = new Float32Array(examples.count)
  for (const row of kept.rows) cleaned[row] = 1
  // What is trusted as well counts there, in its fold.
  const own = (weight: (row: number) => number): Float32Array =>
    Float32Array.from(rows, (row) => (twins.has(row) ? 0 : weight(row)))
  const trusted = { ...data, features: data.features.subarray(doubtful * data.width), labels }
  // The last one has every trusted example.
  const inFolds = Array.from({ length: folds + 1 }, (_, held) =>
    Float32Array.from(fold, (f) => Number(f !== held))
  )
  const models: Record<Name, LogisticModels> = {
    ...withDoubtful(data, { cleaned: own((row) => cleaned[row]!), noisy: own(() => 1) }, inFolds, c / share),
    trustedOnly: fitLogistic(
      trusted,
      inFolds.map((weights) => ({ weights, c }))
    )
  }
  const solution = (name: Name): Solution => {
    const probabilities = logisticProbabilities(trusted, models[name])
    const own = amongKnown(ofOwnFold(probabilities, fold, folds + 1, data.classes), allTrusted.examples.known)
    return {
      parameters: models[name].slice(folds * size),
      score: scoreProbabilities(own, labels, data.classes),
      losses: Float64Array.from(
        labels,
        (label, row) => -Math.log(Math.max(own[row * data.classes + label]!, 1e-12))
      )
    }
  }
  return {
    cleaned: solution('cleaned'),
    noisy: solution('noisy'),
    trustedOnly: solution('trustedOnly')
  }
}

/**
 * Models of the doubtful rows, weighted each way, with some of the trusted ones. The doubtful rows alone lead: they are
 * most of the work, and know nothing of what the models are judged by.
 */
function withDoubtful<T extends string>(
  data: LogisticData,
  ways: Readonly<Record<T, Float32Array>>,
  inFolds: readonly Float32Array[],
  c: number
): Record<T, LogisticModels> {
  const none = new Float32Array(inFolds[0]!.length)
  let start: LogisticModels | undefined
  const solved = (Object.entries(ways) as [T, Float32Array][]).map(([name, doubtful]) => {
    const counted = (trusted: Float32Array): LogisticProblem => {
      const weights = new Float32Array(doubtful.length + trusted.length)
      weights.set(doubtful)
      weights.set(trusted, doubtful.length)
      return { weights, c }
    }
    start = fitLogistic(data, [counted(none)], start)
    return [name, fitLogistic(data, inFolds.map(counted), repeated(start, inFolds.length))] as const
  })
  return Object.fromEntries(solved) as Record<T, LogisticModels>
}
