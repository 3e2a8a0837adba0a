import type { FeatureValue } from '../../shared/contract'
import { Failure } from '../../shared/domain/failure'
import { featureCountOf } from '../../shared/domain/table-columns'
import type { ExampleSelection } from '../datasets'

/** Cells of a table with more columns than these are not all sent. */
const MOST_CELLS = 2000
/** A longer text is cut. */
const MOST_CHARACTERS = 2000

/**
 * The cells of one row of a table as they stand there, by column; of other vectors the features; none for images, which
 * speak for themselves.
 * @throws Failure not-found
 */
export function featureValues(selection: ExampleSelection, row: number): FeatureValue[] {
  if (row >= selection.count) {
    throw new Failure('not-found', `There is no example ${row}.`, `Take one below ${selection.count}.`)
  }
  if (selection.shape.length > 1) return []
  const cells = selection.cellsOf(row)
  if (!cells) {
    return Array.from(selection.readRows([row]), (value, i) => ({
      name: selection.columns?.[i] ?? `feature ${i}`,
      text: shortNumber(value),
      role: 'number' as const,
      isFeature: true
    })).slice(0, MOST_CELLS)
  }
  return cells.slice(0, MOST_CELLS).map(({ column, text }) => ({
    name: column.name === '' ? '(unnamed)' : column.name,
    text: text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text,
    role: column.role,
    isFeature: featureCountOf(column) > 0
  }))
}

function shortNumber(value: number): string {
  return Number(value.toPrecision(5)).toLocaleString('en', { maximumFractionDigits: 6 })
}
