import type { DenoisingSpec } from '../../shared/domain/task-spec'
import { decidedRows } from './decided-rows'
import { portableSpec } from './run-data'
import { reviewable } from './run-results'
import type { RunResults } from './run-results'

/**
 * The run's spec with its decisions applied, going on from its weights and classifier. A label that was kept
 * is a correction to itself: somebody vouches for it.
 * @param judged labels given elsewhere, by row: they come after those of the review
 */
export async function continuation(
  context: RunResults,
  run: string,
  judged: ReadonlyMap<number, number> = new Map()
): Promise<DenoisingSpec> {
  const { outputDir } = reviewable(context, run)
  const { givenLabels: given } = await context.selectionOf(run, 'train')
  const corrections: Record<string, number> = {}
  const dropped: number[] = []
  for (const { row, action, label } of (await decidedRows(context, run)).values()) {
    if (judged.has(row)) continue
    if (action === 'drop') dropped.push(row)
    else corrections[row] = action === 'relabel' ? label! : given[row]!
  }
  for (const [row, label] of judged) corrections[row] = label
  const spec = (await portableSpec(context.workspace, context.datasets, run)) as DenoisingSpec
  return { ...spec, corrections, dropped, startFrom: outputDir }
}
