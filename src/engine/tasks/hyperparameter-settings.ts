import type { HyperparametersSpec } from '../../shared/domain/task-spec'
import { PENALTY_DEFAULTS } from '../bilevel/penalty'
import type { PenaltySettings } from '../bilevel/penalty'
import type { RegularisedRecipe } from './regularised-training'

/** Every number a tuning run uses, defaults filled in from the model and the sizes of the data. */
export interface HyperparameterSettings {
  readonly upperSteps: number
  readonly batchSize: number
  readonly validationBatchSize: number
  readonly solver: PenaltySettings
  /** Every classifier that the report compares is trained by this recipe. */
  readonly training: RegularisedRecipe
  /** Shared strengths that the grid search tries. */
  readonly grid: readonly number[]
}

/** A factor of about three from one to the next. */
const GRID = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1]

/** Batches are large, because single ones would move the strengths by chance; measured in docs/experiments.md. */
export function hyperparameterSettings(
  spec: HyperparametersSpec,
  sizes: { train: number; validation: number }
): HyperparameterSettings {
  const linear = spec.model === 'logistic'
  const convolutional = !linear && spec.model !== 'mlp'
  const most = linear ? 1000 : convolutional ? 64 : 250
  const batchSize = Math.min(spec.batchSize ?? most, sizes.train)
  const fromEpochs = spec.epochs && spec.epochs * Math.ceil(sizes.train / batchSize)
  const upperSteps = spec.upperSteps ?? fromEpochs ?? (convolutional ? 60 : 300)
  return {
    upperSteps,
    batchSize,
    validationBatchSize: Math.min(most, sizes.validation),
    solver: {
      ...PENALTY_DEFAULTS,
      lowerSteps: spec.lowerSteps ?? (convolutional ? 5 : 20),
      lrUpper: spec.lrUpper ?? 0.05,
      lrLower: spec.lrLower ?? (linear ? 3e-3 : 1e-3),
      gamma: spec.gamma ?? 1000,
      lambda: spec.lambda ?? 1,
      epsilon0: spec.epsilon0 ?? 10,
      nu: spec.nu ?? 0,
      cGamma: spec.cGamma ?? 1,
      cLambda: spec.cLambda ?? 0.95,
      cEpsilon: spec.cEpsilon ?? 0.99,
      lrDecay: spec.lrDecay ?? PENALTY_DEFAULTS.lrDecay,
      horizon: upperSteps
    },
    training: {
      steps: convolutional ? 400 : 1500,
      batchSize,
      learningRate: linear ? 0.02 : 1e-3
    },
    grid: GRID
  }
}
