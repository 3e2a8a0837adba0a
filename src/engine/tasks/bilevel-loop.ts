import type { BilevelSolver, Divergence, SolverState, StepReport } from '../bilevel/solver'
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
  readonly solver: BilevelSolver<B>
  readonly batches: BatchStream<B>
  readonly upperSteps: number
  /** Name of this part of the task, by which a checkpoint is known. */
  readonly phase: string
  /** Upper steps after which a checkpoint may be saved again. */
  readonly checkpointEvery: number
  /** Before the solver's step on a batch, e.g. to give it a start of its own. */
  prepare?(batch: B): void
  onStep?(report: StepReport, step: number): void
  /** Now and then the task looks at the state itself, e.g. to remember the best. */
  onCheck?(step: number): Promise<void>
  /** Upper steps between two checks. */
  readonly checkEvery?: number
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

/**
 * Step a solver until its steps are done, it converges, or its owner wants something else.
 * @throws RunPaused after a checkpoint
 */
export async function runBilevelLoop<B>(loop: BilevelLoop<B>, run: TaskRun): Promise<LoopResult> {
  const { solver, batches, upperSteps, phase, checkpointEvery, checkEvery = Infinity } = loop
  let step = 0
  let solverSeconds = 0
  if (isFromPhase(run.restored, phase)) {
    const { json, arrays } = run.restored
    solver.restore({ numbers: json['solver'], arrays } as SolverState)
    batches.restore(json['batches'])
    const saved = json['loop'] as { step: number; solverSeconds: number }
    step = saved.step
    solverSeconds = saved.solverSeconds
  }
  const checkpoint = async (): Promise<void> => {
    const { numbers, arrays } = solver.save()
    const beside = loop.beside()
    await run.saveCheckpoint({
      json: {
        ...beside.json,
        phase,
        solver: numbers,
        batches: batches.save(),
        loop: { step, solverSeconds }
      },
      arrays: { ...beside.arrays, ...arrays }
    })
  }
  const pace = new CheckpointPace(run)
  const ended = (stopped: LoopResult['stopped'], divergence?: Divergence): LoopResult => ({
    upperSteps: step,
    solverSeconds,
    stopped,
    divergence
  })
  while (step < upperSteps) {
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
    solverSeconds += (performance.now() - before) / 1000
    if (!result.ok) return ended('diverged', result.divergence)
    step++
    loop.onStep?.(result.report, step)
    if (loop.onCheck && (step % checkEvery === 0 || step === upperSteps)) await loop.onCheck(step)
    if (step % checkpointEvery === 0) await pace.offer(checkpoint)
    if (result.converged) return ended('converged')
  }
  return ended('epochs')
}
