import type { StepNumbers } from '../../../shared/domain/run-event'
import { LowerAverage } from '../../bilevel/lower-average'
import type { Solver } from '../../bilevel/solver'
import type { Network } from '../../models/network'
import { isFromPhase, runBilevelLoop } from '../shared/bilevel-loop'
import type { LoopResult } from '../shared/bilevel-loop'
import { scoreClassifier } from '../shared/classifier-training'
import type { ClassifierScore, RowsOf } from '../shared/classifier-training'
import { ImportanceBatches } from './importance-batches'
import type { ImportanceBatch } from './importance-problem'
import { weightOf } from './importance-problem'
import type { ResidentExamples } from '../shared/resident-examples'
import type { Checkpoint, TaskRun } from '../shared/task-run'

/** The bilevel phase of denoising: epochs over the doubtful examples, the best classifier remembered. */
export interface ImportanceRun {
  readonly network: Network
  readonly train: ResidentExamples
  /** Trusted rows that f sees. */
  readonly trusted: RowsOf
  /** Trusted rows that only choose the best epoch; empty when there are too few. */
  readonly heldBack: RowsOf
  readonly epochs: number
  readonly batchSize: number
  /** Trusted examples in one step. */
  readonly trustedBatchSize: number
  readonly seed: number
}

export interface ImportanceResult extends LoopResult {
  /** Importance weight of each example, 0..1. */
  readonly weights: Float32Array
  /** Parameters of the epoch with the lowest loss on the held-back trusted examples. */
  readonly lower: Float32Array
  readonly bestEpoch: number
}

export interface ImportanceWatch {
  onStep?(report: StepNumbers, step: number, epoch: number): void
  onEpoch?(
    epoch: number,
    weights: Float32Array,
    lower: Float32Array,
    heldBack: ClassifierScore | undefined
  ): void
  /** What a checkpoint must hold besides the state of the learning. */
  beside(): Checkpoint
}

const PHASE = 'importance'

/** Least number of held-back examples whose loss says anything; below it the last epoch is the result. */
const FEWEST_HELD_BACK = 20

export async function learnImportance(
  plan: ImportanceRun,
  solver: Solver<ImportanceBatch>,
  run: TaskRun,
  watch: ImportanceWatch
): Promise<ImportanceResult> {
  const { network, train, trusted, epochs, seed } = plan
  const batches = new ImportanceBatches(network, train, trusted, plan, seed)
  const { perEpoch } = batches
  // Over about one epoch: single iterates follow their batch.
  const average = new LowerAverage(solver.lower())
  const best = new BestEpoch(plan, solver.lower())
  try {
    const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
    if (restored) {
      best.restore(restored)
      average.restore(Float32Array.from(restored.arrays['average'] as Float32Array))
    }
    const outcome = await runBilevelLoop(
      {
        solver,
        batches,
        upperSteps: epochs * perEpoch,
        phase: PHASE,
        onStep: (report, step) => {
          watch.onStep?.(report, step, step / perEpoch)
          average.follow(solver.lowerOnDevice, 1 / perEpoch)
        },
        isCheck: (step) => step % perEpoch === 0,
        onCheck: (step) => {
          const epoch = step / perEpoch
          const lower = average.values()
          const score = best.consider(epoch, lower)
          watch.onEpoch?.(epoch, solver.upper.map(weightOf), lower, score)
        },
        beside: () => {
          const { json, arrays } = watch.beside()
          return {
            json: { ...json, best: best.summary },
            arrays: { ...arrays, bestLower: best.lower, average: average.values() }
          }
        }
      },
      run,
      restored
    )
    return { ...outcome, weights: solver.upper.map(weightOf), lower: best.lower, bestEpoch: best.epoch }
  } finally {
    average.dispose()
  }
}

/** The classifier whose loss on held-back trusted examples is lowest; the latest where too few are held back. */
class BestEpoch {
  lower: Float32Array
  epoch = 0
  #loss = Infinity
  readonly #network: Network
  readonly #heldBack: RowsOf

  /** @param start the classifier pretrained on trusted examples is a candidate too */
  constructor({ network, heldBack }: ImportanceRun, start: Float32Array) {
    this.#network = network
    this.#heldBack = heldBack
    this.lower = start
    if (this.#isScored) this.#loss = scoreClassifier(network, start, heldBack).calibratedLoss
  }

  get #isScored(): boolean {
    return this.#heldBack.rows.length >= FEWEST_HELD_BACK
  }

  /** @returns nothing where too few are held back to measure anything */
  consider(epoch: number, lower: Float32Array): ClassifierScore | undefined {
    const score = this.#isScored ? scoreClassifier(this.#network, lower, this.#heldBack) : undefined
    const loss = score?.calibratedLoss ?? -epoch
    if (loss < this.#loss) {
      this.#loss = loss
      this.lower = lower
      this.epoch = epoch
    }
    return score
  }

  /** JSON has no infinity; an absent loss means that no epoch has been scored. */
  get summary(): { epoch: number; loss: number | null } {
    return { epoch: this.epoch, loss: Number.isFinite(this.#loss) ? this.#loss : null }
  }

  restore({ json, arrays }: Checkpoint): void {
    const saved = json['best'] as BestEpoch['summary']
    this.epoch = saved.epoch
    this.#loss = saved.loss ?? Infinity
    this.lower = Float32Array.from(arrays['bestLower'] as Float32Array)
  }
}
