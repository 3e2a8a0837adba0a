import { pricesOf } from '../../../shared/domain/prices'
import { amongAll } from '../../../shared/numerics/known-classes'
import { predictProbabilities, trainClassifier } from '../shared/classifier-training'
import { RunPaused } from '../shared/task-run'
import { rowsToSolve, solveClassifier } from './convex-classifier'
import type { FoldsDone } from './confidence'
import { initialWeights } from './initial-weights'
import { believeLabels } from './label-evidence'
import type { LabelEvidence } from './label-evidence'
import { askNetwork, networkEvidence } from './network-evidence'
import type { RunEvidence } from './network-evidence'
import { asksNetworkAlone } from './network-folds'
import { hearsNetwork, networkOpinion } from './network-opinion'
import type { PreparedRun } from './prepared-run'
import { FEWEST_TO_CHOOSE } from './recommendation'
import { budgetOf, JUDGING_SHARE, whileWanted } from './time-budget'

/** Where both levels start, and what is known by then. */
export interface StartingPoint {
  /**
   * What classifiers that have not seen the labels say of them; undefined for larger pictures without a convolutional
   * network. How many are wrong is not told of a network alone.
   */
  readonly evidence: RunEvidence | undefined
  /** The network's own part in it, where it was asked alone. */
  readonly asked: FoldsDone | undefined
  /** Importance weights, one an example. */
  readonly weights: Float32Array
  /** Parameters of the classifier. */
  readonly lower: Float32Array
  /** Parameters of the classifier of the trusted examples alone. */
  readonly trustedOnly: Float32Array
  /** Its class probabilities, row-major [examples, classes]. */
  readonly trustedProbabilities: Float32Array
}

/** Of the time that a limited run has left by then. */
const PRETRAINING_SHARE = 0.5

/** Penalty where trusted examples are too few to choose it. */
const FEW_TRUSTED_C = 1e-2

/**
 * With evidence the weights start at the probability that the label is right, a linear classifier where labels that
 * count so much lead it. Without, both start from a classifier of the trusted examples.
 */
export async function findStart(prepared: PreparedRun): Promise<StartingPoint> {
  const { network, trusted, everything, spec, progress, start } = prepared
  const believed = prepared.isJudged ? await judged(prepared) : undefined
  const asked = believed ? undefined : await asksAlone(prepared)
  progress.enter('pretraining')
  const isSolved = believed && spec.model === 'logistic'
  const trustedOnly = isSolved
    ? solveClassifier([trusted], believed.trustedC ?? FEW_TRUSTED_C)
    : await pretrained(prepared)
  const trustedProbabilities = amongAll(
    predictProbabilities(network, trustedOnly, everything),
    trusted.examples.known,
    believed?.crossValidated ?? asked?.probabilities
  )
  const evidence = believed ?? evidenceAlone(prepared, asked, trustedProbabilities)
  const weights = startingWeights(prepared, trustedProbabilities, evidence)
  const lower =
    start?.lower ?? (isSolved ? solvedTogether(prepared, believed.c, weights) : (asked?.lower ?? trustedOnly))
  return { evidence, asked, weights, lower, trustedOnly, trustedProbabilities }
}

function startingWeights(
  { train, trusted, dropped, vouched, start }: PreparedRun,
  trustedProbabilities: Float32Array,
  evidence: RunEvidence | undefined
): Float32Array {
  return initialWeights(trustedProbabilities, train.labels, {
    dropped,
    vouched,
    known: trusted.examples.known,
    earlier: start?.weights,
    right: evidence?.right
  })
}

function asksAlone(prepared: PreparedRun): Promise<FoldsDone | undefined> | undefined {
  return asksNetworkAlone(prepared.spec) ? askNetwork(prepared) : undefined
}

/** Of a run that ended before its network had spoken, what the trusted examples say. */
function evidenceAlone(
  prepared: PreparedRun,
  asked: FoldsDone | undefined,
  trusted: Float32Array
): RunEvidence | undefined {
  if (!asksNetworkAlone(prepared.spec)) return undefined
  return networkEvidence(prepared, asked?.probabilities, trusted)
}

function judged({
  network,
  train,
  trusted,
  allTrusted,
  heldBack,
  settings,
  spec,
  run,
  progress,
  twins
}: PreparedRun): Promise<LabelEvidence> {
  progress.enter('judging')
  let isCancelled = false
  return believeLabels(
    train,
    heldBack.rows.length < FEWEST_TO_CHOOSE ? allTrusted : trusted,
    spec.seed,
    async (done) => {
      progress.judged(done)
      const signal = await run.poll()
      // A resumed run judges anew, whenever it was paused.
      if (signal === 'pause') throw new RunPaused()
      isCancelled = signal === 'cancel'
    },
    {
      twins,
      prices: pricesOf(spec),
      budget: whileWanted(budgetOf(run.limit, JUDGING_SHARE), () => !isCancelled),
      opinion: hearsNetwork(spec, train.shape)
        ? networkOpinion(network, train.shape, settings.final, spec.seed)
        : undefined
    }
  )
}

/**
 * As its checkpoint has it, where a run goes on. Where time is short it makes fewer passes: what it starts from matters less
 * than what is learned and kept.
 */
async function pretrained({
  network,
  trusted,
  settings,
  spec,
  run,
  progress
}: PreparedRun): Promise<Float32Array> {
  const restored = run.restored?.arrays['pretrained']
  if (restored instanceof Float32Array) return restored
  const budget = budgetOf(run.limit, PRETRAINING_SHARE)
  const { pretrain } = settings
  const share = progress.shareInTime(pretrain.epochs * trusted.rows.length, budget)
  const recipe = { ...pretrain, epochs: Math.max(1, Math.floor(share * pretrain.epochs)) }
  const watch = progress.watch()
  return trainClassifier(network, [trusted], recipe, spec.seed, {
    ...watch,
    onEpoch: async (...passed) => (await watch.onEpoch!(...passed)) && budget.left() > 0
  })
}

/** With the trusted examples, each of which counts 1. @param weights one an example */
function solvedTogether(
  { everything, trusted, spec }: PreparedRun,
  c: number,
  weights: Float32Array
): Float32Array {
  const doubtful = rowsToSolve(everything, spec.seed)
  const counted = new Float32Array(doubtful.rows.length + trusted.rows.length).fill(1)
  counted.set(Float32Array.from(doubtful.rows, (row) => weights[row]!))
  return solveClassifier([doubtful, trusted], c / doubtful.share, counted)
}
