import type { ExportSource } from './export-source'
import type { ExportOptions } from './export-types'

/** Where a writer puts its files. */
export interface WriteTarget {
  readonly folder: string
  readonly tableType?: ExportOptions['tableType']
  /** Report that so many examples are written; throws when cancelled. */
  progress(done: number): void
}

/**
 * Writes one format.
 * @returns positions of the export in the order in which a reader meets them, where that is another order
 */
export type DatasetWriter = (source: ExportSource, target: WriteTarget) => Promise<Int32Array | undefined>
