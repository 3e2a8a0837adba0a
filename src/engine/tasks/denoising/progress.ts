import type { StepNumbers } from '../../../shared/domain/run-event'
import type { ClassifierScore, TrainingWatch } from '../shared/classifier-training'
import type { DenoisingSettings } from './settings'
import { ascending, auroc } from './detection'
import { PhaseProgress } from '../shared/phase-progress'
import type { TaskRun } from '../shared/task-run'

type Name = 'judging' | 'pretraining' | 'learning' | 'cross-validating' | 'comparing'

const BINS = 40
/** Examples shown live as most suspicious. */
const SHOWN = 24

/**
 * Tells what a denoising run does, how far it is and how long it will take. Phases are weighed by the example
 * passes they need (a bilevel lower step costs about four ordinary ones).
 */
export class DenoisingProgress {
  readonly #run: TaskRun
  readonly #epochs: number
  readonly #phases: PhaseProgress<Name>

  constructor(
    run: TaskRun,
    settings: DenoisingSettings,
    sizes: { train: number; trusted: number },
    isJudged: boolean
  ) {
    this.#run = run
    this.#epochs = settings.epochs
    const final = settings.final(sizes.train + sizes.trusted)
    const allExamples = final.epochs * (sizes.train + sizes.trusted)
    this.#phases = new PhaseProgress<Name>(run, {
      judging: {
        text: 'weighing what classifiers say that have not seen the labels',
        cost: isJudged ? allExamples : 0
      },
      pretraining: {
        text: 'training on the trusted examples',
        cost: settings.pretrain.epochs * sizes.trusted
      },
      learning: {
        text: 'learning importance weights',
        cost: 4 * settings.epochs * sizes.train * (settings.solver.lowerSteps + 1)
      },
      'cross-validating': {
        text: 'cross-validating the labels as given',
        cost: isJudged ? 0 : (settings.folds * allExamples) / 3
      },
      comparing: {
        text: 'training the classifiers to compare',
        // Cleaned and as given, each twice, and trusted only.
        cost: 3 * allExamples + settings.final(sizes.trusted).epochs * sizes.trusted
      }
    })
  }

  enter(name: Name): void {
    this.#phases.enter(name)
  }

  /** @param done share of the evidence that is there */
  judged(done: number): void {
    this.#phases.report(done)
  }

  /** For ordinary trainings: counts epochs, lets messages in, and ends a training that is no longer wanted. */
  watch(): TrainingWatch {
    return {
      onEpoch: async (_epoch, _lower, examples) => {
        this.#phases.pass(examples)
        const signal = await this.#run.poll()
        // A pause waits for the next checkpoint of the bilevel phase; what comes after it is short.
        if (signal === 'cancel') return false
        // Time being up ends what prepares a result, never the training that the result needs.
        return signal !== 'time' || this.#phases.phase === 'comparing'
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
