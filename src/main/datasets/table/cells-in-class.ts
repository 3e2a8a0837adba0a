import { featureCountOf } from '../../../shared/domain/table-columns'
import type { CellInClass, JudgedCell } from '../../../shared/domain/table-view'
import { isMissing } from '../codecs/table-cells'
import { numberReader, type ColumnData, type ColumnValues } from './column-values'

/**
 * How usual each cell of a row is among the rows of its class and of another one. Of numbers the rarity is the
 * two-sided tail, twice the smaller of the shares at most and at least as large; of categories it is the share of rows
 * whose value is as rare or rarer.
 * @param labels of the rows that were looked at
 */
export function judgeCells(
  table: ColumnValues,
  labels: Int32Array,
  texts: readonly string[],
  classes: { readonly given: number; readonly suggested: number },
  decimalComma: boolean
): JudgedCell[] {
  return table.columns.map((column, j) => {
    const text = texts[j] ?? ''
    const numberFrom = numberReader(column, decimalComma)
    const value = numberFrom ? numberFrom(text) : NaN
    const among = (label: number): CellInClass | null =>
      inClass(table.data[j]!, labels, label, isMissing(text) ? null : numberFrom ? value : text.trim())
    return {
      name: column.name,
      text,
      role: column.role,
      isFeature: featureCountOf(column) > 0,
      given: among(classes.given),
      suggested: classes.suggested === classes.given ? null : among(classes.suggested)
    }
  })
}

/** @param cell null for an empty one */
function inClass(
  data: ColumnData,
  labels: Int32Array,
  label: number,
  cell: number | string | null
): CellInClass | null {
  if (data.kind === 'texts') return null
  return data.kind === 'numbers'
    ? amongNumbers(data.values, labels, label, typeof cell === 'number' ? cell : NaN)
    : amongLevels(data, labels, label, cell)
}

function amongNumbers(
  values: Float64Array,
  labels: Int32Array,
  label: number,
  cell: number
): CellInClass | null {
  const own = values.filter((value, i) => labels[i] === label && !Number.isNaN(value)).sort()
  let all = 0
  for (const of of labels) all += Number(of === label)
  if (all === 0) return null
  const quantile = (q: number): number => own[Math.min(own.length - 1, Math.floor(q * own.length))] ?? NaN
  const empty = (all - own.length) / all
  if (Number.isNaN(cell) || own.length === 0)
    return { rarity: Number.isNaN(cell) ? empty : 0, share: empty, numbers: null }
  const lower = firstAtLeast(own, cell)
  const upTo = firstAbove(own, cell)
  const n = own.length
  return {
    rarity: Math.min(1, (2 * Math.min(upTo, n - lower)) / n),
    share: (upTo - lower) / all,
    numbers: { lower: lower / n, low: quantile(0.05), median: quantile(0.5), high: quantile(0.95) }
  }
}

/** How many of the sorted values are below a value. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle]! < value) from = middle + 1
    else to = middle
  }
  return from
}

/** How many of the sorted values are at most a value. */
function firstAbove(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle]! <= value) from = middle + 1
    else to = middle
  }
  return from
}

function amongLevels(
  { values, levels }: Extract<ColumnData, { kind: 'levels' }>,
  labels: Int32Array,
  label: number,
  cell: number | string | null
): CellInClass | null {
  const counts = new Int32Array(levels.length + 1)
  let all = 0
  values.forEach((level, i) => {
    if (labels[i] !== label) return
    counts[level + 1]!++
    all++
  })
  if (all === 0) return null
  const own = counts[(cell === null ? -1 : levels.indexOf(String(cell))) + 1] ?? 0
  const asRare = counts.reduce((sum, n) => sum + (n <= own ? n : 0), 0)
  return { rarity: asRare / all, share: own / all, numbers: null }
}
