import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import type { TrainingRecipe } from '../shared/classifier-training'

/** Folds of a convolutional network's opinion, each as long as half a training. */
export const NETWORK_FOLDS = 2
/** Of a training's passes: a deep network needs most of them to know classes apart, and learns wrong labels last. */
const PASSES = 0.8
const FEWEST_PASSES = 8

/**
 * Whether the probability of each label comes from the run's own network alone: of pictures that only a convolutional
 * one can read, unless cross-validation is turned off.
 */
export function asksNetworkAlone({
  model,
  crossValidation = NETWORK_FOLDS
}: Pick<DenoisingSpec, 'model' | 'crossValidation'>): boolean {
  return model !== 'logistic' && model !== 'mlp' && crossValidation > 1
}

export function networkRecipe(recipe: TrainingRecipe): TrainingRecipe {
  return { ...recipe, epochs: Math.max(FEWEST_PASSES, Math.round(PASSES * recipe.epochs)) }
}

/** Rows that a fold's network learns from. */
export function rowsOfFold(count: number, folds: number): number {
  return Math.round((count * (folds - 1)) / Math.max(1, folds))
}
