import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import type { PenaltySettings } from '../../bilevel/methods/penalty'
import { solverSettings } from '../shared/solver-settings'
import { classifierRecipe } from '../shared/classifier-recipe'
import type { TrainingRecipe } from '../shared/classifier-training'

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

/** Examples from which on the few passes of a linear judged run win back the seconds that compiling takes. */
const COMPILED_FROM = 50_000
/** Held back at most: more tells nothing new about which epoch is best. */
const MOST_HELD_BACK = 1000

/**
 * Defaults measured in docs/experiments.md ("Denoising: settings"), not the authors' lr_u 3 and lr_v 1e-4,
 * which saturate tanh and find fewer wrong labels. A linear model costs so little that large batches, with
 * their steadier gradients, are the faster way; a deep one wants many steps. Weights that start at a probability are
 * near where they end ("Denoising: weights that start at a probability").
 * @param isJudged whether the weights start at a probability
 */
export function denoisingSettings(
  spec: DenoisingSpec,
  sizes: { train: number; trusted: number },
  isJudged: boolean
): DenoisingSettings {
  const linear = spec.model === 'logistic'
  const convolutional = !linear && spec.model !== 'mlp'
  const batchSize = Math.min(spec.batchSize ?? (linear ? clamp(sizes.train / 5, 50, 1000) : 200), sizes.train)
  const batches = Math.ceil(sizes.train / batchSize)
  const heldBack = heldBackShare(spec, sizes.trusted)
  return {
    epochs: spec.epochs ?? defaultEpochs(spec, batches, isJudged),
    batchSize,
    trustedBatchSize: batchSize,
    heldBack,
    solver: solverSettings(spec, {
      lowerSteps: linear ? 10 : 5,
      compiles: !isJudged || !linear || sizes.train > COMPILED_FROM,
      lrUpper: isJudged ? 0.005 : linear ? 0.05 : 0.1,
      lrLower: convolutional ? 3e-4 : 1e-3,
      momentsPerEntry: spec.momentsPerExample,
      gamma: 1,
      lambda: linear ? 0.1 : 1
    }),
    pretrain: {
      ...classifierRecipe(spec.model, sizes.trusted * (1 - heldBack)),
      ...(spec.pretrainEpochs === undefined ? {} : { epochs: spec.pretrainEpochs })
    },
    final: (count) => classifierRecipe(spec.model, count),
    folds: spec.crossValidation ?? (convolutional ? 0 : 3)
  }
}

function heldBackShare({ heldBack }: DenoisingSpec, trusted: number): number {
  return Math.min(heldBack ?? (trusted >= 1000 ? 0.1 : 0.2), MOST_HELD_BACK / trusted)
}

function defaultEpochs({ model }: DenoisingSpec, batches: number, isJudged: boolean): number {
  // A linear classifier starts at the solution, others have to get there.
  if (model === 'logistic') return isJudged ? 6 : 30
  return model === 'mlp' ? Math.max(8, Math.ceil(400 / batches)) : 6
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most))
}
