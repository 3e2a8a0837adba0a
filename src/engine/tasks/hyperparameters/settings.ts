import type { HyperparametersSpec } from '../../../shared/domain/task-spec'
import type { PenaltySettings } from '../../bilevel/methods/penalty'
import { solverSettings } from '../shared/solver-settings'
import type { RegularisedRecipe } from './regularised-training'

/** Every number a tuning run uses, defaults filled in from the model and the sizes of the data. */
export interface HyperparameterSettings {
  readonly upperSteps: number
  /** Upper steps between two classifiers retrained to judge the strengths. */
  readonly checkEvery: number
  readonly batchSize: number
  readonly validationBatchSize: number
  readonly solver: PenaltySettings
  /** Every classifier that the report compares is trained by this recipe. */
  readonly training: RegularisedRecipe
  /** Shared strengths that the grid search tries. */
  readonly grid: readonly number[]
}

/** Adam moves every weight alike, and a unit's input by the more the more weights it has. */
const NETWORK_RATE = 1e-2

/** Classifiers retrained on the way. */
const CHECKS = 4

/** A factor of about three from one to the next. */
const GRID = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1]

/**
 * Measured in docs/experiments.md ("Hyperparameter tuning: settings"). Batches are large, because single ones would
 * move the strengths by chance. Where v is a network's parameters, T steps cannot settle all of them, and the weight
 * of g decides: at the minimum of h_v, p = gamma grad_v g solves (H_vv + lambda / gamma I) p = -grad_v f when nu is
 * 0, so lambda = gamma damps the directions that a strength hardly curves, and a large lambda keeps v beside the
 * minimum of g instead of following the validation loss away from it. The schedule rests: it would lift both.
 */
export function hyperparameterSettings(
  spec: HyperparametersSpec,
  sizes: { train: number; validation: number; features: number }
): HyperparameterSettings {
  const linear = spec.model === 'logistic'
  const convolutional = !linear && spec.model !== 'mlp'
  const most = convolutional ? 64 : 1000
  const batchSize = Math.min(spec.batchSize ?? most, sizes.train)
  const fromEpochs = spec.epochs && spec.epochs * Math.ceil(sizes.train / batchSize)
  const upperSteps = spec.upperSteps ?? fromEpochs ?? (linear ? 300 : convolutional ? 60 : 40)
  return {
    upperSteps,
    checkEvery: Math.max(1, Math.ceil(upperSteps / CHECKS)),
    batchSize,
    validationBatchSize: Math.min(most, sizes.validation),
    solver: solverSettings(spec, {
      lowerSteps: convolutional ? 5 : 20,
      lrUpper: linear ? 0.05 : 0.1,
      lrLower: linear ? 3e-3 : NETWORK_RATE / Math.sqrt(sizes.features),
      gamma: linear ? 1000 : 100,
      lambda: linear ? 1 : 100,
      epsilon0: linear ? 10 : 1e-6,
      nu: 0,
      cGamma: 1,
      cLambda: 0.95,
      cEpsilon: 0.99,
      horizon: upperSteps
    }),
    training: {
      steps: convolutional ? 400 : 1500,
      batchSize: Math.min(spec.batchSize ?? (linear ? 1000 : convolutional ? 64 : 250), sizes.train),
      learningRate: linear ? 0.02 : 1e-3
    },
    grid: GRID
  }
}
