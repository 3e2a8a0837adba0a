import * as z from 'zod'
import { tableRepresentation } from './table-columns'

/** Formats that a codec reads or writes; see docs/formats.md. */
export const DATASET_FORMATS = ['idx', 'cifar', 'npz', 'npy', 'images', 'table', 'svhn', 'arrow'] as const
export const datasetFormat = z.enum(DATASET_FORMATS)
export type DatasetFormat = z.infer<typeof datasetFormat>

/**
 * Shape of one example: [height, width, channels] for images (channels last), [features] for tables.
 * Rows in features.npy are the flattened examples, so every row has the same size in bytes.
 */
export const exampleShape = z.union([
  z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  z.tuple([z.int().positive()])
])
export type ExampleShape = z.infer<typeof exampleShape>

/** A named half-open range of a dataset's examples, e.g. train = [0, 60000). */
export const datasetSplit = z.object({
  name: z.string(),
  from: z.int().nonnegative(),
  to: z.int().nonnegative()
})
export type DatasetSplit = z.infer<typeof datasetSplit>

export const datasetMeta = z.object({
  schema: z.literal(1),
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  format: datasetFormat,
  /** Where it was read from, as the user named it. */
  source: z.string(),
  count: z.int().nonnegative(),
  shape: exampleShape,
  /** uint8 features are pixels 0..255 (the engine divides by 255); float32 features are used as they are. */
  dtype: z.enum(['uint8', 'float32']),
  classNames: z.array(z.string()),
  splits: z.array(datasetSplit),
  /** Whether true labels are known (truth.npy). Never given to a solver; they only score it. */
  hasTruth: z.boolean(),
  /** Whether each example has a file name (files.json), as image folders do. */
  hasFiles: z.boolean(),
  /** Set when a manifest beside the source says that the set is poisoned. */
  poisoned: z.boolean().default(false),
  /** Names of the feature columns of a table, in order. */
  columns: z.array(z.string()).optional(),
  /** Of a table: how its columns became these features. */
  representation: tableRepresentation.optional(),
  /** Set where it is a version of another dataset: which, and the run whose review led to it. */
  version: z.object({ of: z.string(), run: z.string().nullable() }).optional(),
  /** What the import found that a person should know: what was left out, what was assumed. */
  warnings: z.array(z.string()).optional(),
  /** Facts a codec needs to write the same format again (e.g. file layout, label column). */
  layout: z.record(z.string(), z.unknown()).default({})
})
export type DatasetMeta = z.infer<typeof datasetMeta>

/** Number of values in one example. */
export function exampleSize(shape: readonly number[]): number {
  return shape.reduce<number>((size, side) => size * side, 1)
}
