import { Recordings } from '../../tensors/recordings'
import type { Network } from '../../models/network'
import { scoreClassifier } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { Contenders } from './contenders'
import type { TrainedClassifier } from './contenders'
import type { HyperparameterProgress } from './progress'
import { trainRegularised } from './regularised-training'
import type { Regulariser } from './regulariser'
import type { HyperparameterSettings } from './settings'

export interface TuningInputs {
  readonly network: Network
  readonly regulariser: Regulariser
  readonly train: RowsOf
  readonly validation: RowsOf
  readonly settings: HyperparameterSettings
  readonly seed: number
  readonly progress: HyperparameterProgress
}

/**
 * Classifiers trained from scratch by one recipe, each with its strengths: those that the report compares, and those
 * that judge the strengths reached on the way. It keeps their compiled steps: call dispose.
 */
export class RetrainedClassifiers {
  readonly found = new Contenders()
  readonly #recordings = new Recordings()

  constructor(private readonly training: TuningInputs) {}

  dispose(): void {
    this.#recordings.dispose()
  }

  /** One strength for every group. */
  shared(strength: number): Float32Array {
    return new Float32Array(this.training.regulariser.count).fill(strength)
  }

  /** @param step upper steps after which the strengths were reached */
  async judge(step: number, strengths: Float32Array): Promise<void> {
    const classifier = await this.#trained(strengths)
    if (!classifier) return
    this.found.tried(step, strengths, classifier)
    this.training.progress.check(step, classifier.validationLoss)
  }

  /** No regularisation, and a grid of shared strengths. */
  async searchGrid(): Promise<void> {
    this.training.progress.enter('grid')
    const plain = await this.#trained(this.shared(0))
    if (plain) this.found.add('unregularised', plain)
    for (const strength of this.training.settings.grid) {
      const classifier = await this.#trained(this.shared(strength))
      if (!classifier) break
      this.found.addToGrid(strength, classifier)
    }
  }

  /** @returns undefined where the run was ended before */
  async #trained(strengths: Float32Array): Promise<TrainedClassifier | undefined> {
    const { network, train, validation, regulariser, settings, seed, progress } = this.training
    const watch = progress.watch()
    const recipe = settings.training
    const parameters = await trainRegularised(
      network,
      train,
      regulariser,
      strengths,
      recipe,
      seed,
      this.#recordings,
      watch
    )
    if (!parameters) return undefined
    const { loss, accuracy } = scoreClassifier(network, parameters, validation)
    return { parameters, validationLoss: loss, validationAccuracy: accuracy }
  }
}
