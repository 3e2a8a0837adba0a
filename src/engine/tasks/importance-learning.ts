import { Random } from '../../shared/domain/random'
import type { RandomState } from '../../shared/domain/random'
import { LowerAverage } from '../bilevel/lower-average'
import type { BilevelSolver, Divergence, SolverState, StepReport } from '../bilevel/solver'
import type { Network } from '../models/network'
import { BatchOrder } from './batch-order'
import type { BatchOrderState } from './batch-order'
import { CheckpointPace } from './checkpoint-pace'
import { scoreClassifier } from './classifier-training'
import type { ClassifierScore, RowsOf } from './classifier-training'
import type { ImportanceBatch } from './importance-problem'
import { weightOf } from './importance-problem'
import { disposeBatch } from './resident-examples'
import type { ResidentExamples } from './resident-examples'
import { RunPaused } from './task-run'
import type { Checkpoint, TaskRun } from './task-run'

/** The bilevel phase of denoising: epochs over the doubtful examples, the best classifier remembered. */
export interface ImportanceRun {
  readonly network: Network
  readonly train: ResidentExamples
  /** Trusted rows that f sees. */
  readonly trusted: RowsOf
  /** Trusted rows that only choose the best epoch; empty when there are too few. */
  readonly heldBack: RowsOf
  readonly epochs: number
  readonly lowerSteps: number
  readonly batchSize: number
  /** Trusted examples in one step. */
  readonly trustedBatchSize: number
  readonly seed: number
}

export interface ImportanceResult {
  /** Importance weight of each example, 0..1. */
  readonly weights: Float32Array
  /** Parameters of the epoch with the lowest loss on the held-back trusted examples. */
  readonly lower: Float32Array
  readonly bestEpoch: number
  readonly upperSteps: number
  readonly lowerSteps: number
  readonly stopped: 'epochs' | 'converged' | 'time' | 'cancelled'
  readonly divergence?: Divergence
}

export interface ImportanceWatch {
  onStep?(report: StepReport, step: number, epoch: number): void
  onEpoch?(epoch: number, weights: Float32Array, lower: Float32Array, heldBack: ClassifierScore): void
  /** What a checkpoint must hold besides the solver's state. */
  beside(): Checkpoint
}

interface Progress {
  step: number
  bestEpoch: number
  bestLoss: number
  bestLower: Float32Array
  /** Exponential average of v over about one epoch: single iterates follow their batch. */
  readonly average: LowerAverage
}

/** Least number of held-back examples whose loss says anything; below it the last epoch is the result. */
const FEWEST_HELD_BACK = 20

export async function learnImportance(
  plan: ImportanceRun,
  solver: BilevelSolver<ImportanceBatch>,
  run: TaskRun,
  watch: ImportanceWatch
): Promise<ImportanceResult> {
  const average = new LowerAverage(solver.lower())
  try {
    return await learn(plan, solver, run, watch, average)
  } finally {
    average.dispose()
  }
}

async function learn(
  plan: ImportanceRun,
  solver: BilevelSolver<ImportanceBatch>,
  run: TaskRun,
  watch: ImportanceWatch,
  average: LowerAverage
): Promise<ImportanceResult> {
  const { network, train, trusted, heldBack, epochs, seed } = plan
  const order = new BatchOrder(train.count, plan.batchSize, Random.derive(seed, 'importance batches'))
  const trustedOrder = new BatchOrder(
    trusted.rows.length,
    plan.trustedBatchSize,
    Random.derive(seed, 'trusted batches')
  )
  let masks = Random.derive(seed, 'importance dropout')
  const progress: Progress = {
    step: 0,
    bestEpoch: 0,
    bestLoss: Infinity,
    bestLower: solver.lower(),
    average
  }
  if (run.restored?.json['phase'] === 'importance') {
    masks = restore(run.restored, solver, order, trustedOrder, progress)
  } else if (heldBack.rows.length >= FEWEST_HELD_BACK) {
    // The classifier pretrained on trusted examples is a candidate too.
    progress.bestLoss = scoreClassifier(network, progress.bestLower, heldBack).calibratedLoss
  }
  const total = epochs * order.batchesPerEpoch
  let stopped: ImportanceResult['stopped'] = 'epochs'
  let divergence: Divergence | undefined
  const checkpoint = (): Promise<void> =>
    run.saveCheckpoint(checkpointOf(solver, order, trustedOrder, masks.state, progress, watch.beside()))
  const pace = new CheckpointPace(run)

  while (progress.step < total) {
    const signal = await run.poll()
    if (signal === 'pause') {
      await checkpoint()
      throw new RunPaused()
    }
    if (signal === 'cancel' || signal === 'time') {
      stopped = signal === 'cancel' ? 'cancelled' : 'time'
      break
    }
    const rows = order.next()
    const batch: ImportanceBatch = {
      rows,
      train: train.batch(rows),
      trusted: trusted.examples.batch(trustedOrder.next().map((i) => trusted.rows[i]!)),
      masks: network.dropoutMasks(rows.length, masks.below(2 ** 30))
    }
    const result = solver.step(batch)
    disposeBatch(batch.train)
    disposeBatch(batch.trusted)
    for (const mask of batch.masks) mask.dispose()
    if (!result.ok) {
      divergence = result.divergence
      break
    }
    progress.step++
    const epoch = progress.step / order.batchesPerEpoch
    watch.onStep?.(result.report, progress.step, epoch)
    average.follow(solver.lowerOnDevice, 1 / order.batchesPerEpoch)
    if (progress.step % order.batchesPerEpoch === 0) {
      const lower = average.values()
      const enough = heldBack.rows.length >= FEWEST_HELD_BACK
      const score = enough
        ? scoreClassifier(network, lower, heldBack)
        : { loss: -epoch, calibratedLoss: -epoch, accuracy: 0 }
      if (score.calibratedLoss < progress.bestLoss) {
        progress.bestLoss = score.calibratedLoss
        progress.bestLower = lower
        progress.bestEpoch = epoch
      }
      watch.onEpoch?.(epoch, solver.upper.map(weightOf), lower, score)
      await pace.offer(checkpoint)
    }
    if (result.converged) {
      stopped = 'converged'
      break
    }
  }
  return {
    weights: solver.upper.map(weightOf),
    lower: progress.bestLower,
    bestEpoch: progress.bestEpoch,
    upperSteps: progress.step,
    lowerSteps: progress.step * plan.lowerSteps,
    stopped,
    divergence
  }
}

function checkpointOf<B>(
  solver: BilevelSolver<B>,
  order: BatchOrder,
  trustedOrder: BatchOrder,
  masks: RandomState,
  progress: Progress,
  beside: Checkpoint
): Checkpoint {
  const { numbers, arrays } = solver.save()
  const { step, bestEpoch, bestLoss, bestLower, average } = progress
  return {
    json: {
      ...beside.json,
      phase: 'importance',
      solver: numbers,
      order: order.save(),
      trustedOrder: trustedOrder.save(),
      masks,
      // JSON has no infinity; an absent loss means that no epoch has been scored.
      progress: { step, bestEpoch, bestLoss: Number.isFinite(bestLoss) ? bestLoss : null }
    },
    arrays: { ...beside.arrays, ...arrays, bestLower, average: average.values() }
  }
}

function restore<B>(
  checkpoint: Checkpoint,
  solver: BilevelSolver<B>,
  order: BatchOrder,
  trustedOrder: BatchOrder,
  progress: Progress
): Random {
  const { json, arrays } = checkpoint
  const state: SolverState = {
    numbers: json['solver'] as Record<string, number>,
    arrays: arrays as Record<string, Float32Array | Int32Array>
  }
  solver.restore(state)
  order.restore(json['order'] as BatchOrderState)
  trustedOrder.restore(json['trustedOrder'] as BatchOrderState)
  const saved = json['progress'] as { step: number; bestEpoch: number; bestLoss: number | null }
  progress.step = saved.step
  progress.bestEpoch = saved.bestEpoch
  progress.bestLoss = saved.bestLoss ?? Infinity
  progress.bestLower = Float32Array.from(arrays['bestLower'] as Float32Array)
  progress.average.restore(Float32Array.from(arrays['average'] as Float32Array))
  return new Random(json['masks'] as RandomState)
}
