import { exportChecked, exportDataset } from '../datasets'
import type { ExampleSelection, ExportOptions, ExportResult } from '../datasets'
import { userName } from '../runs'
import { manifestOf } from './export-manifest'
import { planCopy } from './export-plan'

/**
 * Write a copy with the labels corrected that were while trusted examples were marked. Where there are any, a
 * manifest.json says which, by whom and when.
 * @throws Failure bad-input, cancelled
 */
export async function exportCopy(
  selection: ExampleSelection,
  { withoutPoisons, ...options }: ExportOptions & { readonly withoutPoisons: boolean }
): Promise<{ result: ExportResult; corrected: number }> {
  const plan = planCopy(selection, { withoutPoisons, user: userName() })
  const what = { selection, keep: plan.keep, labels: plan.labels }
  if (plan.corrected === 0) return { result: await exportDataset(what, options), corrected: 0 }
  const { result } = await exportChecked(what, options, (written, files) =>
    manifestOf({ selection, run: null, plan, policy: null, result: written, files })
  )
  return { result, corrected: plan.corrected }
}
