import { featureCountOf, type RepresentedColumn } from '../../../shared/domain/table-columns'
import type { ColumnProfile } from './column-profile'

/**
 * Words of all texts of a table that become features where they stand alone; up to four times as many where rows are few, for
 * the time that they take (docs/experiments.md).
 */
const MOST_WORDS = 512
const MOST_WORDS_OF_FEW = 2048
const VALUES_OF_FEW = 1 << 23
/** Beside other columns, words leave a table narrow enough for what is asked of tables alone, such as trees. */
const WIDEST_WITH_WORDS = 256
const LEAST_WORDS = 64
/** Values of words that a table of very many rows holds: 256 MiB. */
const MOST_VALUES = 1 << 26

/** Each text becomes its most frequent words, a feature each: the texts of a table share what there is evenly. */
export function withWords(
  columns: readonly RepresentedColumn[],
  profiles: readonly ColumnProfile[]
): RepresentedColumn[] {
  const texts = columns.filter(isText).length
  const others = columns.reduce((sum, column) => sum + featureCountOf(column), 0)
  return columns.map((column, i) => {
    const { rows, wordCounts } = profiles[i]!
    if (!isText(column)) return column
    const words = wordCounts.frequent(Math.floor(mostWords(rows, others) / texts))
    return words.length > 0 ? { ...column, words } : column
  })
}

function isText(column: RepresentedColumn): boolean {
  return column.role === 'text' && !column.unread
}

/** @param others features of the other columns */
function mostWords(rows: number, others: number): number {
  const inFew = Math.floor(VALUES_OF_FEW / Math.max(1, rows))
  const alone = Math.min(MOST_WORDS_OF_FEW, Math.max(MOST_WORDS, inFew))
  const most = others === 0 ? alone : Math.min(MOST_WORDS, Math.max(LEAST_WORDS, WIDEST_WITH_WORDS - others))
  return Math.min(most, Math.floor(MOST_VALUES / Math.max(1, rows)))
}
