import { featureCountOf } from '../../../shared/domain/table-columns'
import type { TableHead } from '../../../shared/domain/table-view'
import type { ColumnData, ColumnValues } from './column-values'

const BARS = 16
const MOST_LEVELS = 6

/** The columns of a table with their distributions. */
export function tableHeads({ columns, data, count }: ColumnValues): TableHead[] {
  return columns.map((column, j) => ({
    name: column.name,
    role: column.role,
    isFeature: featureCountOf(column) > 0,
    rows: count,
    ...distributionOf(data[j]!)
  }))
}

function distributionOf(data: ColumnData): Pick<TableHead, 'empty' | 'numbers' | 'levels'> {
  if (data.kind === 'texts') return { empty: data.empty, numbers: null, levels: null }
  if (data.kind === 'levels') {
    const counts = new Int32Array(data.levels.length)
    let empty = 0
    for (const level of data.values) {
      if (level < 0) empty++
      else counts[level]!++
    }
    const most = data.levels
      .map((text, i) => ({ text, count: counts[i]! }))
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_LEVELS)
    return { empty, numbers: null, levels: { count: data.levels.length, most } }
  }
  return histogramOf(data.values)
}

function histogramOf(values: Float64Array): Pick<TableHead, 'empty' | 'numbers' | 'levels'> {
  let [low, high, empty] = [Infinity, -Infinity, 0]
  for (const value of values) {
    if (Number.isNaN(value)) empty++
    else {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  if (empty === values.length) return { empty, numbers: null, levels: null }
  const bars = Array.from({ length: BARS }, () => 0)
  const width = high > low ? high - low : 1
  for (const value of values) {
    if (!Number.isNaN(value)) bars[Math.min(BARS - 1, Math.floor((BARS * (value - low)) / width))]!++
  }
  return { empty, numbers: { low, high, bars }, levels: null }
}
