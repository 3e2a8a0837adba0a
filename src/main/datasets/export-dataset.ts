import type { DatasetFormat, DatasetSplit } from '@shared/domain/dataset'
import type { ExampleSelection } from './example-selection'
import type { ImportWatch } from './import-options'

/** Examples written after the selection's own, e.g. poisons. */
export interface ExtraExamples {
  /** Example after example, in the scale of readRows (pixels 0..1). */
  readonly rows: Float32Array
  readonly labels: Int32Array
  /** File names for image folders; by default extra-0000.png and so on. */
  readonly names?: readonly string[]
  /** Split they belong to; by default that of the first example. */
  readonly split?: string
}

export interface ExportRequest {
  readonly selection: ExampleSelection
  /** Rows of the selection to write, in this order; by default all. */
  readonly keep?: Int32Array
  /** Labels to write instead of the given ones, one for each row of the selection (before keep). */
  readonly labels?: Int32Array
  /** True labels to write beside, one for each row of the selection; by default the selection's. */
  readonly truth?: Int32Array
  readonly extra?: ExtraExamples
}

export interface ExportOptions {
  readonly format: DatasetFormat
  /** Folder; must not exist or be empty. */
  readonly out: string
  /** Put every example under this split instead of its own. */
  readonly split?: string
  readonly watch?: ImportWatch
}

export interface ExportResult {
  readonly out: string
  readonly format: DatasetFormat
  readonly count: number
  /** Files written, relative to out. */
  readonly files: readonly string[]
  readonly splits: readonly DatasetSplit[]
  /** For each written example, in the order of the written dataset: row of the selection, or selection.count + i for extra example i. */
  readonly order: Int32Array
}

/** Write a selection as a dataset in a format. */
export declare function exportDataset(
  what: ExampleSelection | ExportRequest,
  options: ExportOptions
): Promise<ExportResult>

/** The format to write "in the format of the source". */
export declare function sourceFormat(selection: ExampleSelection): DatasetFormat
