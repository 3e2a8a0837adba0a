import type { StepNumbers } from '../../shared/domain/run-event'
import type { TrainingWatch } from './classifier-training'
import type { CleanLabelSettings } from './clean-label-settings'
import type { TaskRun } from './task-run'

type Phase = 'representation' | 'crafting' | 'judging' | 'transfer'

const PHRASES: Record<Phase, string> = {
  representation: 'learning the features',
  crafting: 'moving the poisons',
  judging: 'retraining the victims',
  transfer: 'training other victims'
}

/** One lower step on all heads costs about as much as this many images through the network. */
const LOWER_STEP_IMAGES = 20

/** Tells what a clean-label run does and how far it is; phases are weighed by the images that pass the network. */
export class CleanLabelProgress {
  readonly #run: TaskRun
  readonly #costs: Record<Phase, number>
  #phase: Phase = 'representation'
  #passes = 0
  #lastReport = -Infinity

  constructor(run: TaskRun, settings: CleanLabelSettings, train: number, otherVictims: number) {
    this.#run = run
    const { extractor, targets, poisons, upperSteps, solver } = settings
    const crafting = upperSteps * (2 * targets * poisons + LOWER_STEP_IMAGES * solver.lowerSteps)
    const training = extractor.epochs * train
    this.#costs = {
      representation: training,
      crafting,
      judging: 200 * targets,
      transfer: 2 * otherVictims * training
    }
  }

  enter(phase: Phase): void {
    this.#phase = phase
    this.#passes = 0
    this.#lastReport = -Infinity
    this.#report(0)
  }

  /** For the network's training: a cancelled or late run goes on with what it has learned so far. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (_epoch, _lower, examples) => {
        this.#passes += examples
        this.#report(this.#passes / this.#costs[this.#phase])
        const signal = await this.#run.poll()
        return signal === 'continue' || signal === 'pause'
      }
    }
  }

  /** @param targets targets of the step's group: losses are told as means over them */
  step(report: StepNumbers, step: number, total: number, targets: number): void {
    this.#run.emit({
      type: 'metric',
      step,
      seconds: this.#run.seconds(),
      ...report,
      f: report.f / targets,
      g: report.g / targets
    })
    this.#report(step / total)
  }

  #report(fractionOfPhase: number): void {
    const seconds = this.#run.seconds()
    if (seconds - this.#lastReport < 0.1) return
    this.#lastReport = seconds
    const phases = Object.keys(this.#costs) as Phase[]
    const total = phases.reduce((sum, name) => sum + this.#costs[name], 0)
    const before = phases
      .slice(0, phases.indexOf(this.#phase))
      .reduce((sum, name) => sum + this.#costs[name], 0)
    const done = before + Math.min(fractionOfPhase, 1) * this.#costs[this.#phase]
    const fraction = Math.min(done / total, 1)
    const secondsLeft = fraction > 0.02 ? (seconds / fraction) * (1 - fraction) : undefined
    this.#run.emit({ type: 'progress', phase: PHRASES[this.#phase], fraction, seconds, secondsLeft })
  }
}
