import { exampleSize } from '../../../shared/domain/dataset'
import type { EvidenceRows } from '../../evidence/labelled-rows'
import { joinTerms } from '../../../shared/numerics/term-rows'
import { logisticEvidence } from '../../evidence/logistic-evidence'
import type { LogisticEvidence } from '../../evidence/logistic-evidence'
import { sigmoid } from '../../evidence/log-odds'
import { neighbourEvidence } from '../../evidence/neighbour-evidence'
import { plantedErrors } from '../../evidence/planted-errors'
import { TERM_KINDS, textEvidence } from '../../evidence/text-evidence'
import type { TextEvidence } from '../../evidence/text-evidence'
import { takesTrees, treeEvidence } from '../../evidence/tree-evidence'
import type { TreeEvidence } from '../../evidence/tree-evidence'
import type { TrustedErrors } from '../../evidence/trusted-errors'
import { trustedEvidence } from '../../evidence/trusted-evidence'
import { LabelBeliefs } from '../../evidence/wrong-labels'
import type { RowsOf } from '../shared/classifier-training'
import type { Twins } from './decided-examples'
import { partOf } from './time-budget'
import type { TimeBudget } from './time-budget'

/** What classifiers that have not seen a label say of examples that are judged together. */
export interface JudgedPart {
  /** Probability that the label is right, one an example. */
  readonly right: Float32Array
  /** The likeliest class, and the likeliest other than the given one. */
  readonly likeliest: Int32Array
  readonly alternative: Int32Array
  /** By logistic regression as it was first trained, row-major [examples, classes]. */
  readonly crossValidated: Float32Array
  /** By the trusted examples alone, where they are enough. */
  readonly trustedOnly: Float32Array | undefined
  /** Inverse strengths of the penalty that suit the part, and the trusted examples alone. */
  readonly c: number
  readonly trustedC: number | undefined
  /** Log odds that labels are wrong, one for each example that is not trusted as well. */
  readonly logOdds: Float64Array
  /** Probability that there are wrong labels at all. */
  readonly anyWrong: number
  /** Share of what the labels' frequencies leave open that the opinions explain. */
  readonly explained: number
  /** Whether trusted labels look wrong themselves; undefined where they do not. */
  readonly trustedErrors: TrustedErrors | undefined
  /** Log odds of errors planted among trusted examples; undefined where a review trusted all of them. */
  readonly planted: Float64Array | undefined
  /** Whether time was too short for all that is asked otherwise. */
  readonly isCut: boolean
}

/**
 * A further classifier's opinion; undefined where its time does not suffice.
 * @param rest awaited now and then, so that messages get in
 */
export type Opinion = (
  rows: EvidenceRows,
  rest: () => Promise<unknown>,
  budget: TimeBudget
) => Promise<Float32Array | undefined>

/** Of the time that a part has, for a further opinion. */
const OPINION_SHARE = 0.5

/** Steps that a part is judged in, without a further opinion. */
export const STEPS = 6

/** What is asked beside, and how long all may take. */
export interface Asked {
  readonly twins: Twins
  readonly opinion: Opinion | undefined
  readonly budget: TimeBudget
}

/** Classifiers trained in one pass, and what is believed after it. */
interface Trained extends LogisticEvidence {
  /** Class probabilities of all that were asked. */
  readonly opinions: readonly Float32Array[]
  readonly trees: TreeEvidence | undefined
  readonly texts: readonly (TextEvidence | undefined)[]
  readonly beliefs: LabelBeliefs
  readonly logOdds: Float64Array
  /** Probability that a label is right, 1 for trusted rows. */
  readonly weights: Float32Array
}

/**
 * Cross-validated logistic regression, on all terms of texts too, and trees, nearest neighbours and the trusted examples
 * alone, and a further opinion where one is given, as one probability a label; the classifiers are trained twice, the second time with each label
 * weighted by its probability of being right. Time that is short leaves out what is asked last: neighbours, the trusted
 * examples and one logistic regression always have their say.
 * @param rest awaited after each step with how many are done, so that messages get in
 */
export async function judgePart(
  examples: RowsOf,
  trusted: RowsOf,
  seed: number,
  rest: (steps: number) => Promise<unknown>,
  { twins, opinion, budget }: Asked
): Promise<JudgedPart> {
  const { rows, places } = rowsOf(examples, trusted, twins)
  const { labels, classes, doubtful } = rows
  let steps = 0
  const paused = async <T>(step: T): Promise<T> => {
    await rest(++steps)
    return step
  }
  const neighbours = await paused(neighbourEvidence(rows))
  const alone = await paused(trustedEvidence(rows, seed))
  const further =
    opinion && (await paused(await opinion(rows, () => rest(steps), partOf(budget, OPINION_SHARE))))
  const standing = [neighbours, ...(alone ? [alone.probabilities] : []), ...(further ? [further] : [])]
  let isCut = opinion !== undefined && further === undefined
  const inTime = (): boolean => {
    const isThere = budget.left() > 0
    isCut ||= !isThere
    return isThere
  }
  const trained = async (before?: Trained): Promise<Trained> => {
    const logistic = await paused(logisticEvidence(rows, seed, before))
    const grown = await paused(
      takesTrees(rows) && inTime() ? treeEvidence(rows, seed, grownOn(before)) : undefined
    )
    const texts: (TextEvidence | undefined)[] = []
    for (const [i, kind] of TERM_KINDS.entries()) {
      const known = before?.texts[i]
      const isAsked = (!before || known) && (rows.terms === undefined || inTime())
      texts.push(
        isAsked ? textEvidence(rows, kind, seed, known && { ...known, weights: before!.weights }) : undefined
      )
      await rest(steps)
    }
    const own = [
      logistic.probabilities,
      ...(grown ? [grown.probabilities] : []),
      ...texts.flatMap((found) => (found ? [found.probabilities] : []))
    ]
    const opinions = [...own, ...standing]
    const beliefs = believed(rows, opinions, seed, before?.beliefs)
    const logOdds = beliefs.logOdds()
    const weights = new Float32Array(labels.length).fill(1)
    weights.set(logOdds.map((odds) => sigmoid(-odds)))
    if (beliefs.trustedErrors?.isPlain) weights.set(beliefs.trustedErrors.right, doubtful)
    return { ...logistic, opinions, trees: grown, texts, beliefs, logOdds, weights }
  }
  const begun = budget.left()
  const first = await trained()
  // As long again as the first pass took.
  const isTwice = inTime() && 2 * budget.left() >= begun
  isCut ||= !isTwice
  const { beliefs, logOdds, c } = isTwice ? await trained(first) : finished(rows, first, seed)
  const each = Array.from(places, (place) => beliefs.of(place))
  return {
    right: Float32Array.from(places, (place) => (place < doubtful ? sigmoid(-logOdds[place]!) : 1)),
    likeliest: Int32Array.from(each, (belief) => belief.likeliest),
    alternative: Int32Array.from(each, (belief) => belief.alternative),
    crossValidated: atPlaces(first.probabilities, places, classes),
    trustedOnly: alone && atPlaces(alone.probabilities, places, classes),
    c,
    trustedC: alone?.c,
    logOdds,
    anyWrong: beliefs.anyWrong,
    explained: beliefs.explained,
    trustedErrors: beliefs.trustedErrors,
    planted: rows.judged?.includes(-1) ? plantedErrors(rows, beliefs) : undefined,
    isCut
  }
}

function grownOn(before: Trained | undefined): Parameters<typeof treeEvidence>[2] {
  return before?.trees && { leaf: before.trees.leaf, weights: before.weights }
}

function believed(
  { labels, classes, doubtful, judged }: EvidenceRows,
  opinions: readonly Float32Array[],
  seed: number,
  before: LabelBeliefs | undefined
): LabelBeliefs {
  const doubts = before?.trustedErrors
  return new LabelBeliefs(opinions, labels, classes, doubtful, seed, { isRough: !before, judged, doubts })
}

/** A first pass that no second follows: its opinions, fully believed. */
function finished(
  rows: EvidenceRows,
  { opinions, c, beliefs: rough }: Trained,
  seed: number
): Pick<Trained, 'beliefs' | 'logOdds' | 'c'> {
  const beliefs = believed(rows, opinions, seed, rough)
  return { beliefs, logOdds: beliefs.logOdds(), c }
}

/**
 * Doubtful rows with their labels, then the trusted ones; and where each of the examples stands among them. One that
 * is a trusted one as well stands there alone: twice, its own label would speak for it.
 */
function rowsOf(
  { examples: train, rows: asked }: RowsOf,
  trusted: RowsOf,
  twins: Twins
): { rows: EvidenceRows; places: Int32Array } {
  const width = exampleSize(train.shape)
  const order = new Map(Array.from(trusted.rows, (row, i) => [row, i]))
  const twinOf = (row: number): number | undefined => {
    const twin = twins.get(row)
    return twin && order.get(twin.row)
  }
  const doubtful = asked.filter((row) => twinOf(row) === undefined)
  let next = 0
  const places = asked.map((row) => {
    const twin = twinOf(row)
    return twin === undefined ? next++ : doubtful.length + twin
  })
  const judged = new Int32Array(trusted.rows.length).fill(-1)
  for (const [row, { given = -1 }] of twins) {
    const twin = twinOf(row)
    if (twin !== undefined) judged[twin] = given
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
  const terms: EvidenceRows['terms'] =
    train.hasTerms && trusted.examples.hasTerms
      ? (kind, picked) => {
          const own = picked.filter((row) => row < doubtful.length).map((row) => doubtful[row]!)
          const known = picked.filter((row) => row >= doubtful.length)
          return joinTerms(
            train.terms(own, kind),
            trusted.examples.terms(
              known.map((row) => trusted.rows[row - doubtful.length]!),
              kind
            )
          )
        }
      : undefined
  const rows = { features, labels, width, classes: train.classes, doubtful: doubtful.length, judged, terms }
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
