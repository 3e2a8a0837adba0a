import type { StepNumbers } from '../../shared/domain/run-event'
import type { HyperparameterSettings } from './hyperparameter-settings'
import type { TaskRun } from './task-run'

type Phase = 'grid' | 'tuning'

const PHRASES: Record<Phase, string> = {
  grid: 'training without regularisation and with shared strengths',
  tuning: 'tuning the strengths'
}

/** A bilevel lower step costs about this many steps of ordinary training on as many examples. */
const LOWER_STEP_COST = 4

/** Tells what a tuning run does, how far it is and how long it will take. */
export class HyperparameterProgress {
  readonly #run: TaskRun
  readonly #upperSteps: number
  readonly #gridTrainings: number
  readonly #costs: Record<Phase, number>
  #phase: Phase = 'grid'
  #trainings = 0
  #lastReport = -Infinity

  constructor(run: TaskRun, settings: HyperparameterSettings) {
    this.#run = run
    const { upperSteps, checkEvery, batchSize, training, grid, solver } = settings
    const lowerStep = LOWER_STEP_COST * (batchSize / training.batchSize)
    this.#upperSteps = upperSteps
    this.#gridTrainings = grid.length + 1
    this.#costs = {
      grid: training.steps * this.#gridTrainings,
      tuning:
        upperSteps * (solver.lowerSteps + 1) * lowerStep + Math.ceil(upperSteps / checkEvery) * training.steps
    }
  }

  enter(phase: Phase): void {
    this.#phase = phase
    this.#trainings = 0
    this.#lastReport = -Infinity
    this.#report(0)
  }

  /** For a training: its progress, and whether it shall go on. */
  watch(): (fraction: number) => Promise<boolean> {
    const done = this.#trainings++
    return async (fraction) => {
      if (this.#phase === 'grid') this.#report(Math.min((done + fraction) / this.#gridTrainings, 1))
      const signal = await this.#run.poll()
      // A pause waits for the next checkpoint; time being up never ends a training that judges what was reached.
      return signal !== 'cancel' && (signal !== 'time' || this.#phase === 'tuning')
    }
  }

  step(report: StepNumbers, step: number, upper: Float32Array): void {
    const mean = upper.reduce((total, value) => total + value, 0) / upper.length
    this.#run.emit({
      type: 'metric',
      step,
      seconds: this.#run.seconds(),
      ...report,
      extra: { validationLoss: report.f, meanLogStrength: mean }
    })
    this.#report(step / this.#upperSteps)
  }

  /** A classifier retrained with the strengths reached. */
  check(step: number, validationLoss: number): void {
    const extra = { retrainedValidationLoss: validationLoss }
    this.#run.emit({ type: 'metric', step, seconds: this.#run.seconds(), extra })
  }

  #report(fractionOfPhase: number): void {
    const seconds = this.#run.seconds()
    if (seconds - this.#lastReport < 0.1) return
    this.#lastReport = seconds
    const phases = Object.keys(this.#costs) as Phase[]
    const cost = (names: readonly Phase[]): number => names.reduce((sum, name) => sum + this.#costs[name], 0)
    const done =
      cost(phases.slice(0, phases.indexOf(this.#phase))) + fractionOfPhase * this.#costs[this.#phase]
    const fraction = Math.min(done / cost(phases), 1)
    const secondsLeft = fraction > 0.02 ? (seconds / fraction) * (1 - fraction) : undefined
    this.#run.emit({ type: 'progress', phase: PHRASES[this.#phase], fraction, seconds, secondsLeft })
  }
}
