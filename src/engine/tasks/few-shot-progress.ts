import type { StepNumbers } from '../../shared/domain/run-event'
import type { TrainingWatch } from './classifier-training'
import type { FewShotSettings } from './few-shot-settings'
import type { TaskRun } from './task-run'

type Phase = 'pretraining' | 'learning' | 'testing'

const PHRASES: Record<Phase, string> = {
  pretraining: 'pretraining by plain classification',
  learning: 'learning the shared network',
  testing: 'fitting heads to the test tasks'
}

/** Tells what a few-shot run does, how far it is and how long it will take; costs are passes over images. */
export class FewShotProgress {
  readonly #run: TaskRun
  readonly #settings: FewShotSettings
  readonly #costs: Record<Phase, number>
  #phase: Phase = 'pretraining'
  #lastReport = -Infinity

  constructor(run: TaskRun, settings: FewShotSettings, images: number) {
    this.#run = run
    this.#settings = settings
    const { ways, shots, queries } = settings.size
    const inStep = settings.metaBatch * ways * (shots + queries)
    this.#costs = {
      pretraining: settings.pretrain.epochs * images,
      // The features alone once, and once more with the backward pass; the heads' steps are small beside it.
      learning: settings.upperSteps * inStep * 2,
      testing: 2 * images
    }
  }

  enter(phase: Phase): void {
    this.#phase = phase
    this.#lastReport = -Infinity
    this.#report(0)
  }

  /** For the pretraining: its progress, and whether it shall go on. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (epoch) => {
        this.#report(epoch / this.#settings.pretrain.epochs)
        const signal = await this.#run.poll()
        // A pause waits for the first checkpoint of the bilevel phase.
        return signal !== 'cancel' && signal !== 'time'
      }
    }
  }

  step(report: StepNumbers, step: number): void {
    this.#run.emit({ type: 'metric', step, seconds: this.#run.seconds(), ...report })
    this.#report(step / this.#settings.upperSteps)
  }

  /** Accuracy on tasks of the held-back classes. */
  check(step: number, accuracy: number): void {
    const seconds = this.#run.seconds()
    this.#run.emit({ type: 'metric', step, seconds, extra: { accuracy } })
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
