import type { StepNumbers } from '../../shared/domain/run-event'
import type { ClassifierScore, TrainingWatch } from './classifier-training'
import type { DenoisingSettings } from './denoising-settings'
import { ascending, auroc } from './detection'
import type { TaskRun } from './task-run'

type Phase = 'pretraining' | 'learning' | 'cross-validating' | 'comparing'

const PHRASES: Record<Phase, string> = {
  pretraining: 'training on the trusted examples',
  learning: 'learning importance weights',
  'cross-validating': 'cross-validating the labels as given',
  comparing: 'training the classifiers to compare'
}

const BINS = 40
/** Examples shown live as most suspicious. */
const SHOWN = 24

/**
 * Tells what a denoising run does, how far it is and how long it will take. Phases are weighed by the example
 * passes they need (a bilevel lower step costs about four ordinary ones).
 */
export class DenoisingProgress {
  readonly #run: TaskRun
  readonly #costs: Record<Phase, number>
  readonly #epochs: number
  #phase: Phase = 'pretraining'
  #before = 0
  #passes = 0
  #lastReport = -Infinity

  constructor(run: TaskRun, settings: DenoisingSettings, sizes: { train: number; trusted: number }) {
    this.#run = run
    this.#epochs = settings.epochs
    const final = settings.final(sizes.train + sizes.trusted)
    const whole = final.epochs * (sizes.train + sizes.trusted)
    this.#costs = {
      pretraining: settings.pretrain.epochs * sizes.trusted,
      learning: 4 * settings.epochs * sizes.train * (settings.solver.lowerSteps + 1),
      'cross-validating': (settings.folds * whole) / 3,
      // Cleaned and as given, each twice, and trusted only.
      comparing: 3 * whole + settings.final(sizes.trusted).epochs * sizes.trusted
    }
  }

  enter(phase: Phase): void {
    const phases = Object.keys(this.#costs) as Phase[]
    this.#before = phases.slice(0, phases.indexOf(phase)).reduce((sum, name) => sum + this.#costs[name], 0)
    this.#phase = phase
    this.#passes = 0
    this.#lastReport = -Infinity
    this.#report(0)
  }

  /** For ordinary trainings: counts epochs, lets messages in, and ends a training that is no longer wanted. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (_epoch, _lower, examples) => {
        this.#passes += examples
        this.#report(Math.min(this.#passes / Math.max(this.#costs[this.#phase], 1), 1))
        const signal = await this.#run.poll()
        // A pause waits for the next checkpoint of the bilevel phase; what comes after it is short.
        if (signal === 'cancel') return false
        // Time being up ends what prepares a result, never the training that the result needs.
        return signal !== 'time' || this.#phase === 'comparing'
      }
    }
  }

  step(report: StepNumbers, step: number, epoch: number): void {
    const seconds = this.#run.seconds()
    this.#run.emit({ type: 'metric', step, epoch, seconds, ...report })
    this.#report(Math.min(epoch / this.#epochs, 1))
  }

  epoch(
    epoch: number,
    weights: Float32Array,
    held: ClassifierScore,
    wrong: Uint8Array | undefined,
    predictions: () => Int32Array
  ): void {
    const histogram = (counted: (row: number) => boolean): number[] => {
      const counts = new Array<number>(BINS).fill(0)
      weights.forEach((weight, row) => {
        if (counted(row)) counts[Math.min(BINS - 1, Math.floor(weight * BINS))]! += 1
      })
      return counts
    }
    const predicted = predictions()
    const step = Math.round(epoch)
    this.#run.emit({
      type: 'weights',
      step,
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
    this.#run.emit({
      type: 'metric',
      step,
      epoch,
      seconds: this.#run.seconds(),
      extra: {
        heldBackLoss: held.loss,
        heldBackAccuracy: held.accuracy,
        ...(wrong ? { auroc: auroc(weights, wrong) } : {})
      }
    })
  }

  #report(fractionOfPhase: number): void {
    const seconds = this.#run.seconds()
    if (seconds - this.#lastReport < 0.1) return
    this.#lastReport = seconds
    const total = Object.values(this.#costs).reduce((sum, cost) => sum + cost, 0)
    const fraction = Math.min((this.#before + fractionOfPhase * this.#costs[this.#phase]) / total, 1)
    const secondsLeft = fraction > 0.02 ? (seconds / fraction) * (1 - fraction) : undefined
    this.#run.emit({ type: 'progress', phase: PHRASES[this.#phase], fraction, seconds, secondsLeft })
  }
}
