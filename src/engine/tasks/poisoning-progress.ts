import type { StepNumbers } from '../../shared/domain/run-event'
import type { TrainingWatch } from './classifier-training'
import type { CraftCheck } from './poison-crafting'
import type { PoisoningSettings } from './poisoning-settings'
import type { TaskRun } from './task-run'

/** Shares of the whole that crafting and judging take; the rest is the defence, where there is one. */
const CRAFTING = 0.75
const JUDGING = 0.25
const DEFENCE = 0.3

/** Tells what an attack does, how far it is and how long it will take. */
export class PoisoningProgress {
  readonly #run: TaskRun
  readonly #scale: number
  #phase = 'crafting poisons'
  #from = 0
  #to = 0
  #steps = 1
  #lastReport = -Infinity
  #furthest = 0

  constructor(run: TaskRun, defended: boolean) {
    this.#run = run
    this.#scale = defended ? 1 - DEFENCE : 1
  }

  enterCrafting(index: number, settings: PoisoningSettings): void {
    const { budgets, upperSteps } = settings
    const count = budgets[index]!
    this.#enter(
      budgets.length > 1 ? `crafting ${count} poisons` : 'crafting poisons',
      (CRAFTING * this.#scale * index) / budgets.length,
      (CRAFTING * this.#scale * (index + 1)) / budgets.length
    )
    this.#steps = upperSteps
  }

  enterWriting(): void {
    this.#enter('writing the poisoned set', CRAFTING * this.#scale, CRAFTING * this.#scale)
  }

  /** @param done victims trained of `total` */
  judging(done: number, total: number): void {
    const from = CRAFTING * this.#scale
    const share = JUDGING * this.#scale
    this.#enter('retraining victims', from + (share * done) / total, from + (share * (done + 1)) / total)
  }

  enterDefence(): void {
    this.#enter('denoising the poisoned set', this.#scale, 1)
  }

  /** Of the defence: its own fraction on the scale of the whole. */
  inDefence(phase: string, fraction: number): void {
    this.#enter(phase, this.#scale + (1 - this.#scale) * fraction, 1)
  }

  step(report: StepNumbers, step: number): void {
    this.#run.emit({ type: 'metric', step, seconds: this.#run.seconds(), ...report })
    this.#report(step / this.#steps)
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

  /** For a victim's training: lets messages in; cancelling ends it, time being up does not. */
  watch(): TrainingWatch {
    return { onEpoch: async () => (await this.#run.poll()) !== 'cancel' }
  }

  #enter(phase: string, from: number, to: number): void {
    this.#phase = phase
    this.#from = from
    this.#to = to
    this.#lastReport = -Infinity
    this.#report(0)
  }

  #report(fractionOfPhase: number): void {
    const seconds = this.#run.seconds()
    if (seconds - this.#lastReport < 0.1) return
    this.#lastReport = seconds
    // What is judged after the defence is no step back.
    this.#furthest = Math.max(this.#furthest, this.#from + (this.#to - this.#from) * fractionOfPhase)
    const fraction = Math.min(this.#furthest, 1)
    const secondsLeft = fraction > 0.02 ? (seconds / fraction) * (1 - fraction) : undefined
    this.#run.emit({ type: 'progress', phase: this.#phase, fraction, seconds, secondsLeft })
  }
}
