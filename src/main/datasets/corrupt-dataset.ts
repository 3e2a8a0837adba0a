import type { CorruptionOptions } from './corrupt-labels'
import type { ExampleSelection } from './example-selection'
import type { ExportResult } from './export-dataset'
import type { ImportWatch } from './import-options'

/** Write a copy with wrong labels in the source's format, the true ones beside. */
export declare function corruptDataset(
  selection: ExampleSelection,
  options: CorruptionOptions & { readonly watch?: ImportWatch },
  out: string
): Promise<ExportResult & { readonly corrupted: number }>
