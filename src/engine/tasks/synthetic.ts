import type { StopReason } from '../../shared/domain/report'
import type { Method, SyntheticProblemName, SyntheticSpec } from '../../shared/domain/task-spec'
import type { BilevelSolver, SolverState } from '../bilevel/solver'
import { buildSolver } from './build-solver'
import { SyntheticYardstick } from './synthetic-error'
import type { SyntheticErrors } from './synthetic-error'
import { SyntheticProblem } from './synthetic-problem'
import { syntheticSettings } from './synthetic-settings'
import type { SyntheticSettings } from './synthetic-settings'
import { RunPaused } from './task-run'
import type { Checkpoint, TaskRun } from './task-run'

/** Distance to the solution over the trials, at one moment of a run. */
export interface SyntheticPoint {
  /** Upper steps done. */
  readonly step: number
  /** Seconds that the method's own steps took. */
  readonly seconds: number
  readonly mean: number
  readonly std: number
  readonly max: number
}

/** How one method fared on one problem. */
export interface SyntheticCurve {
  readonly problem: SyntheticProblemName
  readonly method: Method
  readonly lowerSteps: number
  readonly points: readonly SyntheticPoint[]
  /** Mean distance to the optimistic solutions at the end. */
  readonly optimistic: number
  readonly tensorBytes: number
  /** Why the method could not go on, where it could not. */
  readonly diverged?: string
}

export interface SyntheticResult {
  readonly curves: readonly SyntheticCurve[]
  readonly stopped: StopReason
  readonly upperSteps: number
  readonly lowerSteps: number
  readonly solverSeconds: number
}

/** Points of a curve. */
const RECORDED = 200
/** Upper steps between two checkpoints. */
const CHECKPOINT_STEPS = 500

/**
 * Every method on every problem named, one after the other; all trials of a problem at once.
 * @throws RunPaused after a checkpoint
 */
export async function runSynthetic(spec: SyntheticSpec, run: TaskRun): Promise<SyntheticResult> {
  const settings = syntheticSettings(spec)
  const pairs = settings.problems.flatMap((problem) =>
    settings.methods.map((method) => ({ problem, method }))
  )
  const saved = run.restored && (run.restored.json as unknown as SavedRace)
  const finished: SyntheticCurve[] = saved ? [...saved.finished] : []
  let stopped: StopReason = 'epochs'
  for (const pair of pairs.slice(finished.length)) {
    const race = new Race(pair.problem, pair.method, spec, settings)
    try {
      if (saved && run.restored && saved.finished.length === finished.length)
        race.restore(saved, run.restored)
      const signal = await race.run(run, finished, pairs.length)
      if (race.step > 0) finished.push(race.curve())
      if (signal) {
        stopped = signal === 'cancel' ? 'cancelled' : 'time'
        break
      }
    } finally {
      race.dispose()
    }
  }
  const upperSteps = finished.reduce((total, { points }) => total + (points.at(-1)?.step ?? 0), 0)
  return {
    curves: finished,
    stopped,
    upperSteps,
    lowerSteps: upperSteps * settings.lowerSteps,
    solverSeconds: finished.reduce((total, { points }) => total + (points.at(-1)?.seconds ?? 0), 0)
  }
}

/** What a checkpoint says besides the solver's arrays. */
interface SavedRace {
  readonly finished: readonly SyntheticCurve[]
  readonly solver: Record<string, number>
  readonly step: number
  readonly seconds: number
  readonly points: readonly SyntheticPoint[]
  readonly tensorBytes: number
}

/** One method on one problem. */
class Race {
  step = 0
  #seconds = 0
  #points: SyntheticPoint[] = []
  #tensorBytes = 0
  #diverged: string | undefined
  #last: SyntheticErrors
  readonly #names: { readonly problem: SyntheticProblemName; readonly method: Method }
  readonly #settings: SyntheticSettings
  readonly #problem: SyntheticProblem
  readonly #yardstick: SyntheticYardstick
  readonly #solver: BilevelSolver<null>

  constructor(
    problem: SyntheticProblemName,
    method: Method,
    spec: SyntheticSpec,
    settings: SyntheticSettings
  ) {
    this.#names = { problem, method }
    this.#settings = settings
    this.#problem = new SyntheticProblem(problem, spec)
    this.#yardstick = new SyntheticYardstick(problem, spec.dimension, this.#problem.rowSpace)
    this.#solver = buildSolver(method, this.#problem, settings.solver(method), settings.options)
    this.#last = this.#record()
  }

  /** @returns the signal that ended it early */
  async run(
    run: TaskRun,
    finished: readonly SyntheticCurve[],
    races: number
  ): Promise<'cancel' | 'time' | undefined> {
    const { upperSteps } = this.#settings
    const every = Math.max(1, Math.floor(upperSteps / RECORDED))
    const checkpoint = (): Promise<void> => run.saveCheckpoint(this.#checkpoint(finished))
    while (this.step < upperSteps) {
      const signal = await run.poll()
      if (signal === 'pause') {
        await checkpoint()
        throw new RunPaused()
      }
      if (signal !== 'continue') {
        this.#last = this.#record()
        return signal
      }
      const before = performance.now()
      const result = this.#solver.step(null)
      this.#seconds += (performance.now() - before) / 1000
      if (!result.ok) {
        this.#diverged = `${result.divergence.sentence} ${result.divergence.remedy}`
        break
      }
      this.step++
      this.#tensorBytes = Math.max(this.#tensorBytes, result.report.tensorBytes ?? 0)
      if (this.step % every === 0 || this.step === upperSteps || result.converged) {
        this.#last = this.#record()
        this.#tell(run, result.report, finished.length, races)
      }
      if (result.converged) break
      if (this.step % CHECKPOINT_STEPS === 0) await checkpoint()
    }
    return undefined
  }

  curve(): SyntheticCurve {
    return {
      ...this.#names,
      lowerSteps: this.#settings.lowerSteps,
      points: this.#points,
      optimistic: mean(this.#last.optimistic),
      tensorBytes: this.#tensorBytes,
      ...(this.#diverged === undefined ? {} : { diverged: this.#diverged })
    }
  }

  #measure(): SyntheticErrors {
    return this.#yardstick.errors(this.#solver.upper, this.#solver.lower())
  }

  /** Measure, and add a point to the curve. */
  #record(): SyntheticErrors {
    const errors = this.#measure()
    const average = mean(errors.published)
    if (this.#points.at(-1)?.step !== this.step) {
      this.#points.push({
        step: this.step,
        seconds: this.#seconds,
        mean: average,
        std: Math.sqrt(mean(errors.published.map((error) => (error - average) ** 2))),
        max: Math.max(...errors.published)
      })
    }
    return errors
  }

  #tell(run: TaskRun, report: object, before: number, races: number): void {
    const { problem, method } = this.#names
    const seconds = run.seconds()
    const distance = this.#points.at(-1)!.mean
    run.emit({
      type: 'metric',
      step: this.step,
      seconds,
      ...report,
      extra: { distance, [`distance ${problem} ${method}`]: distance }
    })
    const fraction = (before + this.step / this.#settings.upperSteps) / races
    run.emit({
      type: 'progress',
      phase: `${problem}: ${method}, distance ${distance.toPrecision(2)}`,
      fraction,
      seconds,
      ...(fraction > 0.02 ? { secondsLeft: (seconds / fraction) * (1 - fraction) } : {})
    })
  }

  #checkpoint(finished: readonly SyntheticCurve[]): Checkpoint {
    const { numbers, arrays } = this.#solver.save()
    const saved: SavedRace = {
      finished,
      solver: numbers,
      step: this.step,
      seconds: this.#seconds,
      points: this.#points,
      tensorBytes: this.#tensorBytes
    }
    return { json: { ...saved }, arrays }
  }

  restore(saved: SavedRace, checkpoint: Checkpoint): void {
    const arrays = checkpoint.arrays as SolverState['arrays']
    this.#solver.restore({ numbers: saved.solver, arrays })
    this.step = saved.step
    this.#seconds = saved.seconds
    this.#points = [...saved.points]
    this.#tensorBytes = saved.tensorBytes
    this.#last = this.#measure()
  }

  dispose(): void {
    this.#solver.dispose()
    this.#problem.dispose()
  }
}

function mean(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
