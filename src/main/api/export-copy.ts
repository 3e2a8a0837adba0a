import { exportChecked, exportDataset } from '../datasets'
import type { ExampleSelection, ExportOptions, ExportResult, LabelDecisions } from '../datasets'
import { userName } from '../runs'
import { manifestOf } from './export-manifest'
import { planCopy } from './export-plan'

/**
 * Write a copy with the labels corrected that were while trusted examples were marked, without the examples that
 * somebody decided to leave out. Where there are any, or not all examples are asked for, a
 * manifest.json says which, by whom and when.
 * @throws Failure bad-input, cancelled
 */
export async function exportCopy(
  selection: ExampleSelection,
  {
    withoutPoisons,
    asked,
    decisions,
    ...options
  }: ExportOptions & {
    readonly withoutPoisons: boolean
    /** A question, and the only rows that are wanted by it. */
    readonly asked?: { readonly where: string; readonly rows: ReadonlySet<number> }
    readonly decisions: Pick<LabelDecisions, 'excludedFrom'>
  }
): Promise<{ result: ExportResult; corrected: number; excluded: number }> {
  const plan = planCopy(selection, { withoutPoisons, asked: asked?.rows, user: userName(), decisions })
  const excluded = plan.changes.filter(
    ({ decidedBy, action }) => decidedBy === 'survey' && action === 'drop'
  ).length
  const what = { selection, keep: plan.keep, labels: plan.labels }
  if (plan.corrected + excluded === 0 && !asked)
    return { result: await exportDataset(what, options), corrected: 0, excluded }
  const { result } = await exportChecked(what, options, (written, files) =>
    manifestOf({
      selection,
      run: null,
      plan,
      policy: null,
      where: asked?.where ?? null,
      result: written,
      files
    })
  )
  return { result, corrected: plan.corrected, excluded }
}
