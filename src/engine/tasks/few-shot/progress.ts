import type { StepNumbers } from '../../../shared/domain/run-event'
import type { TrainingWatch } from '../shared/classifier-training'
import type { FewShotSettings } from './settings'
import { PhaseProgress } from '../shared/phase-progress'
import type { TaskRun } from '../shared/task-run'

type Name = 'pretraining' | 'learning' | 'testing'

/** Tells what a few-shot run does, how far it is and how long it will take; costs are passes over images. */
export class FewShotProgress {
  readonly #run: TaskRun
  readonly #settings: FewShotSettings
  readonly #phases: PhaseProgress<Name>

  constructor(run: TaskRun, settings: FewShotSettings, images: number) {
    this.#run = run
    this.#settings = settings
    const { ways, shots, queries } = settings.size
    const inStep = settings.metaBatch * ways * (shots + queries)
    this.#phases = new PhaseProgress<Name>(run, {
      pretraining: {
        text: 'pretraining by plain classification',
        cost: settings.pretrain.epochs * images
      },
      // The features alone once, and once more with the backward pass; the heads' steps are small beside it.
      learning: { text: 'learning the shared network', cost: settings.upperSteps * inStep * 2, needed: 0 },
      testing: { text: 'fitting heads to the test tasks', cost: 2 * images }
    })
  }

  enter(name: Name): void {
    this.#phases.enter(name)
  }

  /** For the pretraining: its progress, and whether it shall go on. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (epoch) => {
        this.#phases.report(epoch / this.#settings.pretrain.epochs)
        const signal = await this.#run.poll()
        // A pause waits for the first checkpoint of the bilevel phase.
        return signal !== 'cancel' && signal !== 'time'
      }
    }
  }

  step(report: StepNumbers, step: number): void {
    this.#run.emit({ type: 'metric', step, seconds: this.#run.seconds(), ...report })
    this.#phases.report(step / this.#settings.upperSteps)
  }

  /** Accuracy on tasks of the held-back classes. */
  check(step: number, accuracy: number): void {
    const seconds = this.#run.seconds()
    this.#run.emit({ type: 'metric', step, seconds, extra: { accuracy } })
  }
}
