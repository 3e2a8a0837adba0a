import { corruptLabels, type CorruptionOptions } from './corrupt-labels'
import type { ExampleSelection } from './example-selection'
import { exportDataset, sourceFormat } from './export-dataset'
import type { ExportResult } from './export/export-types'
import type { ImportWatch } from './import-options'

/**
 * Write a copy with wrong labels in the source's format, the true ones beside it where an import finds them
 * by itself. Splits keep their names, so the copy of `mnist#train[0:5000]` can be named plainly and with
 * `#train`. Image files keep their names and folders; metadata.csv gives both labels.
 */
export async function corruptDataset(
  selection: ExampleSelection,
  options: CorruptionOptions & { readonly watch?: ImportWatch },
  out: string
): Promise<ExportResult & { readonly corrupted: number }> {
  const labels = corruptLabels(selection.labels, options)
  const truth = selection.truth ?? selection.labels
  const result = await exportDataset(
    { selection, labels, truth, relabelled: 'describe' },
    { format: sourceFormat(selection), out, watch: options.watch }
  )
  const corrupted = labels.reduce((count, label, i) => count + (label === selection.labels[i] ? 0 : 1), 0)
  return { ...result, corrupted }
}
