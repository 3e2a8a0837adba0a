import type { Network } from '../../models/network'
import { featuresOf, rowCount } from '../../evidence/labelled-rows'
import type { TrainingRecipe } from '../shared/classifier-training'
import { ResidentExamples } from '../shared/resident-examples'
import { crossValidatedProbabilities, shortened } from './confidence'
import type { Opinion } from './label-evidence'

const FOLDS = 3
/** Labels that are likelier wrong than right are not learned from. */
const LEAST_BELIEVED = 0.5

/**
 * What the run's own network says of rows that it has not seen: each fold by one trained from scratch on the others'
 * labels that are believed. The run's classifier itself has seen the labels, and learned some of the wrong ones.
 * @param shape of an example; the rows' width in all
 * @param recipe of a training on so many examples
 */
export function networkOpinion(
  network: Network,
  shape: readonly number[],
  recipe: (count: number) => TrainingRecipe,
  seed: number
): Opinion {
  return async (rows, weights, rest) => {
    const examples = new ResidentExamples({
      count: rowCount(rows),
      shape,
      classNames: Array.from({ length: rows.classes }, (_, k) => String(k)),
      labels: rows.labels,
      readRows: (wanted) => featuresOf(rows, wanted)
    })
    const isLearned = (row: number): boolean => weights[row]! >= LEAST_BELIEVED
    const learned = weights.reduce((sum, weight) => sum + Number(weight >= LEAST_BELIEVED), 0)
    return crossValidatedProbabilities(
      network,
      { examples, isLearned },
      undefined,
      shortened(recipe(Math.round((learned * (FOLDS - 1)) / FOLDS))),
      FOLDS,
      seed,
      {
        onEpoch: async () => {
          await rest()
          return true
        }
      }
    )
  }
}
