import type { DatasetFormat, DatasetSplit, ExampleShape } from '../../../shared/domain/dataset'
import type { TableReading } from '../../../shared/domain/inspection'
import type { ReadingOptions } from '../../../shared/domain/reading-options'
import type { InspectedColumn, TableRepresentation } from '../../../shared/domain/table-columns'
import type { ImportWatch } from '../import-options'
import type { CellsWriter } from '../store/cells'
import type { FeatureType, FeatureWriter } from '../store/feature-writer'
import type { KeepOriginals } from '../store/source-files'
import type { SourceLook } from './source-look'

/** Options of an import that change how a source is read. */
export type CodecOptions = Readonly<Omit<ReadingOptions, 'format'>> & {
  /** Side that pictures are resized to where no size was asked for: large ones, and those whose sizes differ. */
  readonly mixedSize?: number
  /** Large pictures of one size are kept so: only those whose sizes differ are resized to `mixedSize`. */
  readonly keepsLarge?: boolean
}

/** What is known of a source after its headers have been read. */
export interface SourceFacts {
  readonly count: number
  readonly countIsEstimate?: boolean
  /** Undefined while an option is missing. */
  readonly shape?: ExampleShape
  readonly dtype: FeatureType
  /** Empty where they are only known after reading everything. */
  readonly classNames: readonly string[]
  readonly splits: readonly DatasetSplit[]
  readonly columns?: readonly string[]
  readonly labelColumn?: string
  readonly labelColumnCandidates?: readonly string[]
  /** Of a table: its other columns, by what was looked at so far. */
  readonly tableColumns?: readonly InspectedColumn[]
  /** What was assumed of how a table is written; each can be asked for otherwise. */
  readonly reading?: TableReading
  readonly hasTruth: boolean
  /** Side that pictures get for models, chosen here: they are large or differ in size, and nobody asked for one. */
  readonly resizedTo?: number
  readonly missing?: readonly ('imageSize' | 'labelColumn')[]
  readonly warnings: readonly string[]
  /** What an import will tell exactly after reading everything, as far as the samples show it. */
  readonly foreseen?: readonly string[]
  /** Files the source consists of, absolute: the cache of references is renewed when one changes. */
  readonly files: readonly string[]
}

/** Where an import puts what a codec reads. */
export interface ReadTarget {
  /** Folder of the dataset being written. */
  readonly folder: string
  readonly watch: ImportWatch
  readonly originals: KeepOriginals
  /** Opens features.npy. `place` names where an example's value stands in the source. */
  features(
    shape: ExampleShape,
    dtype: FeatureType,
    place: (row: number, column: number) => string
  ): Promise<FeatureWriter>
  /** Opens the file of cells, for tables whose features are not their cells. */
  cells(): Promise<CellsWriter>
  /** Report progress and stop when cancelled. @throws Failure cancelled */
  progress(done: number, total: number | undefined, phase: string): void
}

/** Everything of a dataset but its features. */
export interface SourceExamples {
  readonly labels: Int32Array
  readonly truth?: Int32Array
  readonly classNames: readonly string[]
  readonly splits: readonly DatasetSplit[]
  readonly files?: readonly string[]
  readonly columns?: readonly string[]
  /** How the rows of a table became features. */
  readonly representation?: TableRepresentation
  /** What was met while reading, beyond the warnings of the facts. */
  readonly warnings?: readonly string[]
  /** What a writer needs to write the same files again. */
  readonly layout: Record<string, unknown>
}

/** One example for the import assistant. */
export interface SampleExample {
  readonly features: Uint8Array | Float32Array
  readonly shape: ExampleShape
  readonly label?: string
  readonly split?: string
  /** Of a table's row: its cells but the label, in the order of `tableColumns`; absent where they are lists of numbers. */
  readonly cells?: readonly string[]
}

/** A source opened for reading; close it after use. */
export interface SourceReader {
  readonly facts: SourceFacts
  read(target: ReadTarget): Promise<SourceExamples>
  /** Look at more of it than its beginning, still without reading everything: better facts. */
  examine?(): Promise<SourceFacts>
  /** A few examples without reading everything. */
  sample(most: number): Promise<SampleExample[]>
  close(): Promise<void>
}

/** Reads one format. */
export interface SourceCodec {
  readonly format: DatasetFormat
  /** Why the source looks like this format, as a clause; undefined when it does not. */
  recognise(look: SourceLook): Promise<string | undefined>
  open(look: SourceLook, options: CodecOptions): Promise<SourceReader>
}
