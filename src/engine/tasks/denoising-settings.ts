import type { DenoisingSpec } from '../../shared/domain/task-spec'
import { PENALTY_DEFAULTS } from '../bilevel/methods/penalty'
import type { PenaltySettings } from '../bilevel/methods/penalty'
import type { TrainingRecipe } from './classifier-training'

/** Every number a denoising run uses, defaults filled in from the model and the sizes of the data. */
export interface DenoisingSettings {
  readonly epochs: number
  readonly batchSize: number
  readonly trustedBatchSize: number
  /** Share of the trusted examples that only choose the best epoch. */
  readonly heldBack: number
  readonly solver: PenaltySettings
  /** Training on the trusted examples before the bilevel run starts. */
  readonly pretrain: TrainingRecipe
  /** Training of the classifiers that the report compares. */
  final(count: number): TrainingRecipe
  /** Folds of cross-validated confidence; 0 for none. */
  readonly folds: number
}

/** Held back at most: more tells nothing new about which epoch is best. */
const MOST_HELD_BACK = 1000

/**
 * Defaults measured in docs/experiments.md ("Denoising: settings"), not the authors' lr_u 3 and lr_v 1e-4,
 * which saturate tanh and find fewer wrong labels. A linear model costs so little that large batches, with
 * their steadier gradients, are the faster way; a deep one wants many steps.
 */
export function denoisingSettings(
  spec: DenoisingSpec,
  sizes: { train: number; trusted: number }
): DenoisingSettings {
  const linear = spec.model === 'logistic'
  const convolutional = !linear && spec.model !== 'mlp'
  const batchSize = Math.min(spec.batchSize ?? (linear ? clamp(sizes.train / 5, 50, 1000) : 200), sizes.train)
  const batches = Math.ceil(sizes.train / batchSize)
  const heldBack = Math.min(
    spec.heldBack ?? (sizes.trusted >= 1000 ? 0.1 : 0.2),
    MOST_HELD_BACK / sizes.trusted
  )
  return {
    epochs: spec.epochs ?? (linear ? 30 : convolutional ? 6 : Math.max(8, Math.ceil(400 / batches))),
    batchSize,
    trustedBatchSize: batchSize,
    heldBack,
    solver: {
      ...PENALTY_DEFAULTS,
      lowerSteps: spec.lowerSteps ?? (linear ? 10 : 5),
      lrUpper: spec.lrUpper ?? (linear ? 0.05 : 0.1),
      lrLower: spec.lrLower ?? (convolutional ? 3e-4 : 1e-3),
      momentsPerEntry: spec.momentsPerExample,
      gamma: spec.gamma ?? 1,
      lambda: spec.lambda ?? (linear ? 0.1 : 1),
      epsilon0: spec.epsilon0 ?? PENALTY_DEFAULTS.epsilon0,
      nu: spec.nu ?? PENALTY_DEFAULTS.nu,
      cGamma: spec.cGamma ?? PENALTY_DEFAULTS.cGamma,
      cLambda: spec.cLambda ?? PENALTY_DEFAULTS.cLambda,
      cEpsilon: spec.cEpsilon ?? PENALTY_DEFAULTS.cEpsilon,
      lrDecay: spec.lrDecay ?? PENALTY_DEFAULTS.lrDecay
    },
    pretrain: {
      ...classifierRecipe(spec.model, sizes.trusted * (1 - heldBack)),
      ...(spec.pretrainEpochs === undefined ? {} : { epochs: spec.pretrainEpochs })
    },
    final: (count) => classifierRecipe(spec.model, count),
    folds: spec.crossValidation ?? (convolutional ? 0 : 3)
  }
}

/** Enough steps for a small set, enough epochs for a large one. */
export function classifierRecipe(model: string, count: number): TrainingRecipe {
  const batchSize = clamp(count / 20, 16, 128)
  const batches = Math.ceil(count / batchSize)
  if (model === 'logistic') {
    return { epochs: Math.max(25, Math.ceil(2000 / batches)), batchSize, learningRate: 3e-3, l2: 0 }
  }
  if (model === 'mlp') {
    return { epochs: Math.max(20, Math.ceil(1200 / batches)), batchSize, learningRate: 1e-3, l2: 0 }
  }
  return { epochs: Math.max(8, Math.ceil(300 / batches)), batchSize, learningRate: 1e-3, l2: 0 }
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most))
}
