import type { Detection, DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { buildSolver } from '../../bilevel/methods'
import { argMaxRows, predictProbabilities } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { withoutScale } from '../shared/standardised-features'
import type { TaskRun } from '../shared/task-run'
import { compareClassifiers } from './comparison'
import { detectionOf } from './detection'
import { ofEach } from './evidence'
import { lookFirst } from './first-look'
import type { DenoisingResult } from './result'
import { learnImportance } from './importance-learning'
import type { ImportanceResult } from './importance-learning'
import { ImportanceProblem } from './importance-problem'
import { constantAdvice } from './constant-advice'
import type { DenoisingSources } from './inputs'
import { checkpointOfFolds } from './network-evidence'
import { prepareRun } from './prepared-run'
import type { PreparedRun } from './prepared-run'
import type { Choice } from './recommendation'
import { findStart } from './starting-point'
import type { StartingPoint } from './starting-point'
import { sayCut } from './time-budget'
import { judgeLabels } from './verdict'
import type { Verdict } from './verdict'
import { WeightHistory } from './weight-history'

/**
 * Data denoising by importance learning (paper, "Data denoising"): start from what the trusted examples and, for tables
 * and features, classifiers that have not seen the labels say; learn an importance weight for each doubtful example; flag
 * the labels that all evidence speaks against; retrain from scratch on what is kept.
 * @throws Failure bad-input when the sets do not fit together; RunPaused after a checkpoint
 */
export async function trainDenoising(
  sources: DenoisingSources,
  spec: DenoisingSpec,
  run: TaskRun
): Promise<DenoisingResult> {
  const { trusted } = sources
  if (!trusted) return lookFirst(sources, spec, run)
  const prepared = prepareRun({ ...sources, trusted }, spec, run)
  const start = await findStart(prepared)
  prepared.progress.enter('learning')
  const history = new WeightHistory(
    prepared.train.count,
    prepared.settings.epochs,
    run.restored?.arrays['weightHistory'] as Float32Array | undefined
  )
  const learned = await learnWeights(prepared, start, history)
  const verdict = await judgeLabels(prepared, start, learned)
  prepared.progress.enter('comparing')
  const kept: RowsOf = {
    examples: prepared.train,
    rows: prepared.everything.rows.filter((row) => verdict.flagged[row] === 0)
  }
  const choice = await compareClassifiers(prepared, start, learned, kept)
  return {
    stopped: endedBy(learned, start.evidence?.isCut ?? false),
    metrics: metricsOf(prepared, start, learned, verdict, choice),
    advice: adviceOf(prepared, start, learned, choice),
    upperSteps: learned.upperSteps,
    lowerSteps: learned.upperSteps * prepared.settings.solver.lowerSteps,
    solverSeconds: learned.solverSeconds,
    evidence: verdict.evidence,
    predicted: verdict.predicted,
    flagged: verdict.flagged,
    labels: prepared.train.labels,
    trajectory: history.rows(),
    network: prepared.network,
    parameters: withoutScale(prepared.network, choice.parameters, prepared.scale),
    lower: learned.lower
  }
}

async function learnWeights(
  prepared: PreparedRun,
  start: StartingPoint,
  history: WeightHistory
): Promise<ImportanceResult> {
  const { network, train, trusted, heldBack, everything, settings, spec, run, progress, wrong } = prepared
  const problem = new ImportanceProblem(network, start.weights, start.lower)
  const solver = buildSolver(spec.method, problem, settings.solver, spec)
  const { epochs, batchSize, trustedBatchSize } = settings
  const plan = { network, train, trusted, heldBack, epochs, batchSize, trustedBatchSize, seed: spec.seed }
  return learnImportance(plan, solver, run, {
    beside: () => {
      const asked = start.asked && checkpointOfFolds(start.asked)
      return {
        json: { ...asked?.json },
        arrays: { ...asked?.arrays, pretrained: start.trustedOnly, weightHistory: history.values }
      }
    },
    onStep: (report, step, epoch) => progress.step(report, step, epoch),
    onEpoch: (epoch, weights, lower, held) => {
      history.push(weights)
      progress.epoch(epoch, weights, held, wrong, () =>
        argMaxRows(predictProbabilities(network, lower, everything), train.classes)
      )
    }
  }).finally(() => solver.dispose())
}

/** @param isCut whether time was too short for what judges labels */
function endedBy({ stopped }: ImportanceResult, isCut: boolean): ImportanceResult['stopped'] {
  return isCut && (stopped === 'epochs' || stopped === 'converged') ? 'time' : stopped
}

function metricsOf(
  { train, wrong }: PreparedRun,
  start: StartingPoint,
  learned: ImportanceResult,
  { evidence, flagged, threshold }: Verdict,
  choice: Choice
): DenoisingMetrics {
  const scored = (scores: Float32Array): Detection | undefined => wrong && detectionOf(scores, flagged, wrong)
  const flags = flagged.reduce((sum, flag) => sum + flag, 0)
  return {
    testAccuracy: choice.testAccuracy,
    kept: train.count - flags,
    flagged: flags,
    threshold,
    bestEpoch: learned.bestEpoch,
    recommendation: choice.recommendation,
    heldBackAccuracy: choice.heldBackAccuracy,
    expected: start.evidence?.expected,
    planted: start.evidence?.planted,
    trustedWrong: start.evidence?.trustedWrong,
    detection: scored(evidence.weight),
    evidence: wrong && ofEach(evidence, (scores) => scored(scores)!)
  }
}

/** Fewer held-back examples than this cannot choose an epoch. */
const FEWEST_HELD_BACK = 20

function adviceOf(
  { spec, scale, heldBack }: PreparedRun,
  { evidence }: StartingPoint,
  learned: ImportanceResult,
  choice: Choice
): string[] {
  return [
    ...constantAdvice(scale),
    ...(evidence && learned.stopped !== 'cancelled' ? sayCut(evidence) : []),
    ...(learned.divergence ? [`${learned.divergence.sentence} ${learned.divergence.remedy}`] : []),
    ...(spec.method === 'gd'
      ? [
          'GD ignores how the classifier depends on the weights, so the weights stayed where they started: take another method to learn them.'
        ]
      : []),
    ...choice.advice,
    ...(heldBack.rows.length < FEWEST_HELD_BACK
      ? [
          'There are too few trusted examples to hold any back: the last epoch is the result. From 100 on, some choose the best one.'
        ]
      : [])
  ]
}
