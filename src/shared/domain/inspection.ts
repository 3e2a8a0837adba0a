import * as z from 'zod'
import { datasetFormat, datasetSplit, exampleShape } from './dataset'
import { inspectedColumn } from './table-columns'

/** How a table is read, as the reading options of the same names say it; texts alone have the first three. */
export const tableReading = z.object({
  encoding: z.string().optional(),
  separator: z.string().optional(),
  header: z.enum(['yes', 'no']).optional(),
  leaveOut: z.array(z.string())
})
export type TableReading = z.infer<typeof tableReading>

/** What an import assistant shows of a source before anything is written. */
export const inspection = z.object({
  format: datasetFormat,
  /** Why it is taken for that format, as a clause: "a folder with train-images-idx3-ubyte.gz". */
  reason: z.string(),
  count: z.int().nonnegative(),
  /** Whether count is an estimate, because the exact one is only known after reading everything. */
  countIsEstimate: z.boolean(),
  /** Unknown while an option is missing, e.g. where image sizes differ. */
  shape: exampleShape.optional(),
  /** Side that pictures get for models: they are large or differ in size, and nobody asked for one. */
  resizedTo: z.int().optional(),
  dtype: z.enum(['uint8', 'float32']),
  classNames: z.array(z.string()),
  splits: z.array(datasetSplit),
  /** Names of the columns of a table, the label column among them. */
  columns: z.array(z.string()),
  labelColumn: z.string().optional(),
  /** Of a table: its other columns, the first 2,000, and what each is for. */
  tableColumns: z.array(inspectedColumn).optional(),
  /** Columns that could be the label, the likeliest first. */
  labelColumnCandidates: z.array(z.string()),
  /** Of a table: what was assumed of how it is written. */
  reading: tableReading.optional(),
  hasTruth: z.boolean(),
  /** Datasets of the workspace that it was exported from, as its manifest.json says: it can become a version of them. */
  exportOf: z.array(z.object({ dataset: z.string(), name: z.string() })).optional(),
  /** Other datasets of the workspace that are made of the like, the newest first: one of them may be what it was made from. */
  likeOf: z.array(z.object({ dataset: z.string(), name: z.string() })).optional(),
  poisoned: z.boolean(),
  sampleImages: z
    .array(
      z.object({
        /** data:image/png;base64,... at native resolution. */
        png: z.string(),
        label: z.string().nullable(),
        split: z.string().nullable()
      })
    )
    .max(24),
  /** Of a table of cells: its first rows as they stand there, the first cells but the label in the order of its other columns. */
  sampleRows: z.array(z.object({ label: z.string().nullable(), cells: z.array(z.string()) })).optional(),
  /** Options that have to be given before this source can be imported. */
  missing: z.array(z.enum(['imageSize', 'labelColumn'])),
  warnings: z.array(z.string()),
  /** Size of the source on disk. */
  bytes: z.number().nonnegative()
})
export type Inspection = z.infer<typeof inspection>
