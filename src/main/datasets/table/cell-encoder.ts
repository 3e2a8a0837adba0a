import { featureCountOf, type DayOrder, type RepresentedColumn } from '../../../shared/domain/table-columns'
import { cellNumber, isMissing, isTruthValue } from '../codecs/table-cells'
import { dateOf } from './date-cells'
import { wordShares } from './text-words'

/** How cells of a table are written, which may be another than the one that its representation was fitted on. */
export interface CellNotation {
  readonly decimalComma: boolean
  readonly order?: DayOrder
}

/** Turns the cells of one column into features. */
export interface CellEncoder {
  /** Features of a cell. */
  readonly size: number
  /** Write the features of a cell at `at`, which holds zeros. */
  write(text: string, into: Float32Array, at: number): void
}

/** Of lists of numbers there is none: they are features already. */
export function cellEncoder(column: RepresentedColumn, notation: CellNotation): CellEncoder {
  const size = featureCountOf(column)
  switch (column.role) {
    case 'number':
      return { size, write: valueWriter((text) => numberOf(text, notation.decimalComma), column) }
    case 'date': {
      const order = notation.order ?? column.order
      return { size, write: valueWriter((text) => dateOf(text, order) ?? NaN, column) }
    }
    case 'category':
      return { size, write: levelWriter(column) }
    case 'text':
      return {
        size,
        write: column.words ? wordWriter(column.words) : size > 0 ? writeLength : () => undefined
      }
    default:
      return { size: 0, write: () => undefined }
  }
}

/** Characters, without the space around them. */
function writeLength(text: string, into: Float32Array, at: number): void {
  into[at] = text.trim().length
}

function wordWriter(words: readonly string[]): CellEncoder['write'] {
  const place = new Map(words.map((word, i) => [word, i]))
  return (text, into, at) => {
    for (const [word, share] of wordShares(text, place)) into[at + place.get(word)!] = share
  }
}

/** A cell as a number that a 32-bit float holds, true being 1; NaN for anything else. */
export function numberOf(text: string, decimalComma: boolean): number {
  const value = Math.fround(cellNumber(text, decimalComma))
  if (value - value === 0) return value
  const trimmed = text.trim()
  return isTruthValue(trimmed) ? Number(trimmed.toLowerCase() === 'true') : NaN
}

function valueWriter(
  valueOf: (text: string) => number,
  { median = 0, empty = false }: { readonly median?: number; readonly empty?: boolean }
): CellEncoder['write'] {
  return (text, into, at) => {
    const value = Math.fround(valueOf(text))
    const isFilled = value - value === 0
    into[at] = isFilled ? value : median
    if (empty && !isFilled) into[at + 1] = 1
  }
}

function levelWriter({
  levels,
  other,
  empty
}: Extract<RepresentedColumn, { role: 'category' }>): CellEncoder['write'] {
  const place = new Map(levels.map((level, i) => [level, i]))
  const elsewhere = other ? levels.length : -1
  const emptyAt = empty ? levels.length + Number(other) : elsewhere
  return (text, into, at) => {
    const trimmed = text.trim()
    const known = place.get(trimmed) ?? place.get(trimmed.replace(/^([+-]?\d+)\.0*$/, '$1'))
    const feature = known ?? (isMissing(trimmed) ? emptyAt : elsewhere)
    if (feature >= 0) into[at + feature] = 1
  }
}
