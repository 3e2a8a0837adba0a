import type { DatasetFormat } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/failure'
import type { ReadingOptions } from '../../../shared/domain/reading-options'
import type { SourceCodec } from '../codecs/codec'
import type { ExampleSelection } from '../example-selection'
import type { ExportSource } from '../export/export-source'
import type { DatasetWriter, WriteTarget } from '../export/dataset-writer'
import type { SourceCopy } from '../export/source-copy'

/** All that the product knows of a dataset format: told here and nowhere else. */
export interface FormatDefinition {
  /** What it is, for a reader who chooses one to write. */
  readonly text: string
  /** Endings of its files, which a dataset's name leaves out and a dialog offers. */
  readonly endings: readonly string[]
  readonly codec: SourceCodec
  readonly write: DatasetWriter
  /**
   * Write the rows that are kept from the source's own files.
   * @returns false where it cannot be made so and nothing was written
   */
  copyRows?(source: ExportSource, copy: SourceCopy, target: WriteTarget): Promise<boolean>
  /** What files must be called to be recognised in a folder; absent where names do not matter. */
  readonly fileName?: RegExp
  /** Why it cannot hold these data so that they read back as they are; undefined when it can. */
  limit(selection: ExampleSelection, splits: readonly string[]): Failure | undefined
  /** A class name as a reader takes it: which of several spellings it is does not matter. */
  nameReader?(names: readonly string[]): (name: string) => string
  /** How what was written is to be read. */
  readBack?(source: ExportSource): ReadingOptions
}

export type FormatTable = Readonly<Record<DatasetFormat, FormatDefinition>>
