import type { BilevelSolver, Divergence, SolverState, StepReport } from '../bilevel/solver'
import { oneHot } from '../models/one-hot'
import type { Network } from '../models/network'
import type { AttackGoal, GoalScore } from './attack-goal'
import type { BatchOrderState } from './batch-order'
import { PoisoningBatches, allRows } from './poisoning-batches'
import { PoisoningProblem } from './poisoning-problem'
import type { PoisoningBatch } from './poisoning-problem'
import type { PoisoningSettings } from './poisoning-settings'
import { ResidentExamples } from './resident-examples'
import type { StartingPoints } from './starting-points'
import { RunPaused } from './task-run'
import type { Checkpoint, ExampleSource, TaskRun } from './task-run'
import { scoreVictim, trainVictim } from './victims'

/** One attack with one number of poisons. */
export interface CraftPlan {
  readonly network: Network
  readonly goal: AttackGoal
  readonly settings: PoisoningSettings
  readonly train: ResidentExamples
  readonly validation: ResidentExamples
  readonly start: StartingPoints
  readonly l2: number
  readonly seed: number
  /** Pixels as a file of the training data's kind can hold them. */
  readonly stored: (x: Float32Array) => Float32Array
  buildSolver(problem: PoisoningProblem): BilevelSolver<PoisoningBatch>
}

/** A victim retrained on the way, on validation examples. */
export interface CraftCheck extends GoalScore {
  /** Upper steps done; 0 are the starting points. */
  readonly step: number
}

export interface CraftResult {
  /** The best poisons as they can be stored, [count, ...shape] flattened. */
  readonly x: Float32Array
  readonly bestStep: number
  readonly checks: readonly CraftCheck[]
  readonly upperSteps: number
  /** Seconds in the solver's steps. */
  readonly solverSeconds: number
  readonly stopped: 'epochs' | 'converged' | 'time' | 'cancelled'
  readonly divergence?: Divergence
}

export interface CraftWatch {
  onStep?(report: StepReport, step: number): void
  onCheck?(check: CraftCheck, x: Float32Array): Promise<void>
  /** What a checkpoint must hold besides the crafting's own state. */
  readonly beside: Checkpoint
  /** A checkpoint of this very crafting to continue from. */
  readonly restored?: Checkpoint
}

interface Progress {
  step: number
  best: Float32Array
  bestStep: number
  bestWorth: number
  checks: CraftCheck[]
  solverSeconds: number
}

/**
 * Optimise the poisons. Only retrained victims tell how good they are: the solver's own v is not at the minimum
 * that a victim reaches. So a victim is retrained now and then, the starting points included, and the poisons
 * that served best on the validation examples are the result.
 */
export async function craftPoisons(plan: CraftPlan, run: TaskRun, watch: CraftWatch): Promise<CraftResult> {
  const { network, goal, settings, train, validation, start, l2, seed } = plan
  const convex = network.name === 'logistic'
  const everything = { examples: train, rows: allRows(train.count) }
  const retrain = async (x: Float32Array): Promise<Float32Array> => {
    const poisons = new ResidentExamples(added(train, start.labels, x))
    const parts = [everything, { examples: poisons, rows: allRows(poisons.count) }]
    return trainVictim(network, parts, l2, seed)
  }
  const resumed = watch.restored
  const first = resumed ? floats(resumed, 'initialLower') : await retrain(plan.stored(start.features))
  const batches = new PoisoningBatches(goal, train, validation, settings.batchSize, seed)
  const targets = oneHot(start.labels, train.classes)
  const solver = plan.buildSolver(
    new PoisoningProblem({
      network,
      trainCount: train.count,
      start: start.features,
      targets,
      initialLower: first,
      l2,
      direction: goal.kind === 'untargeted' ? 1 : -1,
      spareWeight: settings.spareWeight
    })
  )
  const progress: Progress = {
    step: 0,
    best: plan.stored(start.features),
    bestStep: 0,
    bestWorth: -Infinity,
    checks: [],
    solverSeconds: 0
  }
  let stopped: CraftResult['stopped'] = 'epochs'
  let divergence: Divergence | undefined

  const check = async (victim?: Float32Array): Promise<void> => {
    const x = plan.stored(solver.upper)
    const parameters = victim ?? (await retrain(x))
    // Where g has many minima, the poisons have to work at those that a training from scratch finds.
    if (!convex && !victim) solver.setLower(parameters)
    const whole = { examples: validation, rows: allRows(validation.count) }
    const found: CraftCheck = {
      step: progress.step,
      ...scoreVictim(network, parameters, goal, whole)
    }
    progress.checks.push(found)
    const worth = worthOf(goal, found, progress.checks[0]!)
    if (worth > progress.bestWorth) {
      progress.bestWorth = worth
      progress.best = x
      progress.bestStep = progress.step
    }
    await watch.onCheck?.(found, x)
  }
  const checkpoint = (): Promise<void> =>
    run.saveCheckpoint(checkpointOf(solver.save(), batches, progress, first, watch.beside))

  try {
    if (resumed) restore(resumed, solver, batches, progress)
    else await check(first)
    // So many checks at even distances, the last at the last step.
    const checksUntil = (step: number): number =>
      Math.floor((step * Math.min(settings.checks, settings.upperSteps)) / settings.upperSteps)
    while (progress.step < settings.upperSteps) {
      const signal = await run.poll()
      if (signal === 'pause') {
        await checkpoint()
        throw new RunPaused()
      }
      if (signal === 'cancel' || signal === 'time') {
        stopped = signal === 'cancel' ? 'cancelled' : 'time'
        break
      }
      const before = performance.now()
      const batch = batches.next()
      const result = solver.step(batch)
      batches.release(batch)
      progress.solverSeconds += (performance.now() - before) / 1000
      if (!result.ok) {
        divergence = result.divergence
        break
      }
      progress.step++
      watch.onStep?.(result.report, progress.step)
      if (checksUntil(progress.step) > checksUntil(progress.step - 1) || result.converged) {
        await check()
        await checkpoint()
      }
      if (result.converged) {
        stopped = 'converged'
        break
      }
    }
    // Ended between two checks: what has been reached since may be the best.
    if (stopped === 'time' && progress.checks.at(-1)!.step < progress.step) await check()
  } finally {
    solver.dispose()
    targets.dispose()
    batches.dispose()
  }
  const { best, bestStep, checks, step, solverSeconds } = progress
  return { x: best, bestStep, checks, upperSteps: step, solverSeconds, stopped, divergence }
}

/** Loss of accuracy on the other classes that a targeted attack may cost, on validation. */
const SPARED = 0.01

/** What the poisons of a check are worth: damage done; targeted: successes, unless the other classes tell. */
function worthOf(goal: AttackGoal, score: GoalScore, before: GoalScore): number {
  if (goal.kind === 'untargeted') return -score.accuracy
  const lost = Math.max(0, (before.other ?? 0) - (score.other ?? 0) - SPARED)
  return (score.success ?? 0) - 10 * lost
}

/** Poisons as a source of examples. */
export function added(train: ResidentExamples, labels: Int32Array, x: Float32Array): ExampleSource {
  const size = x.length / labels.length
  return {
    count: labels.length,
    shape: train.shape,
    classNames: Array.from({ length: train.classes }, (_, k) => String(k)),
    labels,
    readRows: (rows) => {
      const out = new Float32Array(rows.length * size)
      for (let i = 0; i < rows.length; i++)
        out.set(x.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size)
      return out
    }
  }
}

function checkpointOf(
  { numbers, arrays }: SolverState,
  batches: PoisoningBatches,
  progress: Progress,
  initialLower: Float32Array,
  beside: Checkpoint
): Checkpoint {
  const { step, best, bestStep, bestWorth, checks, solverSeconds } = progress
  return {
    json: {
      ...beside.json,
      solver: numbers,
      batches: batches.save(),
      crafting: { step, bestStep, bestWorth, checks, solverSeconds }
    },
    arrays: { ...beside.arrays, ...arrays, initialLower, best }
  }
}

function restore(
  checkpoint: Checkpoint,
  solver: BilevelSolver<PoisoningBatch>,
  batches: PoisoningBatches,
  progress: Progress
): void {
  const { json, arrays } = checkpoint
  solver.restore({
    numbers: json['solver'] as Record<string, number>,
    arrays: arrays as Record<string, Float32Array | Int32Array>
  })
  batches.restore(json['batches'] as BatchOrderState[])
  Object.assign(progress, json['crafting'] as Partial<Progress>, {
    best: floats(checkpoint, 'best')
  })
}

function floats(checkpoint: Checkpoint, name: string): Float32Array {
  const values = checkpoint.arrays[name]
  if (!(values instanceof Float32Array)) throw new Error(`The checkpoint lacks the array "${name}".`)
  return values
}
