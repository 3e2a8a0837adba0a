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

const LINEAR_RATE = 3e-3

/** `most`: of a batch; `upper`: upper steps; `steps`, `final` (its batch) and `learningRate`: of the final training. */
const MEASURED = {
  logistic: {
    most: 1000,
    upper: 300,
    lowerSteps: 20,
    lrUpper: 0.05,
    gamma: 1000,
    lambda: 1,
    epsilon0: 10,
    steps: 1500,
    final: 1000,
    learningRate: 0.02
  },
  mlp: {
    most: 1000,
    upper: 40,
    lowerSteps: 20,
    lrUpper: 0.1,
    gamma: 100,
    lambda: 100,
    epsilon0: 1e-6,
    steps: 1500,
    final: 250,
    learningRate: 1e-3
  },
  convolutional: {
    most: 64,
    upper: 60,
    lowerSteps: 5,
    lrUpper: 0.1,
    gamma: 100,
    lambda: 100,
    epsilon0: 1e-6,
    steps: 400,
    final: 64,
    learningRate: 1e-3
  }
} as const

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
  const kind = spec.model === 'logistic' || spec.model === 'mlp' ? spec.model : 'convolutional'
  const { most, steps, final, learningRate, upper, ...solver } = MEASURED[kind]
  const batchSize = Math.min(spec.batchSize ?? most, sizes.train)
  const fromEpochs = spec.epochs && spec.epochs * Math.ceil(sizes.train / batchSize)
  const upperSteps = spec.upperSteps ?? fromEpochs ?? upper
  return {
    upperSteps,
    checkEvery: Math.max(1, Math.ceil(upperSteps / CHECKS)),
    batchSize,
    validationBatchSize: Math.min(most, sizes.validation),
    solver: solverSettings(spec, {
      ...solver,
      lrLower: kind === 'logistic' ? LINEAR_RATE : NETWORK_RATE / Math.sqrt(sizes.features),
      nu: 0,
      cGamma: 1,
      cLambda: 0.95,
      cEpsilon: 0.99,
      horizon: upperSteps
    }),
    training: {
      steps,
      batchSize: Math.min(spec.batchSize ?? final, sizes.train),
      learningRate
    },
    grid: GRID
  }
}
