import { featureCountOf, type RepresentedColumn } from '../../../shared/domain/table-columns'
import type { CellsWriter } from '../store/cells'
import type { FeatureWriter } from '../store/feature-writer'
import { cellEncoder } from '../table/cell-encoder'
import type { ColumnProfile } from '../table/column-profile'
import { encodedRow, RowBlocks, writeList } from '../table/row-blocks'
import { cellName, type FittedColumns, type SourceColumns } from '../table/source-columns'
import type { ReadTarget, SampleExample } from './codec'
import { sizeOf } from './table-facts'
import type { TableFile } from './table-file'
import { tableRows, type TableRow } from './table-rows'

/** Where the first rows hold nothing but numbers, and all of them are wanted: features can be written at once. */
export async function directFeatures(
  target: ReadTarget,
  name: string,
  { found, representation }: FittedColumns
): Promise<RowBlocks | undefined> {
  const { columns } = representation
  const isDirect = columns.every(
    (column, i) =>
      (column.role === 'number' && !column.empty) ||
      (column.role === 'constant' && found[i]!.profile.numbers > 0)
  )
  if (!isDirect || columns.length === 0) return undefined
  const size = columns.reduce((sum, column) => sum + Math.max(1, featureCountOf(column)), 0)
  return RowBlocks.create(target, size, (row) => `${name}, row ${row + 1}`)
}

/**
 * Write a row of numbers, and look at its cells.
 * @returns false when a cell is no number: what was written is given up, what was gathered stays
 */
export async function writeNumbers(
  { roles, hints }: SourceColumns,
  profiles: readonly ColumnProfile[],
  row: TableRow,
  blocks: RowBlocks
): Promise<boolean> {
  const { values, at: start } = blocks.next()
  let at = start
  let isNumeric = true
  for (const column of roles.others) {
    const width = hints[column]?.listed
    if (width !== undefined) {
      writeList(row.at(column), width, values, at, () => cellName(row.table, row.row, row.line, column))
      at += width
      continue
    }
    const value = profiles[column]!.add(row.at(column), row.row, row.line)
    // NaN makes the difference with itself NaN.
    if (value - value !== 0) isNumeric = false
    values[at++] = value
  }
  if (!isNumeric) return false
  await blocks.added()
  return true
}

/** All columns were written as numbers: those that turned out to be no features go. */
export async function keepFeatures(
  writer: FeatureWriter,
  columns: readonly RepresentedColumn[]
): Promise<void> {
  const kept: number[] = []
  let at = 0
  for (const column of columns) {
    const size = featureCountOf(column)
    for (let i = 0; i < size; i++) kept.push(at + i)
    at += Math.max(1, size)
  }
  if (kept.length < at) await writer.keepColumns(kept)
}

/** Encode every row by what was fitted, and keep its cells beside. @param tell how many rows are done, now and then */
export async function encodeRows(
  target: ReadTarget,
  files: readonly TableFile[],
  source: SourceColumns,
  { representation }: FittedColumns,
  tell: (done: number) => void
): Promise<void> {
  const { columns, decimalComma = false } = representation
  const { others } = source.roles
  const encoders = columns.map((column) => cellEncoder(column, { decimalComma }))
  const blocks = await RowBlocks.create(target, sizeOf(columns), (row) => `row ${row + 1}`)
  const cells = await target.cells()
  let done = 0
  for (const table of files) {
    for await (const row of tableRows(table, source, target.folder)) {
      await encodedRow(
        columns,
        encoders,
        (i) => row.at(others[i]!),
        blocks,
        (i) => cellName(row.table, row.row, row.line, others[i]!)
      )
      await keepCells(cells, columns, (i) => row.at(others[i]!))
      if (++done % 1024 === 0) tell(done)
    }
  }
  await blocks.flush()
  await cells.finish()
}

/** Lists of numbers are left out of the cells: they are features as they stand. */
async function keepCells(
  cells: CellsWriter,
  columns: readonly RepresentedColumn[],
  at: (i: number) => string
): Promise<void> {
  await cells.append(
    columns.map((column, i) => (column.role === 'number' && column.width !== undefined ? '' : at(i)))
  )
}

/** The first rows as they will be encoded. @param given class names that the file tells */
export function sampledExamples(
  files: readonly TableFile[],
  splits: readonly (string | undefined)[],
  { roles }: SourceColumns,
  { representation }: FittedColumns,
  given: readonly string[] | undefined,
  most: number
): SampleExample[] {
  const { label = -1, others } = roles
  const { columns, decimalComma = false } = representation
  const size = sizeOf(columns)
  if (size === 0) return []
  const share = Math.max(1, Math.floor(most / files.length))
  const encoders = columns.map((column) => cellEncoder(column, { decimalComma }))
  const encode = (row: readonly string[]): Float32Array => {
    const features = new Float32Array(size)
    let at = 0
    columns.forEach((column, i) => {
      const text = row[others[i]!] ?? ''
      if (column.role === 'number' && column.width !== undefined)
        features.set(
          Array.from({ length: column.width }, (_, j) => shownNumber(text.split(' ')[j])),
          at
        )
      else encoders[i]!.write(text, features, at)
      at += featureCountOf(column)
    })
    return features
  }
  const areCells = columns.every((column) => !('width' in column) || column.width === undefined)
  return files
    .flatMap(({ samples }, i) =>
      samples.slice(0, share).map((row): SampleExample => ({
        ...(areCells ? { cells: others.map((column) => row[column] ?? '') } : {}),
        features: encode(row),
        shape: [size],
        label: given?.[Number(row[label])] ?? row[label],
        split: splits[i]
      }))
    )
    .slice(0, most)
}

function shownNumber(text: string | undefined): number {
  const value = Math.fround(Number(text))
  return Number.isFinite(value) ? value : 0
}
