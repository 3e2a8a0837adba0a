import type { StepNumbers } from '../../../shared/domain/run-event'
import type { TrainingWatch } from '../shared/classifier-training'
import { fewShotCosts } from './costs'
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
    const costs = fewShotCosts(settings, images)
    this.#phases = new PhaseProgress<Name>(run, {
      pretraining: {
        text: 'pretraining by plain classification',
        cost: costs.pretraining
      },
      learning: { text: 'learning the shared network', cost: costs.learning, needed: 0 },
      testing: { text: 'fitting heads to the test tasks', cost: costs.testing }
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
