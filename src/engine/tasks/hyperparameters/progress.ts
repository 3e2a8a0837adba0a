import type { StepNumbers } from '../../../shared/domain/run-event'
import type { HyperparameterSettings } from './settings'
import { PhaseProgress } from '../shared/phase-progress'
import type { TaskRun } from '../shared/task-run'

type Name = 'grid' | 'tuning'

/** A bilevel lower step costs about this many steps of ordinary training on as many examples. */
const LOWER_STEP_COST = 4

/** Tells what a tuning run does, how far it is and how long it will take. */
export class HyperparameterProgress {
  readonly #run: TaskRun
  readonly #upperSteps: number
  readonly #gridTrainings: number
  readonly #phases: PhaseProgress<Name>
  #trainings = 0

  constructor(run: TaskRun, settings: HyperparameterSettings) {
    this.#run = run
    const { upperSteps, checkEvery, batchSize, training, grid, solver } = settings
    const lowerStep = LOWER_STEP_COST * (batchSize / training.batchSize)
    this.#upperSteps = upperSteps
    this.#gridTrainings = grid.length + 1
    this.#phases = new PhaseProgress<Name>(run, {
      grid: {
        text: 'training without regularisation and with shared strengths',
        cost: training.steps * this.#gridTrainings
      },
      tuning: {
        text: 'tuning the strengths',
        cost:
          upperSteps * (solver.lowerSteps + 1) * lowerStep +
          Math.ceil(upperSteps / checkEvery) * training.steps,
        // One training judges what was reached.
        needed: training.steps
      }
    })
  }

  enter(name: Name): void {
    this.#trainings = 0
    this.#phases.enter(name)
  }

  /** For a training: its progress, and whether it shall go on. */
  watch(): (fraction: number) => Promise<boolean> {
    const done = this.#trainings++
    return async (fraction) => {
      if (this.#phases.phase === 'grid') this.#phases.report((done + fraction) / this.#gridTrainings)
      const signal = await this.#run.poll()
      // A pause waits for the next checkpoint; time being up never ends a training that judges what was reached.
      return signal !== 'cancel' && (signal !== 'time' || this.#phases.phase === 'tuning')
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
    this.#phases.report(step / this.#upperSteps)
  }

  /** A classifier retrained with the strengths reached. */
  check(step: number, validationLoss: number): void {
    const extra = { retrainedValidationLoss: validationLoss }
    this.#run.emit({ type: 'metric', step, seconds: this.#run.seconds(), extra })
  }
}
