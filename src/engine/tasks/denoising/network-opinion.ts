import type { Network } from '../../models/network'
import { featuresOf, rowCount } from '../../evidence/labelled-rows'
import type { TrainingRecipe } from '../shared/classifier-training'
import { ResidentExamples } from '../shared/resident-examples'
import { crossValidatedProbabilities, shortened } from './confidence'
import type { Opinion } from './label-evidence'

export const OPINION_FOLDS = 3

/**
 * What the run's own network says of rows that it has not seen: each fold by one trained from scratch on the others' labels
 * as given, in few passes. The run's classifier itself has seen the labels, and learned some of the wrong ones. Leaving out
 * labels that are not believed made its errors those of the others ("Denoising: a network's own opinion").
 * @param shape of an example; the rows' width in all
 * @param recipe of a training on so many examples
 */
export function networkOpinion(
  network: Network,
  shape: readonly number[],
  recipe: (count: number) => TrainingRecipe,
  seed: number
): Opinion {
  return async (rows, rest) => {
    const count = rowCount(rows)
    const examples = new ResidentExamples({
      count,
      shape,
      classNames: Array.from({ length: rows.classes }, (_, k) => String(k)),
      labels: rows.labels,
      readRows: (wanted) => featuresOf(rows, wanted)
    })
    return crossValidatedProbabilities(
      network,
      examples,
      undefined,
      shortened(recipe(Math.round((count * (OPINION_FOLDS - 1)) / OPINION_FOLDS))),
      OPINION_FOLDS,
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
