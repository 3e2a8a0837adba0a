import { exampleSize } from '../../../shared/domain/dataset'
import { SMALL_PICTURE } from '../../../shared/domain/features-choice'
import { cheapestCut } from '../../../shared/domain/prices'
import type { Prices } from '../../../shared/domain/prices'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { expectedErrors } from '../../evidence/expected-errors'
import type { ExpectedErrors } from '../../evidence/expected-errors'
import type { EvidenceRows } from '../../evidence/labelled-rows'
import { logisticEvidence } from '../../evidence/logistic-evidence'
import type { LogisticEvidence } from '../../evidence/logistic-evidence'
import { sigmoid } from '../../evidence/log-odds'
import { neighbourEvidence } from '../../evidence/neighbour-evidence'
import { plantedErrors } from '../../evidence/planted-errors'
import type { PlantedErrors } from '../../evidence/planted-errors'
import { takesTrees, treeEvidence } from '../../evidence/tree-evidence'
import { trustedEvidence } from '../../evidence/trusted-evidence'
import { flagsForF1, LabelBeliefs } from '../../evidence/wrong-labels'
import type { RowsOf } from '../shared/classifier-training'
import type { Twins } from './decided-examples'
import type { ResidentExamples } from '../shared/resident-examples'

/** What classifiers that have not seen a label say of it, taken together. */
export interface LabelEvidence {
  /** Probability that the label is right, one an example. */
  readonly right: Float32Array
  /** The likeliest class, and the likeliest other than the given one. */
  readonly likeliest: Int32Array
  readonly alternative: Int32Array
  /** Cross-validated class probabilities by logistic regression, row-major [examples, classes]. */
  readonly crossValidated: Float32Array
  /** The same by the trusted examples alone, where they are enough. */
  readonly trustedOnly: Float32Array | undefined
  /** Inverse strengths of the penalty that suit the data, and the trusted examples alone. */
  readonly c: number
  readonly trustedC: number | undefined
  /** How many labels to flag, by the expected F1 or by prices. */
  readonly flags: number
  /** How many wrong labels there are among those flagged and among the others. */
  readonly expected: ExpectedErrors
  /** How many of the errors planted among trusted examples would be flagged; undefined where there are none. */
  readonly planted: PlantedErrors | undefined
}

/** Features held at once, in bytes; larger sets go without. */
export const MOST_BYTES = 512 * 1024 * 1024
/** Parts that the evidence comes in, without a further opinion. */
const PARTS = 6

/**
 * Whether a run gives each label a probability: on a table, on features, and on small pictures for a model that reads
 * them as rows too, small enough to be held, unless cross-validation is turned off.
 */
export function judgesLabels(
  { count, shape }: Pick<ResidentExamples, 'count' | 'shape'>,
  { crossValidation = 2, model }: Pick<DenoisingSpec, 'crossValidation' | 'model'>
): boolean {
  const size = exampleSize(shape)
  const isRows = shape.length === 1 || (size <= SMALL_PICTURE && (model === 'logistic' || model === 'mlp'))
  return isRows && count * size * 4 <= MOST_BYTES && crossValidation > 1
}

/** Classifiers trained in one pass, and what is believed after it. */
interface Trained extends LogisticEvidence {
  readonly beliefs: LabelBeliefs
  readonly logOdds: Float64Array
  /** Probability that a label is right, 1 for trusted rows. */
  readonly weights: Float32Array
}

export interface BeliefOptions {
  /** Examples of train that are trusted ones as well. */
  readonly twins?: Twins
  /** What flags cost; F1 decides where left out. */
  readonly prices?: Prices
  /** A further classifier: class probabilities of rows that it has not seen, [rows, classes]. */
  readonly opinion?: Opinion
}

/** @param rest awaited now and then, so that messages get in */
export type Opinion = (rows: EvidenceRows, rest: () => Promise<unknown>) => Promise<Float32Array>

/** Trees of the first pass, which only weighs the labels for the second, and of that. */
const FIRST_TREES = 40
const TREES = 80

/**
 * Cross-validated logistic regression and trees, nearest neighbours and the trusted examples alone, and a further opinion
 * where one is given, as one probability a label; the classifiers are trained twice, the second time with each label
 * weighted by its probability of being right.
 * @param rest awaited between the parts with the share that is done, so that messages get in
 */
export async function believeLabels(
  train: ResidentExamples,
  trusted: RowsOf,
  seed: number,
  rest: (done: number) => Promise<unknown>,
  { twins = new Map(), prices, opinion }: BeliefOptions = {}
): Promise<LabelEvidence> {
  const { rows, places } = rowsOf(train, trusted, twins)
  const { labels, classes, doubtful } = rows
  const all = PARTS + Number(opinion !== undefined)
  let parts = 0
  const paused = async <T>(part: T): Promise<T> => {
    await rest(++parts / all)
    return part
  }
  const neighbours = await paused(neighbourEvidence(rows))
  const alone = await paused(trustedEvidence(rows, seed))
  const further = opinion && (await paused(await opinion(rows, () => rest(parts / all))))
  const standing = [neighbours, ...(alone ? [alone.probabilities] : []), ...(further ? [further] : [])]
  const trained = async (trees: number, before?: Trained): Promise<Trained> => {
    const logistic = await paused(logisticEvidence(rows, seed, before))
    const grown = await paused(
      takesTrees(rows) ? treeEvidence(rows, trees, seed, before?.weights) : undefined
    )
    const own = [logistic.probabilities, ...(grown ? [grown] : [])]
    const beliefs = new LabelBeliefs([...own, ...standing], labels, classes, doubtful, seed, {
      isRough: !before,
      judged: rows.judged
    })
    const logOdds = beliefs.logOdds()
    const weights = new Float32Array(labels.length).fill(1)
    weights.set(logOdds.map((odds) => sigmoid(-odds)))
    return { ...logistic, beliefs, logOdds, weights }
  }
  const first = await trained(FIRST_TREES)
  const { beliefs, logOdds, c } = await trained(TREES, first)
  const each = Array.from(places, (place) => beliefs.of(place))
  const wrong = logOdds.map(sigmoid)
  const flags = flagCount(wrong, beliefs.anyWrong, prices)
  const ordered = logOdds.toSorted().reverse()
  const isAnchored = labels.length > doubtful
  return {
    right: Float32Array.from(places, (place) => (place < doubtful ? sigmoid(-logOdds[place]!) : 1)),
    likeliest: Int32Array.from(each, (belief) => belief.likeliest),
    alternative: Int32Array.from(each, (belief) => belief.alternative),
    crossValidated: atPlaces(first.probabilities, places, classes),
    trustedOnly: alone && atPlaces(alone.probabilities, places, classes),
    c,
    trustedC: alone?.c,
    flags,
    expected: expectedErrors(ordered, flags, seed, isAnchored),
    planted: rows.judged?.includes(-1)
      ? plantedErrors(rows, beliefs, flags > 0 ? ordered[flags - 1]! : Infinity)
      : undefined
  }
}

/** Of the labels at most, where it is likelier that none is wrong: the most suspicious are worth a look. */
const FLAGGED_IN_DOUBT = 0.015

function flagCount(wrong: Float64Array, anyWrong: number, prices: Prices | undefined): number {
  if (prices) {
    const cut = cheapestCut(prices)
    return wrong.filter((p) => 1 - p < cut).length
  }
  const flags = flagsForF1(wrong)
  if (anyWrong >= 0.5) return flags
  const expected = wrong.reduce((sum, p) => sum + p, 0)
  return Math.min(flags, Math.round(expected), Math.floor(FLAGGED_IN_DOUBT * wrong.length))
}

/**
 * Doubtful rows with their labels, then the trusted ones; and where each example of train stands among them. One that
 * is a trusted one as well stands there alone: twice, its own label would speak for it.
 */
function rowsOf(
  train: ResidentExamples,
  trusted: RowsOf,
  twins: Twins
): { rows: EvidenceRows; places: Int32Array } {
  const width = exampleSize(train.shape)
  const order = new Map(Array.from(trusted.rows, (row, i) => [row, i]))
  const twinOf = (row: number): number | undefined => {
    const twin = twins.get(row)
    return twin && order.get(twin.row)
  }
  const all = Int32Array.from({ length: train.count }, (_, row) => row)
  const doubtful = all.filter((row) => twinOf(row) === undefined)
  const places = new Int32Array(train.count)
  doubtful.forEach((row, place) => (places[row] = place))
  const judged = new Int32Array(trusted.rows.length).fill(-1)
  for (const [row, { given = -1 }] of twins) {
    const twin = twinOf(row)
    if (twin === undefined) continue
    places[row] = doubtful.length + twin
    judged[twin] = given
  }
  const count = doubtful.length + trusted.rows.length
  const features = new Float32Array(count * width)
  features.set(train.read(doubtful))
  features.set(trusted.examples.read(trusted.rows), doubtful.length * width)
  const labels = new Int32Array(count)
  labels.set(doubtful.map((row) => train.labels[row]!))
  labels.set(
    trusted.rows.map((row) => trusted.examples.labels[row]!),
    doubtful.length
  )
  const rows = { features, labels, width, classes: train.classes, doubtful: doubtful.length, judged }
  return { rows, places }
}

/** Rows of a matrix of so many columns. */
function atPlaces(values: Float32Array, places: Int32Array, columns: number): Float32Array {
  const out = new Float32Array(places.length * columns)
  places.forEach((place, row) =>
    out.set(values.subarray(place * columns, (place + 1) * columns), row * columns)
  )
  return out
}

/** The cut under which so many of the scores lie, fewer where scores tie there. */
export function cutForFlags(scores: Float32Array, flags: number): number {
  const ordered = scores.slice().sort()
  return flags < ordered.length ? ordered[flags]! : 1
}
