import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DatasetMeta } from '../../../shared/domain/dataset'
import type { RepresentedColumn } from '../../../shared/domain/table-columns'
import { isMissing } from '../codecs/table-cells'
import { dateOf } from './date-cells'
import { numberOf } from './cell-encoder'
import { RowCells } from './row-cells'

/** Rows read between two turns of the event loop. */
const BLOCK = 1000
/** Cells held in memory of one table; of a larger one evenly spaced rows. */
const MOST_CELLS = 8_000_000
/** Columns beyond these have no head. */
const MOST_COLUMNS = 1000

/** What a column holds in each row that was looked at. */
export type ColumnData =
  /** NaN where the cell is empty. */
  | { readonly kind: 'numbers'; readonly values: Float64Array }
  /** Place in the list of levels; -1 where the cell is empty. */
  | { readonly kind: 'levels'; readonly values: Int32Array; readonly levels: readonly string[] }
  | { readonly kind: 'texts'; readonly empty: number }

/** A table by columns. */
export interface ColumnValues {
  readonly columns: readonly RepresentedColumn[]
  readonly data: readonly ColumnData[]
  /** The rows that were looked at: `every`-th ones. */
  readonly every: number
  readonly count: number
}

/** A cell's value as a number: days since 1970 for dates, NaN where there is none. */
export function numberReader(
  column: RepresentedColumn,
  decimalComma: boolean
): ((text: string) => number) | undefined {
  if (column.role === 'number' && column.width === undefined) return (text) => numberOf(text, decimalComma)
  if (column.role === 'date') return (text) => dateOf(text, column.order) ?? NaN
  return undefined
}

/** Visit the cells of all rows, block by block, letting others take their turn. */
export async function visitRows(
  folder: string,
  meta: DatasetMeta,
  visit: (texts: readonly string[], row: number) => void,
  every = 1
): Promise<void> {
  const cells = RowCells.open(folder, meta)
  if (!cells) return
  try {
    for (let from = 0; from < meta.count; from += BLOCK) {
      const count = Math.min(BLOCK, meta.count - from)
      const texts = cells.texts(from, count)
      for (let i = (every - (from % every)) % every; i < count; i += every) visit(texts[i]!, from + i)
      await nextTurn()
    }
  } finally {
    cells.close()
  }
}

/** Read a table into columns; undefined for data that are no table. */
export async function readColumns(folder: string, meta: DatasetMeta): Promise<ColumnValues | undefined> {
  const opened = RowCells.open(folder, meta)
  if (!opened) return undefined
  const { columns: all, decimalComma = false } = opened.representation
  opened.close()
  const columns = all.slice(0, MOST_COLUMNS)
  const every = Math.max(1, Math.ceil((meta.count * columns.length) / MOST_CELLS))
  const count = Math.ceil(meta.count / every)
  const collectors = columns.map((column) => collector(column, count, decimalComma))
  let at = 0
  await visitRows(
    folder,
    meta,
    (texts) => {
      collectors.forEach(({ add }, j) => add(texts[j] ?? '', at))
      at++
    },
    every
  )
  return { columns, data: collectors.map(({ data }) => data()), every, count }
}

function collector(
  column: RepresentedColumn,
  count: number,
  decimalComma: boolean
): { add(text: string, at: number): void; data(): ColumnData } {
  const numberFrom = numberReader(column, decimalComma)
  if (numberFrom) {
    const values = new Float64Array(count)
    return {
      add: (text, at) => (values[at] = numberFrom(text)),
      data: () => ({ kind: 'numbers', values })
    }
  }
  if (column.role === 'category') {
    const values = new Int32Array(count)
    const places = new Map<string, number>()
    const placeOf = (text: string): number => {
      const known = places.get(text)
      if (known !== undefined) return known
      places.set(text, places.size)
      return places.size - 1
    }
    return {
      add: (text, at) => (values[at] = isMissing(text) ? -1 : placeOf(text.trim())),
      data: () => ({ kind: 'levels', values, levels: [...places.keys()] })
    }
  }
  let empty = 0
  return { add: (text) => void (empty += Number(text.trim() === '')), data: () => ({ kind: 'texts', empty }) }
}
