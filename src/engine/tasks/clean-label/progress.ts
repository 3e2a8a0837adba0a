import type { StepNumbers } from '../../../shared/domain/run-event'
import type { TrainingWatch } from '../shared/classifier-training'
import { cleanLabelCosts } from './costs'
import type { CleanLabelSettings } from './settings'
import { PhaseProgress } from '../shared/phase-progress'
import type { TaskRun } from '../shared/task-run'

type Name = 'representation' | 'crafting' | 'judging' | 'transfer'

/** Tells what a clean-label run does and how far it is; phases are weighed by the images that pass the network. */
export class CleanLabelProgress {
  readonly #run: TaskRun
  readonly #phases: PhaseProgress<Name>

  constructor(run: TaskRun, settings: CleanLabelSettings, train: number, otherVictims: number) {
    this.#run = run
    const costs = cleanLabelCosts(settings, train, otherVictims)
    this.#phases = new PhaseProgress<Name>(run, {
      representation: { text: 'learning the features', cost: costs.representation },
      crafting: { text: 'moving the poisons', cost: costs.crafting, needed: 0 },
      judging: { text: 'retraining the victims', cost: costs.judging },
      transfer: { text: 'training other victims', cost: costs.transfer, needed: 0 }
    })
  }

  enter(name: Name): void {
    this.#phases.enter(name)
  }

  /** For the network's training: a cancelled or late run goes on with what it has learned so far. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (_epoch, _lower, examples) => {
        this.#phases.pass(examples)
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
    this.#phases.report(step / total)
  }
}
