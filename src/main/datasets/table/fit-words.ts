import { featureCountOf, type RepresentedColumn } from '../../../shared/domain/table-columns'
import type { ColumnProfile } from './column-profile'

/**
 * Words of all texts of a table that become features where they stand alone: the fewest, and the most where rows and
 * classes are few, for the time that they take (docs/experiments.md).
 */
const FEWEST_WORDS = 512
const MOST_WORDS = 2048
/** Products of a classifier with all rows that set the number between them. */
const PRODUCTS = 2 ** 29
/** Beside other columns, words leave a table narrow enough for what is asked of tables alone, such as trees. */
const WIDEST_WITH_WORDS = 256
const LEAST_WORDS = 64
/** Values of words that a table of very many rows holds: 256 MiB. */
const MOST_VALUES = 1 << 26

/** Each text becomes its most frequent words, a feature each: the texts of a table share what there is evenly. */
export function withWords(
  columns: readonly RepresentedColumn[],
  profiles: readonly ColumnProfile[],
  classes: number
): RepresentedColumn[] {
  const texts = columns.filter(isText).length
  const others = columns.reduce((sum, column) => sum + featureCountOf(column), 0)
  return columns.map((column, i) => {
    const { rows, wordCounts } = profiles[i]!
    if (!isText(column)) return column
    const words = wordCounts.frequent(Math.floor(mostWords(rows, classes, others) / texts))
    return words.length > 0 ? { ...column, words } : column
  })
}

function isText(column: RepresentedColumn): boolean {
  return column.role === 'text' && !column.unread
}

/** @param others features of the other columns */
function mostWords(rows: number, classes: number, others: number): number {
  const affordable = Math.floor(PRODUCTS / Math.max(1, rows * classes))
  const alone = Math.min(MOST_WORDS, Math.max(FEWEST_WORDS, affordable))
  const beside = Math.max(LEAST_WORDS, WIDEST_WITH_WORDS - others)
  return Math.min(others === 0 ? alone : beside, Math.floor(MOST_VALUES / Math.max(1, rows)))
}
