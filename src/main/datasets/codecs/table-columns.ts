import { badInput } from '../../../shared/domain/failure'

/** Names that a label column usually has, the likeliest first. */
const LABEL_NAMES = ['label', 'y', 'target', 'class', 'given_label']
export const TRUTH_COLUMN = 'true_label'
/** Row numbers that pandas writes; never a feature. */
const ROW_NUMBERS = new Set(['', 'Unnamed: 0', '__index_level_0__'])

/** What each column of a table is for. */
export interface TableRoles {
  /** Undefined while it has to be asked for. */
  readonly label?: number
  readonly truth?: number
  readonly features: readonly number[]
  /** Columns that could be the label, the likeliest first. */
  readonly candidates: readonly string[]
  readonly ignored: readonly string[]
}

/** Whether a label column of this name is found without being asked for. */
export function isUsualLabel(name: string): boolean {
  return LABEL_NAMES.includes(name.trim().toLowerCase())
}

function indexOf(columns: readonly string[], name: string): number | undefined {
  const exact = columns.indexOf(name)
  if (exact >= 0) return exact
  const loose = columns.findIndex((column) => column.trim().toLowerCase() === name.toLowerCase())
  return loose >= 0 ? loose : undefined
}

/**
 * Find the label column: the one asked for, the one a file beside names, one with a usual name, or the only
 * one that holds texts.
 * @throws Failure bad-input when the one asked for does not exist, or two columns share a name
 */
export function tableRoles(
  name: string,
  columns: readonly string[],
  samples: readonly (readonly string[])[],
  asked: string | undefined
): TableRoles {
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) {
    throw badInput(`${name} has two columns called "${twice}".`, 'Give each column a name of its own.')
  }
  const truth = indexOf(columns, TRUTH_COLUMN)
  const usable = columns.map((_, i) => i).filter((i) => i !== truth && !ROW_NUMBERS.has(columns[i]!))
  const texts = usable.filter((i) => samples.some((row) => !isNumber(row[i] ?? '')))
  const usual = LABEL_NAMES.flatMap((candidate) => indexOf(columns, candidate) ?? [])
  let label: number | undefined
  if (asked !== undefined) {
    label = indexOf(columns, asked) ?? columnNumber(columns, asked)
    if (label === undefined) {
      throw badInput(
        `${name} has no column "${asked}"; it has ${listed(columns)}.`,
        'Name the label column with --label-column.'
      )
    }
  } else label = usual[0] ?? (texts.length === 1 ? texts[0] : undefined)
  const whole = usable.filter((i) => samples.every((row) => /^-?\d+(\.0*)?$/.test((row[i] ?? '').trim())))
  const candidates = [...new Set([...usual, ...texts, ...whole])].map((i) => columns[i]!)
  return {
    label,
    truth,
    features: usable.filter((i) => i !== label),
    candidates: candidates.slice(0, 20),
    ignored: columns.filter((column) => ROW_NUMBERS.has(column)).map((column) => column || '(unnamed)')
  }
}

/** A column may also be asked for by its number, from 0: tables without a header have no names. */
function columnNumber(columns: readonly string[], asked: string): number | undefined {
  return /^\d+$/.test(asked) && Number(asked) < columns.length ? Number(asked) : undefined
}

/**
 * Whether the first row names the columns. It does not when it looks like the second: numbers where that has
 * numbers, texts where that has texts; unless it counts the columns (0, 1, 2, ..., as pandas does) or holds a
 * usual label name.
 */
export function isHeader(first: readonly string[], second: readonly string[] | undefined): boolean {
  const numeric = (text: string): boolean => text.trim() !== '' && isNumber(text)
  const numbers = first.filter(numeric)
  if (numbers.length === 0 || first.some(isUsualLabel)) return true
  const counted = numbers.map(Number)
  if (counted.length > 1 && counted.every((value, i) => value === counted[0]! + i)) return true
  return second !== undefined && first.some((text, i) => numeric(text) !== numeric(second[i] ?? ''))
}

export function isNumber(text: string): boolean {
  return text.trim() === '' || Number.isFinite(Number(text)) || /^[+-]?(nan|inf(inity)?)$/i.test(text.trim())
}

/** A few names in quotes, for messages. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `"${name}"`)
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ')
}
