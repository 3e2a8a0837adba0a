import { pricesOf } from '../../../shared/domain/prices'
import { sigmoid } from '../../evidence/log-odds'
import { LabelBeliefs } from '../../evidence/wrong-labels'
import { crossValidatedProbabilities } from './confidence'
import { flagCount } from './label-evidence'
import type { LabelEvidence } from './label-evidence'
import { networkRecipe, rowsOfFold } from './network-folds'
import type { PreparedRun } from './prepared-run'

/** What a convolutional network says of labels that it has not seen. */
export interface NetworkOpinion {
  /** Class probabilities, row-major [examples, classes]. */
  readonly crossValidated: Float32Array
  /** Parameters of the last fold's classifier. */
  readonly lower: Float32Array
}

export async function askNetwork({
  network,
  train,
  trusted,
  settings,
  spec,
  progress
}: PreparedRun): Promise<NetworkOpinion> {
  const { folds } = settings
  let lower: Float32Array = new Float32Array()
  const crossValidated = await crossValidatedProbabilities(
    network,
    train,
    trusted,
    networkRecipe(settings.final(rowsOfFold(train.count, folds) + trusted.rows.length)),
    folds,
    spec.seed,
    { ...progress.watch(), onFold: (parameters) => (lower = parameters) }
  )
  return { crossValidated, lower }
}

/**
 * Its opinion and that of the trusted examples alone as one probability a label.
 * @param trustedOnly row-major [examples, classes]
 */
export function networkEvidence(
  { train, spec }: PreparedRun,
  crossValidated: Float32Array,
  trustedOnly: Float32Array
): Omit<LabelEvidence, 'c' | 'expected'> {
  const { labels, classes, count } = train
  const beliefs = new LabelBeliefs([crossValidated, trustedOnly], labels, classes, count, spec.seed)
  const all = Array.from({ length: count }, (_, row) => beliefs.of(row))
  const wrong = Float64Array.from(all, ({ logOdds }) => sigmoid(logOdds))
  return {
    right: Float32Array.from(all, ({ logOdds }) => sigmoid(-logOdds)),
    likeliest: Int32Array.from(all, ({ likeliest }) => likeliest),
    alternative: Int32Array.from(all, ({ alternative }) => alternative),
    crossValidated,
    trustedOnly,
    trustedC: undefined,
    flags: flagCount(wrong, beliefs.anyWrong, pricesOf(spec)),
    planted: undefined
  }
}
