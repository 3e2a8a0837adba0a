import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import type { JudgedCell, TableHead } from '../../shared/domain/table-view'
import type { ExampleSelection } from './example-selection'
import { folderOfMeta, LABELS_FILE, readIntegers } from './store/dataset-folder'
import { judgeCells } from './table/cells-in-class'
import { numberReader, readColumns, visitRows, type ColumnValues } from './table/column-values'
import { RowCells } from './table/row-cells'
import { tableHeads } from './table/table-heads'

/** Tables read into columns that are kept, the one used last at the end: up to 64 MB each. */
const KEPT = 3
const kept = new Map<string, Promise<ColumnValues | undefined>>()
const MOST_CHARACTERS = 2000
const LINE_CHARACTERS = 160
const LINE_CELLS = 6
/** Rows of a selection read between two turns of the event loop. */
const BLOCK = 500

function columnsOf(folder: string, meta: DatasetMeta): Promise<ColumnValues | undefined> {
  const present = kept.get(folder) ?? readColumns(folder, meta)
  kept.delete(folder)
  kept.set(folder, present)
  for (const old of [...kept.keys()].slice(0, -KEPT)) kept.delete(old)
  present.catch(() => kept.delete(folder))
  return present
}

/** The columns of a table with their distributions; none for data that are no table. */
export async function headsOf(meta: DatasetMeta): Promise<TableHead[]> {
  const columns = await columnsOf(folderOfMeta(meta), meta)
  return columns ? tableHeads(columns) : []
}

/** Cells of some rows in some columns. @throws Failure bad-input for a row that there is not */
export function cellsOfRows(
  meta: DatasetMeta,
  rows: readonly number[],
  columns: readonly number[]
): string[][] {
  const outside = rows.find((row) => row >= meta.count)
  if (outside !== undefined)
    throw badInput(`There is no example ${outside}: there are ${meta.count}.`, 'Count from 0.')
  const cells = RowCells.open(folderOfMeta(meta), meta)
  if (!cells) return rows.map(() => columns.map(() => ''))
  try {
    return rows.map((row) => {
      const [texts = []] = cells.texts(row, 1)
      return columns.map((column) => cut(texts[column] ?? '', MOST_CHARACTERS))
    })
  } finally {
    cells.close()
  }
}

/** All rows in the order of a column: numbers and dates by value, others as words; empty cells last. */
export async function rowsInOrder(meta: DatasetMeta, column: number, descending: boolean): Promise<number[]> {
  const folder = folderOfMeta(meta)
  const cells = RowCells.open(folder, meta)
  const represented = cells?.representation.columns[column]
  const decimalComma = cells?.representation.decimalComma ?? false
  cells?.close()
  if (!represented) throw badInput(`"${meta.name}" has no column ${column}.`, 'Count from 0.')
  const read = numberReader(represented, decimalComma)
  const sign = descending ? -1 : 1
  const rows = Array.from({ length: meta.count }, (_, row) => row)
  if (read) {
    const keys = new Float64Array(meta.count)
    await visitRows(folder, meta, (texts, row) => (keys[row] = read(texts[column] ?? '')))
    const isEmpty = (row: number): number => Number(Number.isNaN(keys[row]))
    return rows.sort((a, b) => isEmpty(a) - isEmpty(b) || sign * (keys[a]! - keys[b]! || 0) || a - b)
  }
  const keys: string[] = []
  await visitRows(folder, meta, (texts, row) => (keys[row] = (texts[column] ?? '').trim().toLowerCase()))
  const isEmpty = (row: number): number => Number(keys[row] === '')
  const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
  return rows.sort((a, b) => isEmpty(a) - isEmpty(b) || sign * compare(keys[a]!, keys[b]!) || a - b)
}

/** Rows with a cell that holds a text, whatever its case. */
export async function rowsWith(meta: DatasetMeta, text: string): Promise<number[]> {
  const wanted = text.toLowerCase()
  const rows: number[] = []
  await visitRows(folderOfMeta(meta), meta, (texts, row) => {
    if (texts.some((cell) => cell.toLowerCase().includes(wanted))) rows.push(row)
  })
  return rows
}

/** The same among a run's data, by its rows. */
export async function selectedRowsWith(selection: ExampleSelection, text: string): Promise<number[]> {
  const wanted = text.toLowerCase()
  const rows: number[] = []
  for (let row = 0; row < selection.count; row++) {
    const cells = selection.cellsOf(row)
    if (!cells) return rows
    if (cells.some((cell) => cell.text.toLowerCase().includes(wanted))) rows.push(row)
    if (row % BLOCK === BLOCK - 1) await nextTurn()
  }
  return rows
}

/** Rows in a line each: the text, or the first cells that are learned from. */
export function linesOf(selection: ExampleSelection, rows: readonly number[]): string[] {
  return rows.map((row) => {
    const cells = selection.cellsOf(row) ?? []
    const texts = cells.filter(({ column }) => column.role === 'text')
    const others = cells.filter(
      ({ column: { role } }) => role === 'number' || role === 'category' || role === 'date'
    )
    const shown = texts.length > 0 ? texts : others.slice(0, LINE_CELLS)
    return cut(shown.map(({ text }) => text.trim() || '–').join(' · '), LINE_CHARACTERS)
  })
}

/**
 * The cells of an example beside those of all rows of its dataset with the same label, and with another one.
 * @param classes of the selection
 */
export async function judgedCells(
  selection: ExampleSelection,
  row: number,
  classes: { readonly given: number; readonly suggested: number }
): Promise<JudgedCell[]> {
  const { meta, folder, row: own } = selection.placeOf(row)
  const table = await columnsOf(folder, meta)
  const cells = table && RowCells.open(folder, meta)
  if (!table || !cells) return []
  try {
    const all = readIntegers(folder, LABELS_FILE)
    const labels = Int32Array.from({ length: table.count }, (_, i) => all[i * table.every]!)
    const here = (label: number): number => meta.classNames.indexOf(selection.classNames[label] ?? '')
    const [texts = []] = cells.texts(own, 1)
    const wanted = { given: here(classes.given), suggested: here(classes.suggested) }
    const { decimalComma = false } = cells.representation
    return judgeCells(
      table,
      labels,
      texts.map((text) => cut(text, MOST_CHARACTERS)),
      wanted,
      decimalComma
    )
  } finally {
    cells.close()
  }
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}...` : text
}
