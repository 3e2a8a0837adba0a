import type { StepNumbers } from '../../../shared/domain/run-event'
import type { Divergence, Solver } from '../../bilevel/solver'
import type { SolverState } from '../../bilevel/solver-state'
import { CheckpointPace } from './checkpoint-pace'
import { RunPaused } from './task-run'
import type { Checkpoint, TaskRun } from './task-run'

/** Batches whose order can be saved and continued exactly. */
export interface BatchStream<B> {
  /** The next batch; `release` disposes it. */
  next(): B
  release(batch: B): void
  /** As JSON. */
  save(): unknown
  restore(saved: unknown): void
}

export interface BilevelLoop<B> {
  readonly solver: Solver<B>
  readonly batches: BatchStream<B>
  readonly upperSteps: number
  /** Name of this part of the task, by which a checkpoint is known. */
  readonly phase: string
  /** Before the solver's step on a batch, e.g. to give it a start of its own. */
  prepare?(batch: B): void
  onStep?(report: StepNumbers, step: number): void
  /** Whether the task looks at the state itself after this step, e.g. to remember the best. */
  isCheck?(step: number, converged: boolean): boolean
  /** @param solverSeconds seconds in the solver's steps so far */
  onCheck?(step: number, report: StepNumbers, solverSeconds: number): Promise<void> | void
  /** What a checkpoint must hold besides the loop's own state. */
  beside(): Checkpoint
}

export interface LoopResult {
  readonly upperSteps: number
  /** Seconds in the solver's steps. */
  readonly solverSeconds: number
  readonly stopped: 'epochs' | 'converged' | 'time' | 'cancelled' | 'diverged'
  readonly divergence?: Divergence
}

/** Whether a checkpoint was saved by the loop of this name. */
export function isFromPhase(checkpoint: Checkpoint | undefined, phase: string): checkpoint is Checkpoint {
  return checkpoint?.json['phase'] === phase
}

/** A check after every so many steps, and after the last. */
export function everySteps(every: number, upperSteps: number): (step: number) => boolean {
  return (step) => step % every === 0 || step === upperSteps
}

/**
 * Step a solver until its steps are done, it converges or diverges, or its owner wants something else.
 * @param restored a checkpoint of this very loop to go on from: a task of several loops was restored in one of them
 * @throws RunPaused after a checkpoint
 */
export async function runBilevelLoop<B>(
  loop: BilevelLoop<B>,
  run: TaskRun,
  restored: Checkpoint | undefined
): Promise<LoopResult> {
  const { solver, batches, upperSteps } = loop
  const at = restored ? restoreLoop(loop, restored) : { step: 0, solverSeconds: 0 }
  const checkpoint = (): Promise<void> => run.saveCheckpoint(checkpointOf(loop, at))
  const pace = new CheckpointPace(run)
  const ended = (stopped: LoopResult['stopped'], divergence?: Divergence): LoopResult => ({
    upperSteps: at.step,
    solverSeconds: at.solverSeconds,
    stopped,
    divergence
  })
  while (at.step < upperSteps) {
    const signal = await run.poll()
    if (signal === 'pause') {
      await checkpoint()
      throw new RunPaused()
    }
    if (signal !== 'continue') return ended(signal === 'cancel' ? 'cancelled' : 'time')
    const before = performance.now()
    const batch = batches.next()
    loop.prepare?.(batch)
    const result = solver.step(batch)
    batches.release(batch)
    at.solverSeconds += (performance.now() - before) / 1000
    if (!result.ok) return ended('diverged', result.divergence)
    at.step++
    loop.onStep?.(result.report, at.step)
    if (loop.isCheck?.(at.step, result.converged)) {
      await loop.onCheck?.(at.step, result.report, at.solverSeconds)
    }
    await pace.offer(checkpoint)
    if (result.converged) return ended('converged')
  }
  return ended('epochs')
}

/** How far a loop is. */
interface Position {
  step: number
  solverSeconds: number
}

function checkpointOf<B>({ solver, batches, phase, beside }: BilevelLoop<B>, at: Position): Checkpoint {
  const { numbers, arrays } = solver.save()
  const { json, arrays: others } = beside()
  return {
    json: { ...json, phase, solver: numbers, batches: batches.save(), loop: { ...at } },
    arrays: { ...others, ...arrays }
  }
}

function restoreLoop<B>({ solver, batches }: BilevelLoop<B>, { json, arrays }: Checkpoint): Position {
  solver.restore({ numbers: json['solver'], arrays } as SolverState)
  batches.restore(json['batches'])
  return { ...(json['loop'] as Position) }
}
