import { tensor } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import type { StopReason } from '../../../shared/domain/report'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { buildSolver } from '../../bilevel/methods'
import { oneHot } from '../../models/one-hot'
import { BatchOrder } from '../shared/batch-order'
import type { BatchOrderState } from '../shared/batch-order'
import { isFromPhase, runBilevelLoop } from '../shared/bilevel-loop'
import type { BatchStream } from '../shared/bilevel-loop'
import { CleanLabelProblem } from './problem'
import type { FeatureBatch } from './problem'
import type { CleanLabelProgress } from './progress'
import type { CleanLabelSettings } from './settings'
import type { CleanLabelTrial } from './trials'
import type { FeatureSpace } from './feature-space'
import type { ResidentExamples } from '../shared/resident-examples'
import type { Checkpoint, TaskRun } from '../shared/task-run'

export interface CraftingData {
  readonly space: FeatureSpace
  readonly classes: number
  readonly train: ResidentExamples
  /** Row-major [train.count, space.width]. */
  readonly trainFeatures: Float32Array
  targetFeaturesOf(trial: CleanLabelTrial): Float32Array
  /** Row-major [width, classes]: where each head starts. */
  readonly cleanHead: Float32Array
  readonly featureDistance: number
  /** Weight of the squared feature distance in f, in units of 1 / featureDistance. */
  readonly featureWeight: number
  readonly settings: CleanLabelSettings
  /** Parameters of the representation, kept in checkpoints. */
  readonly representation: Float32Array
}

export interface CraftedPoisons {
  readonly stopped: StopReason
  /** Trials whose poisons have been moved: the first of those given. */
  readonly trials: number
  /** Row-major [trials * poisons, size]. */
  readonly poisons: Float32Array
  readonly upperSteps: number
  readonly advice: readonly string[]
}

/** Images of poisons that are optimised at once: bounds the memory of their activations. */
const TOGETHER = 256
/** Move the poisons of all trials, a group of trials after the other, each group one bilevel problem. */
export async function craftPoisons(
  data: CraftingData,
  trials: readonly CleanLabelTrial[],
  spec: PoisoningSpec,
  run: TaskRun,
  progress: CleanLabelProgress
): Promise<CraftedPoisons> {
  const { settings } = data
  const groupSize = Math.max(1, Math.floor(TOGETHER / settings.poisons))
  const groups = Math.ceil(trials.length / groupSize)
  const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
  const done = restored ? groupsOf(restored) : []
  let upperSteps = restored ? (restored.json['upperSteps'] as number) : 0
  let stopped: StopReason = 'epochs'
  const advice: string[] = []
  const batches = new FeatureBatches(data, spec.seed)
  try {
    for (let group = done.length; group < groups; group++) {
      const part = trials.slice(group * groupSize, (group + 1) * groupSize)
      const problem = problemOf(data, part)
      const solver = buildSolver(spec.method, problem, settings.solver, spec)
      try {
        const before = upperSteps
        const outcome = await runBilevelLoop(
          {
            solver,
            batches,
            upperSteps: settings.upperSteps,
            phase: PHASE,
            onStep: (report, step) =>
              progress.step(report, before + step, groups * settings.upperSteps, part.length),
            beside: () => ({
              json: { upperSteps: before, groups: done.length },
              arrays: { ...namedGroups(done), representation: data.representation }
            })
          },
          run,
          group === restoredGroup(restored) ? restored : undefined
        )
        upperSteps += outcome.upperSteps
        done.push(Float32Array.from(solver.upper))
        if (outcome.divergence) advice.push(`${outcome.divergence.sentence} ${outcome.divergence.remedy}`)
        if (outcome.stopped === 'epochs' || outcome.stopped === 'converged') continue
        stopped = outcome.stopped
        break
      } finally {
        solver.dispose()
        problem.dispose()
      }
    }
  } finally {
    batches.dispose()
  }
  const moved = Math.min(done.length * groupSize, trials.length)
  return { stopped, trials: moved, poisons: concatenated(done), upperSteps, advice }
}

/** Name of this part of the task in a checkpoint. */
const PHASE = 'clean-label'

/** The group that a checkpoint was in the middle of. */
function restoredGroup(checkpoint: Checkpoint | undefined): number | undefined {
  return checkpoint?.json['groups'] as number | undefined
}

/** Poisons of the groups that are done, as arrays of a checkpoint. */
function namedGroups(done: readonly Float32Array[]): Record<string, Float32Array> {
  return Object.fromEntries(done.map((poisons, group) => [`group-${group}`, poisons]))
}

function groupsOf(checkpoint: Checkpoint): Float32Array[] {
  const count = restoredGroup(checkpoint) ?? 0
  return Array.from({ length: count }, (_, g) => checkpoint.arrays[`group-${g}`] as Float32Array)
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function problemOf(data: CraftingData, part: readonly CleanLabelTrial[]): CleanLabelProblem {
  const { space, classes, settings, cleanHead } = data
  const targetFeatures = new Float32Array(part.length * space.width)
  const heads = new Float32Array(part.length * cleanHead.length)
  part.forEach((trial, k) => {
    targetFeatures.set(data.targetFeaturesOf(trial), k * space.width)
    heads.set(cleanHead, k * cleanHead.length)
  })
  return new CleanLabelProblem(
    {
      space,
      classes,
      targetFeatures,
      poisonLabels: Int32Array.from(part, ({ poisonClass }) => poisonClass),
      bases: data.train.read(part.flatMap(({ bases }) => [...bases])),
      poisons: settings.poisons,
      bound: settings.bound,
      settings: {
        beta: settings.beta,
        featureWeight: data.featureWeight,
        featureDistance: data.featureDistance,
        l2: settings.victim.l2,
        trainCount: data.train.count
      }
    },
    heads
  )
}

/** Batches of training features on the device; a set no larger than a batch is uploaded once. */
class FeatureBatches implements BatchStream<FeatureBatch> {
  readonly #data: CraftingData
  readonly #order: BatchOrder
  readonly #isFullBatch: boolean
  #current: FeatureBatch | undefined

  constructor(data: CraftingData, seed: number) {
    const { train, settings } = data
    this.#data = data
    this.#order = new BatchOrder(train.count, settings.batchSize, Random.derive(seed, 'clean-label batches'))
    this.#isFullBatch = settings.batchSize >= train.count
  }

  next(): FeatureBatch {
    if (this.#current && this.#isFullBatch) return this.#current
    const { train, trainFeatures, space, classes } = this.#data
    const rows = this.#isFullBatch ? Int32Array.from(train.labels.keys()) : this.#order.next()
    const features = new Float32Array(rows.length * space.width)
    rows.forEach((row, i) =>
      features.set(trainFeatures.subarray(row * space.width, (row + 1) * space.width), i * space.width)
    )
    const labels = rows.map((row) => train.labels[row]!)
    this.#current = {
      features: tensor(features, [rows.length, space.width]) as Tensor2D,
      targets: oneHot(labels, classes)
    }
    return this.#current
  }

  release(): void {
    if (!this.#isFullBatch) this.dispose()
  }

  save(): unknown {
    return this.#order.save()
  }

  restore(saved: unknown): void {
    this.#order.restore(saved as BatchOrderState)
  }

  dispose(): void {
    this.#current?.features.dispose()
    this.#current?.targets.dispose()
    this.#current = undefined
  }
}
