import { trainClassifier } from '../shared/classifier-training'
import type { RowsOf, TrainingRecipe } from '../shared/classifier-training'
import { compareSolved } from './convex-comparison'
import type { ImportanceResult } from './importance-learning'
import type { PreparedRun } from './prepared-run'
import { FEWEST_TO_CHOOSE, recommend } from './recommendation'
import type { Choice } from './recommendation'
import type { StartingPoint } from './starting-point'
import { isTimeUp } from './time-budget'

/** Of its passes, in how many a classifier learns enough to be compared. */
const FEWEST_OF_PASSES = 0.25

/** Classifiers on the cleaned set, on the set as given and on the trusted examples: which to take. */
export async function compareClassifiers(
  prepared: PreparedRun,
  start: StartingPoint,
  learned: ImportanceResult,
  kept: RowsOf
): Promise<Choice> {
  const { network, spec, settings, run, progress, trusted, allTrusted, heldBack, test, everything, twins } =
    prepared
  if (start.evidence?.c !== undefined && spec.model === 'logistic') {
    return compareSolved(prepared, start.evidence.c, learned, kept)
  }
  const countOf = (parts: readonly RowsOf[]): number =>
    parts.reduce((total, part) => total + part.rows.length, 0)
  const fit = (parts: readonly RowsOf[], of = (recipe: TrainingRecipe): TrainingRecipe => recipe) =>
    trainClassifier(network, parts, of(settings.final(countOf(parts))), spec.seed, progress.watch())
  // What is trusted as well is learned from there.
  const alone = ({ examples, rows }: RowsOf): RowsOf => ({
    examples,
    rows: rows.filter((row) => !twins.has(row))
  })
  const share = progress.shareInTime(
    trainingsOf(heldBack) * settings.final(countOf([kept, trusted])).epochs * countOf([kept, trusted])
  )
  const shorter = (recipe: TrainingRecipe): TrainingRecipe => ({
    ...recipe,
    epochs: Math.max(1, Math.floor(share * recipe.epochs))
  })
  // The held-back examples choose; the test set just reports.
  return recommend({
    network,
    heldBack,
    test,
    bilevel: learned.lower,
    trustedOnly: { choosing: start.trustedOnly, final: () => fit([allTrusted]) },
    cleaned: {
      choosing: () => fit([alone(kept), trusted], shorter),
      final: () => fit([alone(kept), allTrusted], shorter)
    },
    noisy: {
      choosing: () => fit([alone(everything), trusted]),
      final: () => fit([alone(everything), allTrusted])
    },
    cancelled: learned.stopped === 'cancelled' || share < FEWEST_OF_PASSES,
    isCancelled: async () => (await run.poll()) === 'cancel',
    isShort: () => learned.stopped === 'time' || share < 1 || isTimeUp(run.limit)
  })
}

/** Of one classifier: to choose by, where enough is held back for that, and to keep. */
function trainingsOf({ rows }: RowsOf): number {
  return rows.length >= FEWEST_TO_CHOOSE ? 2 : 1
}
