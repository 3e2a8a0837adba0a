import { pricesOf } from '../../../shared/domain/prices'
import { amongAll } from '../../../shared/numerics/known-classes'
import { argMaxRows, predictProbabilities } from '../shared/classifier-training'
import { crossValidatedProbabilities, shortened } from './confidence'
import { gatherEvidence } from './evidence'
import type { DenoisingEvidence } from './evidence'
import type { ImportanceResult } from './importance-learning'
import { cutForFlags } from './label-evidence'
import type { PreparedRun } from './prepared-run'
import type { StartingPoint } from './starting-point'
import { cutByPrices, cutByShare } from './threshold'
import { isTimeUp } from './time-budget'

/** What a run says of each label. */
export interface Verdict {
  readonly evidence: DenoisingEvidence
  readonly threshold: number
  /** 1 where the label is believed to be wrong. */
  readonly flagged: Uint8Array
  /** Class that the classifiers, taken together, predict. */
  readonly predicted: Int32Array
}

/** Every kind of evidence on each label, all as one score, and the cut of flags. */
export async function judgeLabels(
  prepared: PreparedRun,
  start: StartingPoint,
  learned: ImportanceResult
): Promise<Verdict> {
  const { network, train, trusted: marked, everything, settings } = prepared
  const stopsEarly = learned.stopped === 'cancelled' || learned.stopped === 'time'
  const own = predictProbabilities(network, learned.lower, everything)
  const crossValidated =
    start.evidence?.crossValidated ??
    (settings.folds > 1 && !stopsEarly ? await crossValidate(prepared) : undefined)
  const trusted =
    start.evidence?.trustedOnly ??
    amongAll(start.trustedProbabilities, marked.examples.known, crossValidated ?? own)
  const ofKinds = await gatherEvidence({
    labels: train.labels,
    weights: learned.weights,
    probabilities: { own, trusted, crossValidated }
  })
  if (start.evidence) return byProbability(prepared, start.evidence, learned, ofKinds)
  const opinions = [own, trusted, ...(crossValidated ? [crossValidated] : [])]
  const predicted = argMaxRows(sumOf(opinions), train.classes)
  return byAllKinds(prepared, predicted, learned, ofKinds)
}

/** Tables, features and small pictures: ranked by the probability that a label is right. */
function byProbability(
  prepared: PreparedRun,
  found: NonNullable<StartingPoint['evidence']>,
  learned: ImportanceResult,
  ofKinds: DenoisingEvidence
): Verdict {
  const evidence = { ...ofKinds, combined: found.right }
  const threshold = prepared.spec.threshold ?? cutForFlags(found.right, found.flags)
  const scores = prepared.spec.threshold === undefined ? found.right : learned.weights
  const flagged = flag(prepared, (row) => scores[row]! < threshold)
  const predicted = found.likeliest.map((label, row) => (flagged[row] ? found.alternative[row]! : label))
  return { evidence, threshold, flagged, predicted }
}

/** Other pictures: all kinds as one; a label that the classifiers agree with is not flagged. */
function byAllKinds(
  prepared: PreparedRun,
  predicted: Int32Array,
  learned: ImportanceResult,
  evidence: DenoisingEvidence
): Verdict {
  const { train, spec } = prepared
  const contradicted = (row: number): boolean => predicted[row] !== train.labels[row]
  const prices = pricesOf(spec)
  const even = cutByShare(evidence.combined, contradicted)
  const threshold = spec.threshold ?? (prices ? cutByPrices(even, prices) : even)
  const suspicious = (row: number): boolean =>
    spec.threshold === undefined
      ? evidence.combined[row]! < threshold && contradicted(row)
      : learned.weights[row]! < threshold
  return { evidence, threshold, flagged: flag(prepared, suspicious), predicted }
}

/** What a review has decided stands. */
export function flag(
  { train, dropped, vouched }: Pick<PreparedRun, 'train' | 'dropped' | 'vouched'>,
  suspicious: (row: number) => boolean
): Uint8Array {
  return Uint8Array.from(train.labels, (_, row) =>
    Number(dropped.has(row) || (!vouched.has(row) && suspicious(row)))
  )
}

/**
 * Class probabilities of classifiers that have not seen the example, row-major [train.count, classes]. Undefined where
 * time is up before they are trained.
 */
async function crossValidate({
  network,
  train,
  trusted,
  settings: { folds, final },
  spec,
  run,
  progress
}: PreparedRun): Promise<Float32Array | undefined> {
  progress.enter('cross-validating')
  const recipe = final(Math.round((train.count * (folds - 1)) / folds) + trusted.rows.length)
  const said = await crossValidatedProbabilities(
    network,
    train,
    trusted,
    shortened(recipe),
    folds,
    spec.seed,
    { ...progress.watch(), onFold: () => Promise.resolve(!isTimeUp(run.limit)) }
  )
  return isTimeUp(run.limit) ? undefined : said
}

/** Entry by entry. */
function sumOf(parts: readonly Float32Array[]): Float32Array {
  return parts[0]!.map((_, i) => parts.reduce((total, part) => total + part[i]!, 0))
}
