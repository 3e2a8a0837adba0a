import { trainClassifier } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { compareSolved } from './convex-comparison'
import type { ImportanceResult } from './importance-learning'
import type { PreparedRun } from './prepared-run'
import { recommend } from './recommendation'
import type { Choice } from './recommendation'
import type { StartingPoint } from './starting-point'

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
  const fit = (parts: readonly RowsOf[]): Promise<Float32Array> => {
    const count = parts.reduce((total, part) => total + part.rows.length, 0)
    return trainClassifier(network, parts, settings.final(count), spec.seed, progress.watch())
  }
  // What is trusted as well is learned from there.
  const alone = ({ examples, rows }: RowsOf): RowsOf => ({
    examples,
    rows: rows.filter((row) => !twins.has(row))
  })
  // The held-back examples choose; the test set just reports.
  return recommend({
    network,
    heldBack,
    test,
    bilevel: learned.lower,
    trustedOnly: { choosing: start.trustedOnly, final: () => fit([allTrusted]) },
    cleaned: { choosing: () => fit([alone(kept), trusted]), final: () => fit([alone(kept), allTrusted]) },
    noisy: {
      choosing: () => fit([alone(everything), trusted]),
      final: () => fit([alone(everything), allTrusted])
    },
    cancelled: learned.stopped === 'cancelled',
    isCancelled: async () => (await run.poll()) === 'cancel',
    short: learned.stopped === 'time'
  })
}
