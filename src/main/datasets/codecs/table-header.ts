import { isMissing, isNumber } from './table-cells'
import { isUsualLabel } from './table-columns'

/** Whether the first row names the columns, and what was assumed where it is not plain. */
export interface HeaderGuess {
  readonly isHeader: boolean
  readonly warning?: string
}

/**
 * Whether the first row names the columns. Without a number it does. With one it does when a text stands above
 * numbers, or above other texts and is a usual label name that is no class below. Numbers alone name columns only
 * where they count them from 0, as pandas does, and nothing else is possible; else the row is an example: none is lost.
 */
export function guessHeader(first: readonly string[], rows: readonly (readonly string[])[]): HeaderGuess {
  if (!first.some((text) => text.trim() !== '' && isNumber(text))) return { isHeader: true }
  const below = (column: number): string[] => rows.map((row) => (row[column] ?? '').trim())
  const named = first.some(
    (text, column) =>
      !isMissing(text) &&
      !isNumber(text) &&
      rows.length > 0 &&
      below(column).every((cell) => isMissing(cell) || isNumber(cell)) &&
      below(column).some((cell) => !isMissing(cell))
  )
  if (named) return { isHeader: true }
  const counts = countsColumns(first)
  const isLabel = first.some(
    (text, column) =>
      isUsualLabel(text) && (counts || text.trim().length > 1) && !below(column).includes(text.trim())
  )
  if (isLabel || (counts && namesByCounting(first, rows))) {
    return {
      isHeader: true,
      warning: `The first row (${shown(first)}) is read as the names of the columns; with --header no it is an example.`
    }
  }
  return {
    isHeader: false,
    warning: `The first row (${shown(first)}) is read as an example, since it looks like the others; with --header yes it names the columns.`
  }
}

/** Whether every number of a row is that of its column, from 0. */
function countsColumns(first: readonly string[]): boolean {
  const numbers = first.flatMap((text, column) =>
    isMissing(text) || !isNumber(text) ? [] : [[Number(text), column]]
  )
  return numbers.length > 1 && numbers.every(([value, column]) => value === column)
}

/** Counted columns whose values are no whole numbers, or with a text that stands nowhere below though others repeat. */
function namesByCounting(first: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const fractions = first.every((text, column) => {
    const values = rows.map((row) => row[column] ?? '')
    return !isNumber(text) || (values.some((value) => value.includes('.')) && values.every(isNumber))
  })
  if (fractions && rows.length > 0) return true
  return first.some((text, column) => {
    if (isMissing(text) || isNumber(text)) return false
    const values = rows.map((row) => (row[column] ?? '').trim())
    return !values.includes(text.trim()) && new Set(values).size < values.length
  })
}

function shown(row: readonly string[]): string {
  const some = row.slice(0, 6).map((text) => (text.length > 20 ? `${text.slice(0, 20)}...` : text))
  return row.length > some.length ? `${some.join(', ')}, ...` : some.join(', ')
}
