import type { StepNumbers } from '../../../shared/domain/run-event'
import type { ClassifierScore, TrainingWatch } from '../shared/classifier-training'
import { neededCosts, phaseCosts, phaseExamples } from './phase-costs'
import type { CostedRun, DenoisingPhase } from './phase-costs'
import { ascending, auroc } from './detection'
import { budgetOf } from './time-budget'
import { PhaseProgress } from '../shared/phase-progress'
import type { Phase } from '../shared/phase-progress'
import type { TaskRun } from '../shared/task-run'

const TEXTS: Readonly<Record<DenoisingPhase, string>> = {
  judging: 'weighing what classifiers say that have not seen the labels',
  pretraining: 'training on the trusted examples',
  learning: 'learning importance weights',
  'cross-validating': 'cross-validating the labels as given',
  comparing: 'training the classifiers to compare'
}

const BINS = 40
/** Examples shown live as most suspicious. */
const SHOWN = 24

/**
 * Tells what a denoising run does, how far it is and how long it will take. Phases are weighed by the time
 * that they take.
 */
export class DenoisingProgress {
  readonly #run: TaskRun
  readonly #epochs: number
  readonly #phases: PhaseProgress<DenoisingPhase>

  constructor(run: TaskRun, costed: CostedRun) {
    this.#run = run
    this.#epochs = costed.settings.epochs
    const costs = phaseCosts(costed)
    const examples = phaseExamples(costed)
    const needed = neededCosts(costed)
    const phase = (name: DenoisingPhase): Phase => ({
      text: TEXTS[name],
      cost: costs[name],
      examples: examples[name],
      needed: needed[name]
    })
    this.#phases = new PhaseProgress<DenoisingPhase>(run, {
      judging: phase('judging'),
      pretraining: phase('pretraining'),
      learning: phase('learning'),
      'cross-validating': phase('cross-validating'),
      comparing: phase('comparing')
    })
  }

  /** @param fraction of the phase, where an earlier process got to */
  enter(name: DenoisingPhase, fraction = 0): void {
    this.#phases.enter(name, fraction)
  }

  /** @param examples that a training has passed over */
  passed(examples: number): void {
    this.#phases.pass(examples)
  }

  /** Of passing over so many examples, the share for which there is time: 0 to 1. */
  shareInTime(examples: number, budget = budgetOf(this.#run.limit, 1)): number {
    const left = budget.left()
    const seconds = this.#phases.secondsToPass(examples)
    return left >= seconds ? 1 : Math.max(0, left / seconds)
  }

  /** @param done share of the evidence that is there */
  judged(done: number): void {
    this.#phases.report(done)
  }

  /** For ordinary trainings: counts epochs, lets messages in, and ends a training that is no longer wanted. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (_epoch, _lower, examples) => {
        this.passed(examples)
        const signal = await this.#run.poll()
        // A pause waits for the next checkpoint of the bilevel phase; what comes after it is short.
        if (signal === 'cancel') return false
        // Time being up ends what a result can do without, never the trainings that it needs.
        const { phase } = this.#phases
        return signal !== 'time' || phase === 'comparing' || phase === 'pretraining'
      }
    }
  }

  step(report: StepNumbers, step: number, epoch: number): void {
    const seconds = this.#run.seconds()
    this.#run.emit({ type: 'metric', step, epoch, seconds, ...report })
    this.#phases.report(epoch / this.#epochs)
  }

  epoch(
    epoch: number,
    weights: Float32Array,
    held: ClassifierScore | undefined,
    wrong: Uint8Array | undefined,
    predictions: () => Int32Array
  ): void {
    this.weights(epoch, weights, wrong, predictions())
    this.#run.emit({
      type: 'metric',
      step: Math.round(epoch),
      epoch,
      seconds: this.#run.seconds(),
      extra: {
        ...(held ? { heldBackLoss: held.loss, heldBackAccuracy: held.accuracy } : {}),
        ...(wrong ? { auroc: auroc(weights, wrong) } : {})
      }
    })
  }

  /** Where the weights are, and which are lowest. */
  weights(epoch: number, weights: Float32Array, wrong: Uint8Array | undefined, predicted: Int32Array): void {
    const histogram = (counted: (row: number) => boolean): number[] => {
      const counts = new Array<number>(BINS).fill(0)
      weights.forEach((weight, row) => {
        if (counted(row)) counts[Math.min(BINS - 1, Math.floor(weight * BINS))]! += 1
      })
      return counts
    }
    this.#run.emit({
      type: 'weights',
      step: Math.round(epoch),
      epoch,
      histogram: histogram(() => true),
      ...(wrong
        ? {
            histogramRight: histogram((row) => !wrong[row]),
            histogramWrong: histogram((row) => wrong[row] === 1)
          }
        : {}),
      suspicious: Array.from(ascending(weights).subarray(0, SHOWN), (index) => ({
        index,
        weight: weights[index]!,
        predicted: predicted[index]!
      }))
    })
  }
}
