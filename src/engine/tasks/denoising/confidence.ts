import { Random } from '../../../shared/numerics/random'
import type { Network } from '../../models/network'
import { predictProbabilities, trainClassifier } from '../shared/classifier-training'
import type { RowsOf, TrainingRecipe, TrainingWatch } from '../shared/classifier-training'
import type { ResidentExamples } from '../shared/resident-examples'

/** Folds that have spoken, of a cross-validation. */
export interface FoldsDone {
  readonly folds: number
  /** Of the examples that they score, row-major [examples, classes]. */
  readonly probabilities: Float32Array
  /** Parameters of the last one's classifier. */
  readonly lower: Float32Array
}

export interface FoldWatch extends TrainingWatch {
  /** Where an earlier process got to. */
  readonly done?: FoldsDone
  /** After every fold; a false answer ends the cross-validation there. */
  onFold?(done: FoldsDone): Promise<boolean>
}

/**
 * Cross-validated class probabilities (confident learning, Northcutt et al. 2021): each fold is scored by a
 * classifier trained on the other folds, as labelled.
 * @param beside further rows that every one learns from
 * @returns row-major [examples, classes]
 */
export async function crossValidatedProbabilities(
  network: Network,
  examples: ResidentExamples,
  beside: RowsOf | undefined,
  recipe: TrainingRecipe,
  folds: number,
  seed: number,
  watch: FoldWatch = {}
): Promise<Float32Array> {
  const order = Random.derive(seed, 'cross-validation folds').permutation(examples.count)
  const out = watch.done?.probabilities.slice() ?? new Float32Array(examples.count * network.outputSize)
  for (let fold = watch.done?.folds ?? 0; fold < folds; fold++) {
    const scored = order.filter((_, i) => i % folds === fold)
    const rest = order.filter((_, i) => i % folds !== fold)
    const learned = [{ examples, rows: rest }, ...(beside ? [beside] : [])]
    const parameters = await trainClassifier(network, learned, recipe, seed + fold, watch)
    const probabilities = predictProbabilities(network, parameters, { examples, rows: scored })
    scored.forEach((row, i) => {
      const from = i * network.outputSize
      out.set(probabilities.subarray(from, from + network.outputSize), row * network.outputSize)
    })
    const done = { folds: fold + 1, probabilities: out, lower: parameters }
    if ((await watch.onFold?.(done)) === false) break
  }
  return out
}

/** Fewer passes than for a final classifier: wrong labels are learned last (Arpit et al. 2017). */
export function shortened(recipe: TrainingRecipe): TrainingRecipe {
  return { ...recipe, epochs: Math.max(5, Math.ceil(recipe.epochs / 3)) }
}
