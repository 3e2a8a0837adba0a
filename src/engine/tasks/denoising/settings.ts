import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import type { PenaltySettings } from '../../bilevel/methods/penalty'
import { solverSettings } from '../shared/solver-settings'
import { asksNetworkAlone, NETWORK_FOLDS } from './network-folds'
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
/** Steps of a run on v from which on compiling them is won back; it takes half a second to one for each size of batch. */
const STEPS_COMPILED = 1500
/** Passes of a convolutional network whose weights start at a probability. */
const NETWORK_EPOCHS = 1
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
  const epochs = spec.epochs ?? defaultEpochs(spec, batches, isJudged)
  const lowerSteps = linear ? 10 : 5
  return {
    epochs,
    batchSize,
    trustedBatchSize: batchSize,
    heldBack,
    solver: solverSettings(spec, {
      lowerSteps,
      compiles: compilingPays(
        spec,
        sizes.train,
        isJudged,
        epochs * batches * (spec.lowerSteps ?? lowerSteps)
      ),
      lrUpper: upperRate(linear, isJudged || asksNetworkAlone(spec)),
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
    folds: spec.crossValidation ?? (convolutional ? NETWORK_FOLDS : 3)
  }
}

/** @param steps of the run on v */
function compilingPays({ model }: DenoisingSpec, train: number, isJudged: boolean, steps: number): boolean {
  return steps >= STEPS_COMPILED && (!isJudged || model !== 'logistic' || train > COMPILED_FROM)
}

/** @param isProbable whether the weights start at a probability, near where they end */
function upperRate(linear: boolean, isProbable: boolean): number {
  if (isProbable) return 0.005
  return linear ? 0.05 : 0.1
}

function heldBackShare({ heldBack }: DenoisingSpec, trusted: number): number {
  return Math.min(heldBack ?? (trusted >= 1000 ? 0.1 : 0.2), MOST_HELD_BACK / trusted)
}

function defaultEpochs(spec: DenoisingSpec, batches: number, isJudged: boolean): number {
  const { model } = spec
  // A convolutional network starts where it has learned most of the labels already.
  if (asksNetworkAlone(spec)) return NETWORK_EPOCHS
  // A linear classifier starts at the solution, others have to get there.
  if (model === 'logistic') return isJudged ? 6 : 30
  return model === 'mlp' ? Math.max(8, Math.ceil(400 / batches)) : 6
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most))
}
