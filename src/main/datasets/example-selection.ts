import type { DatasetFormat, DatasetMeta, ExampleShape } from '@shared/domain/dataset'
import type { ReferencePart } from '@shared/domain/reference'

/** The examples that a reference names, read by row (an ExampleSource of the engine). */
export declare class ExampleSelection {
  readonly reference: string
  readonly parts: readonly ReferencePart[]
  readonly metas: readonly DatasetMeta[]
  /** Format of the first part's source. */
  readonly format: DatasetFormat
  readonly count: number
  readonly shape: ExampleShape
  readonly dtype: 'uint8' | 'float32'
  readonly classNames: readonly string[]
  readonly labels: Int32Array
  readonly truth?: Int32Array
  /** File name of each example, relative to its source, for image folders. */
  readonly files?: readonly string[]
  /** Whether any source is marked as poisoned. */
  readonly poisoned: boolean
  splitOf(row: number): string | undefined
  /** Pixels scaled to 0..1 (uint8), other features as they are. */
  readRows(rows: ArrayLike<number>): Float32Array
  readRaw(rows: ArrayLike<number>): Uint8Array | Float32Array
  close(): void
}
