import { badInput } from '../../../shared/domain/failure'
import { isMissing, isNumber, isInteger } from './table-cells'

/** Names that a label column usually has, the likeliest first. */
const LABEL_NAMES = ['label', 'y', 'target', 'class', 'given_label', 'labels']
export const TRUTH_COLUMN = 'true_label'
/** Columns without a name, as programs write row numbers: R and pandas leave it out, pandas names it when it reads. */
const UNNAMED = /^(|Unnamed: \d+(\.\d+)*|rownames|\.\.\.1|_c0|__index_level_\d+__)$/
/** Names of columns that often tell rows apart and nothing else. */
const IDENTIFIER =
  /^(#|x(\.\d+)?|no\.?|nr\.?|idx|index|id|ids|key|uuid|guid|row(names?|s|_?(id|nr|no|num|number|index))?|(.*[\s_.-])(id|idx|index)|(sample|example|record|obs(ervation)?|instance)([\s_.-]?(id|nr|no|num|number))?)$/i
/** Whole numbers of more different values than this are told of when they are taken for classes. */
const MANY_CLASSES = 20
/** A table of more columns is no table for a classifier but an array. */
export const MOST_COLUMNS = 1 << 16

/** What is known of the columns of a table before their roles. */
export interface TableColumns {
  readonly name: string
  readonly columns: readonly string[]
  readonly samples: readonly (readonly string[])[]
  /** Columns that the file itself says number its rows. */
  readonly index?: ReadonlySet<string>
  /** Columns whose class names the file tells. */
  readonly labelled?: readonly string[]
  /** Columns that the table's header had no name for, and that name its rows. */
  readonly rowNames?: boolean
}

/** What each column of a table is for. */
export interface TableRoles {
  /** Undefined while it has to be asked for. */
  readonly label?: number
  /** Why a column with a usual name is not taken as the label. */
  readonly noLabel?: string
  readonly truth?: number
  readonly features: readonly number[]
  /** Columns that could be the label, the likeliest first. */
  readonly candidates: readonly string[]
  readonly leftOut: readonly string[]
  readonly warnings: readonly string[]
}

/** Whether a label column of this name is found without being asked for. */
export function isUsualLabel(name: string): boolean {
  return LABEL_NAMES.includes(name.trim().toLowerCase())
}

function indexOf(columns: readonly string[], name: string): number | undefined {
  const exact = columns.indexOf(name)
  if (exact >= 0) return exact
  const loose = columns.findIndex((column) => column.trim().toLowerCase() === name.trim().toLowerCase())
  return loose >= 0 ? loose : undefined
}

/**
 * Find the label column: the one asked for, one whose classes the file names, one with a usual name that holds no
 * measurements, or the only one that holds texts. Row numbers are no features; what is assumed is told.
 * @throws Failure bad-input when a column asked for does not exist, or two share a name
 */
export function tableRoles(
  table: TableColumns,
  asked: { readonly labelColumn?: string; readonly leaveOut?: readonly string[] }
): TableRoles {
  const { columns } = table
  checkNames(table)
  const truth = indexOf(columns, TRUTH_COLUMN)
  const label =
    asked.labelColumn === undefined ? undefined : askedColumn(table, asked.labelColumn, '--label-column')
  const usual = LABEL_NAMES.flatMap((candidate) => indexOf(columns, candidate) ?? [])
  const leftOut = new Set(
    asked.leaveOut
      ? asked.leaveOut.map((name) => askedColumn(table, name, '--leave-out'))
      : rowNumbers(table).filter((i) => i !== label && i !== truth && !usual.includes(i))
  )
  const usable = columns.map((_, i) => i).filter((i) => i !== truth && !leftOut.has(i))
  const found = label === undefined ? findLabel(table, usable, usual) : { label }
  const integers = usable.filter((i) => table.samples.every((row) => isInteger(row[i] ?? '')))
  const texts = usable.filter((i) => holdsTexts(table, i))
  const candidates = [...new Set([...usual, ...texts, ...integers])].map((i) => columns[i]!)
  const names = [...leftOut].map((i) => columns[i] || '(unnamed)')
  const isCertain = asked.leaveOut === undefined && names.length > 0
  return {
    label: found.label,
    noLabel: found.noLabel,
    truth,
    features: usable.filter((i) => i !== found.label),
    candidates: candidates.slice(0, 20),
    leftOut: [...leftOut].map((i) => columns[i]!),
    warnings: [
      ...(isCertain
        ? [
            `Row numbers are left out: ${names.join(', ')}. Say with --leave-out which columns are no features.`
          ]
        : []),
      ...(found.warnings ?? [])
    ]
  }
}

function checkNames({ name, columns }: TableColumns): void {
  if (columns.length > MOST_COLUMNS) {
    throw badInput(
      `${name} has ${columns.length} columns, more than the ${MOST_COLUMNS} that a table may have.`,
      'Save so many features as an array, with numpy.savez.'
    )
  }
  const known = new Set<string>()
  for (const column of columns) {
    if (known.has(column)) {
      throw badInput(
        `${name} has two columns called "${column}".`,
        'Give each column a name of its own; if the first row is an example, pass --header no.'
      )
    }
    known.add(column)
  }
}

/** A column by its name or, as tables without a header have none, by its number from 0. */
function askedColumn({ name, columns }: TableColumns, asked: string, option: string): number {
  const named = indexOf(columns, asked)
  if (named !== undefined) return named
  if (/^\d{1,9}$/.test(asked) && Number(asked) < columns.length) return Number(asked)
  throw badInput(
    `${name} has no column "${asked}"; it has ${listed(columns)}.`,
    `Name a column of it with ${option}.`
  )
}

/** Columns that only tell rows apart: without a name, named by the file as its index, or counting under such a name. */
function rowNumbers({ columns, samples, index, rowNames }: TableColumns): number[] {
  return columns.flatMap((column, i) => {
    const cells = samples.map((row) => (row[i] ?? '').trim())
    if (index?.has(column) || /^__index_level_\d+__$/.test(column)) return [i]
    if (cells.every((cell) => cell === '')) return column === '' ? [i] : []
    const isDistinct = new Set(cells).size === cells.length
    if (UNNAMED.test(column))
      return (isDistinct && !cells.some((cell) => isFraction(cell))) || (i === 0 && rowNames) ? [i] : []
    if (!IDENTIFIER.test(column.trim()) || !isDistinct || cells.length < 2) return []
    const isText = cells.every((cell) => !isNumber(cell))
    return isText || cells.every(isInteger) ? [i] : []
  })
}

/** Whether a column of this name may be taken for row numbers. */
export function mayNumberRows(name: string): boolean {
  return UNNAMED.test(name) || IDENTIFIER.test(name.trim())
}

function isFraction(text: string): boolean {
  return !isMissing(text) && isNumber(text) && !Number.isInteger(Number(text))
}

function holdsTexts({ samples }: TableColumns, column: number): boolean {
  return samples.some((row) => !isNumber(row[column] ?? ''))
}

interface FoundLabel {
  readonly label?: number
  readonly noLabel?: string
  readonly warnings?: readonly string[]
}

function findLabel(table: TableColumns, usable: readonly number[], usual: readonly number[]): FoundLabel {
  const { columns, name } = table
  const named = (table.labelled ?? []).flatMap((column) => indexOf(columns, column) ?? [])
  const first = usual.find((i) => named.includes(i)) ?? (named.length === 1 ? named[0] : undefined)
  if (first !== undefined) return { label: first }
  const measured: string[] = []
  for (const i of usual) {
    const { reason, warning } = looksLikeClasses(table, i)
    if (reason === undefined) {
      const passed = measured.map((text) => `${text}; it is used as a feature.`)
      return { label: i, warnings: warning ? [...passed, warning] : passed }
    }
    measured.push(`Column "${columns[i]}" ${reason}`)
  }
  const texts = usable.filter((i) => holdsTexts(table, i) && !usual.includes(i))
  const [only] = texts
  const noLabel =
    measured[0] &&
    `${name}, column "${columns[usual[0]!]}" ${looksLikeClasses(table, usual[0]!).reason}, so it is no class label.`
  if (only === undefined || texts.length > 1) return { noLabel }
  const { reason } = looksLikeClasses(table, only)
  if (reason === undefined)
    return { label: only, warnings: measured.map((text) => `${text}; it is used as a feature.`) }
  return { noLabel: noLabel ?? `${name}, column "${columns[only]}" ${reason}, so it is no class label.` }
}

/** Why a column that nobody asked for is no class label, and what to tell where it is taken for one. */
function looksLikeClasses(
  { columns, samples }: TableColumns,
  column: number
): { reason?: string; warning?: string } {
  const cells = samples.map((row) => (row[column] ?? '').trim()).filter((cell) => !isMissing(cell))
  const different = new Set(cells).size
  const values = `${different} different values in ${cells.length} rows`
  const rows = samples.length >= 199 ? `the first ${cells.length}` : `${cells.length}`
  if (cells.length > 0 && cells.every(isNumber) && cells.some(isFraction)) {
    return {
      reason: `holds measurements such as ${cells.find(isFraction)} (${different} different values in ${rows} rows)`
    }
  }
  if (different > 10 && different > cells.length / 2)
    return { reason: `has ${values.replace(/in .*/, `in ${rows} rows`)}` }
  if (different > MANY_CLASSES && cells.every(isNumber)) {
    return {
      warning: `Column "${columns[column]}" has ${different} different numbers in ${rows} rows and is taken as the class label; with --label-column another is.`
    }
  }
  return {}
}

/** A few names in quotes, for messages. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `"${name}"`)
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ')
}
