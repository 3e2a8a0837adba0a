import type { StepNumbers } from '../../../shared/domain/run-event'
import type { Solver } from '../../bilevel/solver'
import { oneHot } from '../../models/one-hot'
import type { Network } from '../../models/network'
import type { AttackGoal, GoalScore } from './attack-goal'
import { runBilevelLoop } from '../shared/bilevel-loop'
import type { LoopResult } from '../shared/bilevel-loop'
import { PoisoningBatches, allRows } from './batches'
import { PoisoningProblem } from './problem'
import type { PoisoningBatch } from './problem'
import type { PoisoningSettings } from './settings'
import { ResidentExamples } from '../shared/resident-examples'
import type { StartingPoints } from './starting-points'
import type { Checkpoint, ExampleSource, TaskRun } from '../shared/task-run'
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
  buildSolver(problem: PoisoningProblem): Solver<PoisoningBatch>
}

/** A victim retrained on the way, on validation examples. */
export interface CraftCheck extends GoalScore {
  /** Upper steps done; 0 are the starting points. */
  readonly step: number
}

export interface CraftResult extends LoopResult {
  /** The best poisons as they can be stored, [count, ...shape] flattened. */
  readonly x: Float32Array
  readonly bestStep: number
  readonly checks: readonly CraftCheck[]
}

export interface CraftWatch {
  onStep?(report: StepNumbers, step: number): void
  onCheck?(check: CraftCheck, x: Float32Array): Promise<void>
  /** What a checkpoint must hold besides the crafting's own state. */
  readonly beside: Checkpoint
  /** A checkpoint of this very crafting to continue from. */
  readonly restored?: Checkpoint
}

/** The poisons that served best so far, on validation examples. */
interface Best {
  x: Float32Array
  step: number
  worth: number
}

/** Name of a set that is being crafted in a checkpoint. */
export const CRAFTING_PHASE = 'crafting'

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
  const best: Best = { x: plan.stored(start.features), step: 0, worth: -Infinity }
  const checks: CraftCheck[] = []
  const check = async (step: number, victim?: Float32Array): Promise<void> => {
    const x = plan.stored(solver.upper)
    const parameters = victim ?? (await retrain(x))
    // Where g has many minima, the poisons have to work at those that a training from scratch finds.
    if (!convex && !victim) solver.setLower(parameters)
    const everything = { examples: validation, rows: allRows(validation.count) }
    const found: CraftCheck = { step, ...scoreVictim(network, parameters, goal, everything) }
    checks.push(found)
    const worth = worthOf(goal, found, checks[0]!)
    if (worth > best.worth) Object.assign(best, { x, step, worth })
    await watch.onCheck?.(found, x)
  }

  try {
    if (resumed) {
      Object.assign(best, resumed.json['best'], { x: floats(resumed, 'best') })
      checks.push(...(resumed.json['checks'] as CraftCheck[]))
    } else await check(0, first)
    // So many checks at even distances, the last at the last step.
    const checksUntil = (step: number): number =>
      Math.floor((step * Math.min(settings.checks, settings.upperSteps)) / settings.upperSteps)
    const outcome = await runBilevelLoop(
      {
        solver,
        batches,
        upperSteps: settings.upperSteps,
        phase: CRAFTING_PHASE,
        onStep: watch.onStep,
        isCheck: (step, converged) => checksUntil(step) > checksUntil(step - 1) || converged,
        onCheck: (step) => check(step),
        beside: () => ({
          json: { ...watch.beside.json, checks, best: { step: best.step, worth: best.worth } },
          arrays: { ...watch.beside.arrays, initialLower: first, best: best.x }
        })
      },
      run,
      resumed
    )
    // Ended between two checks: what has been reached since may be the best.
    const isChecked = checks.at(-1)!.step === outcome.upperSteps
    if (outcome.stopped === 'time' && !isChecked) await check(outcome.upperSteps)
    return { ...outcome, x: best.x, bestStep: best.step, checks }
  } finally {
    solver.dispose()
    targets.dispose()
    batches.dispose()
  }
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

function floats(checkpoint: Checkpoint, name: string): Float32Array {
  const values = checkpoint.arrays[name]
  if (!(values instanceof Float32Array)) throw new Error(`The checkpoint lacks the array "${name}".`)
  return values
}
