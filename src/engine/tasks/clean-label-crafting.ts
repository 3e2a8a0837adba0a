import { tensor } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { Random } from '../../shared/domain/random'
import type { StopReason } from '../../shared/domain/report'
import type { PoisoningSpec } from '../../shared/domain/task-spec'
import type { BilevelSolver } from '../bilevel/solver'
import { oneHot } from '../models/one-hot'
import { BatchOrder } from './batch-order'
import type { BatchOrderState } from './batch-order'
import { buildSolver } from './build-solver'
import { CleanLabelProblem } from './clean-label-problem'
import type { FeatureBatch } from './clean-label-problem'
import type { CleanLabelProgress } from './clean-label-progress'
import type { CleanLabelSettings } from './clean-label-settings'
import type { CleanLabelTrial } from './clean-label-trials'
import type { FeatureSpace } from './feature-space'
import type { ResidentExamples } from './resident-examples'
import { RunPaused } from './task-run'
import type { Checkpoint, RunSignal, TaskRun } from './task-run'

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
/** Seconds between checkpoints. */
const CHECKPOINT_EVERY = 30

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
  const order = new BatchOrder(
    data.train.count,
    settings.batchSize,
    Random.derive(spec.seed, 'clean-label batches')
  )
  const done: Float32Array[] = []
  const restored = run.restored && restoredCrafting(run.restored, order)
  if (restored) done.push(...restored.done)
  const batches = new FeatureBatches(data)
  let upperSteps = restored ? restored.upperSteps : 0
  let lastCheckpoint = run.seconds()
  const outcome = (stopped: StopReason, advice: string[] = []): CraftedPoisons => {
    const poisons = new Float32Array(done.reduce((total, part) => total + part.length, 0))
    let at = 0
    for (const part of done) {
      poisons.set(part, at)
      at += part.length
    }
    return { stopped, trials: Math.min(done.length * groupSize, trials.length), poisons, upperSteps, advice }
  }
  try {
    for (let group = done.length; group < groups; group++) {
      const part = trials.slice(group * groupSize, (group + 1) * groupSize)
      const problem = problemOf(data, part)
      const solver = buildSolver(spec.method, problem, settings.solver, spec)
      let step = 0
      try {
        if (restored?.solver && group === restored.done.length) {
          solver.restore(restored.solver)
          step = restored.step
        }
        const save = (): Promise<void> =>
          run.saveCheckpoint(checkpoint(data, done, solver, order, step, upperSteps))
        while (step < settings.upperSteps) {
          const result = solver.step(batches.next(order))
          if (!result.ok) {
            done.push(Float32Array.from(solver.upper))
            const { sentence, remedy } = result.divergence
            return outcome('diverged', [`${sentence} ${remedy}`])
          }
          step++
          upperSteps++
          progress.step(result.report, upperSteps, groups * settings.upperSteps, part.length)
          const signal: RunSignal = await run.poll()
          if (signal === 'pause') {
            await save()
            throw new RunPaused()
          }
          if (signal !== 'continue') {
            done.push(Float32Array.from(solver.upper))
            return outcome(signal === 'time' ? 'time' : 'cancelled')
          }
          if (run.seconds() - lastCheckpoint > CHECKPOINT_EVERY) {
            lastCheckpoint = run.seconds()
            await save()
          }
          if (result.converged) break
        }
        done.push(Float32Array.from(solver.upper))
      } finally {
        solver.dispose()
        problem.dispose()
      }
    }
    return outcome('epochs')
  } finally {
    batches.dispose()
  }
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

/** Batches of training features on the device; the whole set is uploaded once. */
class FeatureBatches {
  readonly #data: CraftingData
  #current: FeatureBatch | undefined
  readonly #whole: boolean

  constructor(data: CraftingData) {
    this.#data = data
    this.#whole = data.settings.batchSize >= data.train.count
  }

  next(order: BatchOrder): FeatureBatch {
    if (this.#current && this.#whole) return this.#current
    this.dispose()
    const { train, trainFeatures, space, classes } = this.#data
    const rows = this.#whole ? Int32Array.from(train.labels.keys()) : order.next()
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

  dispose(): void {
    this.#current?.features.dispose()
    this.#current?.targets.dispose()
    this.#current = undefined
  }
}

function checkpoint(
  data: CraftingData,
  done: readonly Float32Array[],
  solver: BilevelSolver<FeatureBatch>,
  order: BatchOrder,
  step: number,
  upperSteps: number
): Checkpoint {
  const { numbers, arrays } = solver.save()
  const finished = Object.fromEntries(done.map((poisons, group) => [`group-${group}`, poisons]))
  return {
    json: {
      phase: 'clean-label',
      solver: numbers,
      order: order.save(),
      step,
      upperSteps,
      groups: done.length
    },
    arrays: { ...arrays, ...finished, representation: data.representation }
  }
}

interface RestoredCrafting {
  readonly done: Float32Array[]
  readonly solver: Parameters<BilevelSolver<FeatureBatch>['restore']>[0]
  readonly step: number
  readonly upperSteps: number
}

function restoredCrafting({ json, arrays }: Checkpoint, order: BatchOrder): RestoredCrafting {
  order.restore(json['order'] as BatchOrderState)
  return {
    done: Array.from({ length: json['groups'] as number }, (_, g) => arrays[`group-${g}`] as Float32Array),
    solver: {
      numbers: json['solver'] as Record<string, number>,
      arrays: arrays as Record<string, Float32Array | Int32Array>
    },
    step: json['step'] as number,
    upperSteps: json['upperSteps'] as number
  }
}
