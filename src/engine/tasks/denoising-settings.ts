import type { DenoisingSpec } from '../../shared/domain/task-spec'
import type { TrainingRecipe } from './classifier-training'

/** Every number a denoising run uses, defaults filled in from the model and the sizes of the data. */
export interface DenoisingSettings {
  readonly epochs: number
  readonly lowerSteps: number
  readonly batchSize: number
  readonly lrUpper: number
  readonly lrLower: number
  readonly heldBack: number
  readonly pretrain: TrainingRecipe
  readonly final: TrainingRecipe
  readonly folds: number
}

/**
 * Defaults measured in docs/experiments.md ("Denoising: settings"): lr_u 0.1 and lr_v 1e-3 rather than the
 * authors' 3 and 1e-4, which saturate tanh and find fewer wrong labels.
 */
export function denoisingSettings(
  spec: DenoisingSpec,
  sizes: { train: number; trusted: number }
): DenoisingSettings {
  const linear = spec.model === 'logistic'
  const convolutional = !linear && spec.model !== 'mlp'
  const batchSize = Math.min(spec.batchSize ?? 200, sizes.train)
  return {
    epochs: spec.epochs ?? (convolutional ? 10 : 20),
    lowerSteps: spec.lowerSteps ?? (linear ? 10 : 5),
    batchSize,
    lrUpper: spec.lrUpper ?? 0.1,
    lrLower: spec.lrLower ?? 1e-3,
    heldBack: spec.heldBack ?? 0.2,
    pretrain: recipe(sizes.trusted, convolutional, spec.pretrainEpochs),
    final: recipe(sizes.train + sizes.trusted, convolutional),
    folds: spec.crossValidation ?? 0
  }
}

/** Enough steps for a small set, enough epochs for a large one. */
function recipe(count: number, convolutional: boolean, epochs?: number): TrainingRecipe {
  const batchSize = Math.max(16, Math.min(128, Math.floor(count / 20)))
  const batches = Math.ceil(count / batchSize)
  const wanted = convolutional
    ? Math.max(8, Math.ceil(600 / batches))
    : Math.max(20, Math.ceil(1500 / batches))
  return { epochs: epochs ?? wanted, batchSize, learningRate: 1e-3, l2: 0 }
}
