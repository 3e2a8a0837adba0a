import type { DatasetFormat, DatasetSplit } from '../../../shared/domain/dataset'
import type { ReadingOptions } from '../../../shared/domain/reading-options'
import type { ExampleSelection } from '../example-selection'
import type { ImportWatch } from '../import-options'

/** Examples written after the selection's own, e.g. poisons. */
export interface ExtraExamples {
  /** Example after example, in the scale of readRows (pixels 0..1). */
  readonly rows: Float32Array
  readonly labels: Int32Array
  /** True labels; by default the given ones. */
  readonly truth?: Int32Array
  /** File names for image folders; by default extra-00000.png and so on. */
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
  /**
   * Where an image folder puts an example with a new label: into the folder of its new class (`move`, the
   * default), or where it was, the new label standing in metadata.csv (`describe`).
   */
  readonly relabelled?: 'move' | 'describe'
  /** Mark the copy as poisoned; by default when a source is, or when there are extra examples. */
  readonly poisoned?: boolean
}

export interface ExportOptions {
  readonly format: DatasetFormat
  /** Folder; must not exist or be empty. */
  readonly out: string
  /** Put every example under this split instead of its own. */
  readonly split?: string
  /** How a table is written; by default as its source is, else CSV. */
  readonly tableType?: 'csv' | 'tsv' | 'parquet'
  readonly watch?: ImportWatch
}

export interface ExportResult {
  readonly out: string
  readonly format: DatasetFormat
  readonly count: number
  /** Files written, relative to out, with forward slashes. */
  readonly files: readonly string[]
  readonly splits: readonly DatasetSplit[]
  /**
   * For each written example, in the order in which the written dataset is read: the row of the selection,
   * or selection.count + i for extra example i.
   */
  readonly order: Int32Array
  /** How what was written is to be read: a copy of the source's own files, as the source was. */
  readonly readAs: ReadingOptions
}
