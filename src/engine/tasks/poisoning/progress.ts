import type { StepNumbers } from '../../../shared/domain/run-event'
import type { TrainingWatch } from '../shared/classifier-training'
import type { CraftCheck } from './crafting'
import type { PoisoningSettings } from './settings'
import { PhaseProgress } from '../shared/phase-progress'
import type { TaskRun } from '../shared/task-run'

/** Costs of the parts, in any unit. */
const COSTS = { crafting: 3, judging: 1, defence: 12 / 7 }

type Name = 'crafting' | 'writing' | 'judging' | 'defence'

/** Tells what an attack does, how far it is and how long it will take. */
export class PoisoningProgress {
  readonly #run: TaskRun
  readonly #phases: PhaseProgress<Name>
  /** The set of a budget curve that is being crafted. */
  #set = { index: 0, count: 1, steps: 1, text: 'crafting poisons' }

  constructor(run: TaskRun, defended: boolean) {
    this.#run = run
    this.#phases = new PhaseProgress<Name>(run, {
      crafting: { text: 'crafting poisons', cost: COSTS.crafting },
      writing: { text: 'writing the poisoned set', cost: 0 },
      judging: { text: 'retraining victims', cost: COSTS.judging },
      defence: { text: 'denoising the poisoned set', cost: defended ? COSTS.defence : 0 }
    })
  }

  enterCrafting(index: number, { budgets, upperSteps }: PoisoningSettings): void {
    const text = budgets.length > 1 ? `crafting ${budgets[index]!} poisons` : 'crafting poisons'
    this.#set = { index, count: budgets.length, steps: upperSteps, text }
    this.#phases.enter('crafting', index / budgets.length, text)
  }

  enterWriting(): void {
    this.#phases.enter('writing')
  }

  /** @param done victims trained of `total` */
  judging(done: number, total: number): void {
    this.#phases.enter('judging', done / total)
  }

  enterDefence(): void {
    this.#phases.enter('defence')
  }

  /** Of the defence: its own fraction, and what it does. */
  inDefence(phase: string, fraction: number): void {
    this.#phases.report(fraction, phase)
  }

  step(report: StepNumbers, step: number): void {
    this.#run.emit({ type: 'metric', step, seconds: this.#run.seconds(), ...report })
    const { index, count, steps, text } = this.#set
    this.#phases.report((index + step / steps) / count, text)
  }

  check({ step, accuracy, success, other }: CraftCheck): void {
    this.#run.emit({
      type: 'metric',
      step,
      seconds: this.#run.seconds(),
      extra: {
        retrainedAccuracy: accuracy,
        ...(success === undefined ? {} : { retrainedSuccessRate: success }),
        ...(other === undefined ? {} : { retrainedOtherAccuracy: other })
      }
    })
  }

  /** A defence and further victims are not begun then. */
  get isTimeUp(): boolean {
    const { limit } = this.#run
    return limit !== undefined && limit.secondsLeft() <= 0
  }

  /** For a victim's training: lets messages in; cancelling ends it, time being up does not. */
  watch(): TrainingWatch {
    return { onEpoch: async () => (await this.#run.poll()) !== 'cancel' }
  }
}
