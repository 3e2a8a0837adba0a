import type { StopReason } from '../../../shared/domain/report'
import type { Method, SyntheticProblemName, SyntheticSpec } from '../../../shared/domain/task-spec'
import type { Solver } from '../../bilevel/solver'
import { everySteps, isFromPhase, runBilevelLoop } from '../shared/bilevel-loop'
import type { BatchStream, LoopResult } from '../shared/bilevel-loop'
import { buildSolver } from '../../bilevel/methods'
import { SyntheticYardstick } from './error'
import type { SyntheticErrors } from './error'
import { SyntheticProblem } from './problem'
import { syntheticSettings } from './settings'
import type { SyntheticSettings } from './settings'
import type { Checkpoint, TaskRun } from '../shared/task-run'

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
/** Name of the races in a checkpoint. */
const PHASE = 'synthetic'
/** The same problem at every step. */
const ONE_BATCH: BatchStream<null> = {
  next: () => null,
  release: () => undefined,
  save: () => null,
  restore: () => undefined
}

/**
 * Every method on every problem named, one after the other; all trials of a problem at once.
 * @throws RunPaused after a checkpoint
 */
export async function trainSynthetic(spec: SyntheticSpec, run: TaskRun): Promise<SyntheticResult> {
  const settings = syntheticSettings(spec)
  const pairs = settings.problems.flatMap((problem) =>
    settings.methods.map((method) => ({ problem, method }))
  )
  const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
  const finished = restored ? [...(restored.json['finished'] as SyntheticCurve[])] : []
  const unfinished = finished.length
  let stopped: StopReason = 'epochs'
  for (const [i, pair] of pairs.entries()) {
    if (i < unfinished) continue
    const race = new Race(pair.problem, pair.method, spec, settings)
    try {
      const outcome = await race.run(run, finished, pairs.length, i === unfinished ? restored : undefined)
      if (outcome.upperSteps > 0) finished.push(race.curve())
      if (outcome.stopped === 'cancelled' || outcome.stopped === 'time') {
        stopped = outcome.stopped
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

/** One method on one problem. */
class Race {
  #points: SyntheticPoint[] = []
  #tensorBytes = 0
  #diverged: string | undefined
  #last: SyntheticErrors
  readonly #names: { readonly problem: SyntheticProblemName; readonly method: Method }
  readonly #problem: SyntheticProblem
  readonly #yardstick: SyntheticYardstick
  readonly #solver: Solver<null>

  constructor(
    problem: SyntheticProblemName,
    method: Method,
    spec: SyntheticSpec,
    private readonly settings: SyntheticSettings
  ) {
    this.#names = { problem, method }
    this.#problem = new SyntheticProblem(problem, spec)
    this.#yardstick = new SyntheticYardstick(problem, spec.dimension, this.#problem.rowSpace)
    this.#solver = buildSolver(method, this.#problem, settings.solver(method), settings.options)
    this.#last = this.#record(0, 0)
  }

  async run(
    run: TaskRun,
    finished: readonly SyntheticCurve[],
    races: number,
    restored: Checkpoint | undefined
  ): Promise<LoopResult> {
    const { upperSteps } = this.settings
    if (restored) this.#restore(restored)
    const every = Math.max(1, Math.floor(upperSteps / RECORDED))
    const isPoint = everySteps(every, upperSteps)
    const outcome = await runBilevelLoop(
      {
        solver: this.#solver,
        batches: ONE_BATCH,
        upperSteps,
        phase: PHASE,
        onStep: ({ tensorBytes = 0 }) => {
          this.#tensorBytes = Math.max(this.#tensorBytes, tensorBytes)
        },
        isCheck: (step, converged) => isPoint(step) || converged,
        onCheck: (step, report, solverSeconds) => {
          this.#last = this.#record(step, solverSeconds)
          this.#tell(run, step, report, finished.length, races)
        },
        beside: () => ({
          json: { finished, points: this.#points, tensorBytes: this.#tensorBytes },
          arrays: {}
        })
      },
      run,
      restored
    )
    const { divergence, solverSeconds } = outcome
    if (divergence) this.#diverged = `${divergence.sentence} ${divergence.remedy}`
    else this.#last = this.#record(outcome.upperSteps, solverSeconds)
    return outcome
  }

  curve(): SyntheticCurve {
    return {
      ...this.#names,
      lowerSteps: this.settings.lowerSteps,
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
  #record(step: number, seconds: number): SyntheticErrors {
    const errors = this.#measure()
    const average = mean(errors.published)
    if (this.#points.at(-1)?.step !== step) {
      this.#points.push({
        step,
        seconds,
        mean: average,
        std: Math.sqrt(mean(errors.published.map((error) => (error - average) ** 2))),
        max: Math.max(...errors.published)
      })
    }
    return errors
  }

  #tell(run: TaskRun, step: number, report: object, before: number, races: number): void {
    const { problem, method } = this.#names
    const seconds = run.seconds()
    const distance = this.#points.at(-1)!.mean
    run.emit({
      type: 'metric',
      step,
      seconds,
      ...report,
      extra: { distance, [`distance ${problem} ${method}`]: distance }
    })
    const fraction = (before + step / this.settings.upperSteps) / races
    run.emit({
      type: 'progress',
      phase: `${problem}: ${method}, distance ${distance.toPrecision(2)}`,
      fraction,
      seconds,
      ...(fraction > 0.02 ? { secondsLeft: (seconds / fraction) * (1 - fraction) } : {})
    })
  }

  #restore({ json }: Checkpoint): void {
    this.#points = [...(json['points'] as SyntheticPoint[])]
    this.#tensorBytes = json['tensorBytes'] as number
  }

  dispose(): void {
    this.#solver.dispose()
    this.#problem.dispose()
  }
}

function mean(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
