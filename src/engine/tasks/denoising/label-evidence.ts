import { exampleSize } from '../../../shared/domain/dataset'
import { SMALL_PICTURE } from '../../../shared/domain/features-choice'
import { cheapestCut } from '../../../shared/domain/prices'
import type { Prices } from '../../../shared/domain/prices'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { Random } from '../../../shared/numerics/random'
import { expectedErrors } from '../../evidence/expected-errors'
import type { ExpectedErrors } from '../../evidence/expected-errors'
import type { PlantedErrors } from '../../evidence/planted-errors'
import { FOLDS } from '../../evidence/logistic-evidence'
import { sigmoid } from '../../evidence/log-odds'
import { productsAsked } from '../../evidence/text-evidence'
import { flagsForF1 } from '../../evidence/wrong-labels'
import type { RowsOf } from '../shared/classifier-training'
import type { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource } from '../shared/task-run'
import type { Twins } from './decided-examples'
import { trustedWrong } from './trusted-wrong'
import type { TrustedWrong } from './trusted-wrong'
import { judgePart, STEPS } from './judged-part'
import type { JudgedPart, Opinion } from './judged-part'
import { partOf, UNLIMITED } from './time-budget'
import type { TimeBudget } from './time-budget'

/** What classifiers that have not seen a label say of it, taken together. */
export interface LabelEvidence extends Omit<
  JudgedPart,
  'logOdds' | 'anyWrong' | 'explained' | 'planted' | 'trustedErrors'
> {
  /** How many labels to flag, by the expected F1 or by prices. */
  readonly flags: number
  /** How many wrong labels there are among those flagged and among the others. */
  readonly expected: ExpectedErrors
  /** How many of the errors planted among trusted examples would be flagged; undefined where there are none. */
  readonly planted: PlantedErrors | undefined
  /** Trusted labels that look wrong; undefined where none do. */
  readonly trustedWrong: TrustedWrong | undefined
}

/** Bytes of features, and of logits by folds, that examples take to be judged together; and a part of more than that. */
export interface Room {
  readonly together: number
  readonly part: number
}

const ROOM: Room = { together: 512 * 1024 * 1024, part: 128 * 1024 * 1024 }

/**
 * Whether a run gives each label a probability: on a table, on features, and on small pictures for a model that reads
 * them as rows too, unless cross-validation is turned off.
 */
export function judgesLabels(
  { shape }: Pick<ResidentExamples, 'shape'>,
  { crossValidation = 2, model }: Pick<DenoisingSpec, 'crossValidation' | 'model'>
): boolean {
  const isRead = exampleSize(shape) <= SMALL_PICTURE && (model === 'logistic' || model === 'mlp')
  return (shape.length === 1 || isRead) && crossValidation > 1
}

/** How much the terms of texts have to be multiplied to judge labels by them: 0 of what holds none. */
export function textsAsked({
  count,
  classNames,
  readTerms
}: Pick<ExampleSource, 'count' | 'classNames' | 'readTerms'>): number {
  return readTerms ? productsAsked((kind, rows) => readTerms(rows, kind), count, classNames.length) : 0
}

export interface BeliefOptions {
  /** Examples of train that are trusted ones as well. */
  readonly twins?: Twins
  /** What flags cost; F1 decides where left out. */
  readonly prices?: Prices
  /** A further classifier: class probabilities of rows that it has not seen, [rows, classes]. */
  readonly opinion?: Opinion
  readonly room?: Room
  /** How long it may take; what is asked last is left out where it is short. */
  readonly budget?: TimeBudget
}

/**
 * What all opinions say of each label (`judgePart`), as one probability. Examples that are too many to be held are judged
 * in parts drawn by chance, each by its own classifiers and with every trusted example: memory then grows with what is
 * kept of each example only.
 * @param rest awaited between the steps with the share that is done, so that messages get in
 */
export async function believeLabels(
  train: ResidentExamples,
  trusted: RowsOf,
  seed: number,
  rest: (done: number) => Promise<unknown>,
  { twins = new Map(), prices, opinion, room = ROOM, budget = UNLIMITED }: BeliefOptions = {}
): Promise<LabelEvidence> {
  const parts = partsOf(train, seed, room)
  const steps = STEPS + Number(opinion !== undefined)
  const judged: JudgedPart[] = []
  for (const [i, rows] of parts.entries()) {
    const progress = (done: number): Promise<unknown> => rest((i + done / steps) / parts.length)
    const asked = { twins, opinion, budget: partOf(budget, 1 / (parts.length - i)) }
    judged.push(await judgePart({ examples: train, rows }, trusted, seed, progress, asked))
  }
  const [first] = judged as [JudgedPart, ...JudgedPart[]]
  const logOdds = new Float64Array(judged.reduce((total, part) => total + part.logOdds.length, 0))
  judged.reduce((at, part) => (logOdds.set(part.logOdds, at), at + part.logOdds.length), 0)
  const ordered = logOdds.toSorted().reverse()
  const meanOf = (of: 'anyWrong' | 'explained'): number =>
    judged.reduce((sum, part) => sum + part[of], 0) / judged.length
  const anyWrong = meanOf('anyWrong')
  const flags = flagCount(logOdds.map(sigmoid), anyWrong, prices)
  const { classes, count } = train
  const inOrder = <T extends Int32Array | Float32Array>(
    out: T,
    columns: number,
    of: (part: JudgedPart) => T
  ): T => {
    judged.forEach((part, i) => putRows(of(part), parts[i]!, out, columns))
    return out
  }
  return {
    right: inOrder(new Float32Array(count), 1, ({ right }) => right),
    likeliest: inOrder(new Int32Array(count), 1, ({ likeliest }) => likeliest),
    alternative: inOrder(new Int32Array(count), 1, ({ alternative }) => alternative),
    crossValidated: inOrder(new Float32Array(count * classes), classes, (part) => part.crossValidated),
    trustedOnly:
      first.trustedOnly && inOrder(new Float32Array(count * classes), classes, (part) => part.trustedOnly!),
    // A penalty a row: more rows want a weaker one.
    c: first.c * (parts[0]!.length / count),
    trustedC: first.trustedC,
    flags,
    expected: expectedErrors(ordered, flags, seed, {
      isAnchored: trusted.rows.length > 0 && first.trustedErrors === undefined,
      explained: meanOf('explained')
    }),
    isCut: judged.some(({ isCut }) => isCut),
    trustedWrong: first.trustedErrors && trustedWrong(first.trustedErrors, trusted),
    planted: first.planted && plantedAbove(first.planted, flags > 0 ? ordered[flags - 1]! : Infinity)
  }
}

/** All examples, or parts of them, each ascending. */
function partsOf({ count, shape, classes }: ResidentExamples, seed: number, room: Room): Int32Array[] {
  const bytes = 4 * count * (exampleSize(shape) + FOLDS * classes)
  if (bytes <= room.together) return [Int32Array.from({ length: count }, (_, row) => row)]
  const parts = Math.ceil(bytes / room.part)
  const order = Random.derive(seed, 'parts judged').permutation(count)
  return Array.from({ length: parts }, (_, i) =>
    order.slice(Math.floor((i * count) / parts), Math.floor(((i + 1) * count) / parts)).sort()
  )
}

/** Rows of a matrix of so many columns to where they belong. */
function putRows<T extends Int32Array | Float32Array>(
  from: T,
  rows: Int32Array,
  to: T,
  columns: number
): void {
  rows.forEach((row, i) => to.set(from.subarray(i * columns, (i + 1) * columns), row * columns))
}

/** @param cut log odds from which on a label is flagged */
function plantedAbove(planted: Float64Array, cut: number): PlantedErrors {
  return { planted: planted.length, found: planted.filter((odds) => odds >= cut).length }
}

/** Of the labels at most, where it is likelier that none is wrong: the most suspicious are worth a look. */
const FLAGGED_IN_DOUBT = 0.015

/**
 * How many labels to flag.
 * @param anyWrong probability that there are wrong ones at all
 */
export function flagCount(wrong: Float64Array, anyWrong: number, prices: Prices | undefined): number {
  if (prices) {
    const cut = cheapestCut(prices)
    return wrong.filter((p) => 1 - p < cut).length
  }
  const flags = flagsForF1(wrong)
  if (anyWrong >= 0.5) return flags
  const expected = wrong.reduce((sum, p) => sum + p, 0)
  return Math.min(flags, Math.round(expected), Math.floor(FLAGGED_IN_DOUBT * wrong.length))
}

/** The cut under which so many of the scores lie, fewer where scores tie there. */
export function cutForFlags(scores: Float32Array, flags: number): number {
  const ordered = scores.slice().sort()
  return flags < ordered.length ? ordered[flags]! : 1
}
