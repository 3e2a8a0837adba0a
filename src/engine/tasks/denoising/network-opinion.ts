import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import type { Network } from '../../models/network'
import { featuresOf, rowCount } from '../../evidence/labelled-rows'
import type { TrainingRecipe } from '../shared/classifier-training'
import { ResidentExamples } from '../shared/resident-examples'
import { crossValidatedProbabilities, shortened } from './confidence'
import type { Opinion } from './judged-part'

export const OPINION_FOLDS = 3

/**
 * Whether the run's network is asked: of pictures, where it knows more than the others; on tables it brings nothing
 * (docs/experiments.md, "A network's own opinion"). A linear classifier is among the others already.
 */
export function hearsNetwork({ model }: Pick<DenoisingSpec, 'model'>, shape: readonly number[]): boolean {
  return model !== 'logistic' && shape.length > 1
}

/**
 * What the run's own network says of rows that it has not seen: each fold by one trained from scratch on the others' labels
 * as given, in few passes. The run's classifier itself has seen the labels, and learned some of the wrong ones. Leaving out
 * labels that are not believed made its errors those of the others. It says nothing where time does not suffice for every
 * fold: its first pass tells.
 * @param shape of an example; the rows' width in all
 * @param recipe of a training on so many examples
 */
export function networkOpinion(
  network: Network,
  shape: readonly number[],
  recipe: (count: number) => TrainingRecipe,
  seed: number
): Opinion {
  return async (rows, rest, budget) => {
    const count = rowCount(rows)
    const examples = new ResidentExamples({
      count,
      shape,
      classNames: Array.from({ length: rows.classes }, (_, k) => String(k)),
      labels: rows.labels,
      readRows: (wanted) => featuresOf(rows, wanted)
    })
    const training = shortened(recipe(Math.round((count * (OPINION_FOLDS - 1)) / OPINION_FOLDS)))
    const begun = budget.left()
    let passes = 0
    let isCut = false
    const isOver = (): boolean => (isCut ||= budget.left() <= 0)
    const said = await crossValidatedProbabilities(
      network,
      examples,
      undefined,
      training,
      OPINION_FOLDS,
      seed,
      {
        onEpoch: async () => {
          await rest()
          passes++
          // Unlimited, nothing is left of infinity.
          isCut ||= ((begun - budget.left()) / passes) * training.epochs * OPINION_FOLDS > begun
          return !isOver()
        },
        isOver,
        onFold: () => Promise.resolve(!isCut)
      }
    )
    return isCut ? undefined : said
  }
}
