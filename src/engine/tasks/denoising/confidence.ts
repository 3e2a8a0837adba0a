import { Random } from '../../../shared/numerics/random'
import type { Network } from '../../models/network'
import { predictProbabilities, trainClassifier } from '../shared/classifier-training'
import type { RowsOf, TrainingRecipe, TrainingWatch } from '../shared/classifier-training'
import type { ResidentExamples } from '../shared/resident-examples'

/**
 * Cross-validated class probabilities (confident learning, Northcutt et al. 2021): each fold is scored by a
 * classifier trained on the other folds, as labelled, together with the trusted examples.
 * @returns row-major [train.count, classes]
 */
export async function crossValidatedProbabilities(
  network: Network,
  train: ResidentExamples,
  trusted: RowsOf,
  recipe: TrainingRecipe,
  folds: number,
  seed: number,
  watch: TrainingWatch & { onFold?(fold: number): void } = {}
): Promise<Float32Array> {
  const order = Random.derive(seed, 'cross-validation folds').permutation(train.count)
  const out = new Float32Array(train.count * network.outputSize)
  for (let fold = 0; fold < folds; fold++) {
    watch.onFold?.(fold)
    const scored = order.filter((_, i) => i % folds === fold)
    const rest = order.filter((_, i) => i % folds !== fold)
    const parameters = await trainClassifier(
      network,
      [{ examples: train, rows: rest }, trusted],
      recipe,
      seed + fold,
      watch
    )
    const probabilities = predictProbabilities(network, parameters, { examples: train, rows: scored })
    scored.forEach((row, i) => {
      const from = i * network.outputSize
      out.set(probabilities.subarray(from, from + network.outputSize), row * network.outputSize)
    })
  }
  return out
}
