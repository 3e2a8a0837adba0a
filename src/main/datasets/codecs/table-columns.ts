import { badInput } from '../../../shared/domain/failure'
import type { ColumnRole } from '../../../shared/domain/table-columns'
import { isMissing, isNumber, isInteger } from './table-cells'

/** Names that a label column usually has, the likeliest first. */
const LABEL_NAMES = ['label', 'y', 'target', 'class', 'given_label', 'labels']
export const TRUTH_COLUMN = 'true_label'
/** Whole numbers of more different values than this are told of when they are taken for classes. */
const MANY_CLASSES = 20
/** Texts of which this share was there before, in so many rows, may be names of classes. */
const LEAST_REPEATED = 0.2
const FEWEST_REPEATED = 50
/** A table of more columns is no table for a classifier but an array. */
export const MOST_COLUMNS = 1 << 16

/** What is known of the columns of a table before their roles. */
export interface TableColumns {
  readonly name: string
  readonly columns: readonly string[]
  readonly samples: readonly (readonly string[])[]
  /** Columns whose class names the file tells. */
  readonly labelled?: readonly string[]
}

/** Which columns of a table hold the labels, and which could. */
export interface TableRoles {
  /** Undefined while it has to be asked for. */
  readonly label?: number
  /** Why a column with a usual name is not taken as the label. */
  readonly noLabel?: string
  readonly truth?: number
  /** All other columns. */
  readonly others: readonly number[]
  /** Columns that could be the label, the likeliest first. */
  readonly candidates: readonly string[]
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
 * measurements, or the only one that holds categories.
 * @param found what the other columns look like, where that is known: what tells rows apart is no label
 * @throws Failure bad-input when a column asked for does not exist, or two share a name
 */
export function tableRoles(
  table: TableColumns,
  asked: { readonly labelColumn?: string },
  found: readonly ColumnRole[] = []
): TableRoles {
  const { columns } = table
  checkNames(table)
  const truth = indexOf(columns, TRUTH_COLUMN)
  const label =
    asked.labelColumn === undefined ? undefined : askedColumn(table, asked.labelColumn, '--label-column')
  const usual = LABEL_NAMES.flatMap((candidate) => indexOf(columns, candidate) ?? [])
  const others = columns.map((_, i) => i).filter((i) => i !== truth)
  const usable = others.filter((i) => {
    if (usual.includes(i)) return true
    if (found[i] === 'text') return repeats(table, i)
    return !['identifier', 'ignore', 'date'].includes(found[i] ?? '')
  })
  const looked = label === undefined ? findLabel(table, usable, usual) : { label }
  const integers = usable.filter((i) => table.samples.every((row) => isInteger(row[i] ?? '')))
  const texts = usable.filter((i) => holdsTexts(table, i))
  // Most tables end with what is to be told.
  const last = [...texts, ...integers].filter((i) => i === others.at(-1))
  const candidates = [...new Set([...usual, ...last, ...texts, ...integers])].map((i) => columns[i]!)
  return {
    label: looked.label,
    noLabel: looked.noLabel,
    truth,
    others: others.filter((i) => i !== looked.label),
    candidates: candidates.slice(0, 20),
    warnings: looked.warnings ?? []
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
export function askedColumn(
  { name, columns }: Pick<TableColumns, 'name' | 'columns'>,
  asked: string,
  option: string
): number {
  const named = indexOf(columns, asked)
  if (named !== undefined) return named
  if (/^\d{1,9}$/.test(asked) && Number(asked) < columns.length) return Number(asked)
  throw badInput(
    `${name} has no column "${asked}"; it has ${listed(columns)}.`,
    `Name a column of it with ${option}.`
  )
}

function isFraction(text: string): boolean {
  return !isMissing(text) && isNumber(text) && !Number.isInteger(Number(text))
}

function holdsTexts({ samples }: TableColumns, column: number): boolean {
  return samples.some((row) => !isNumber(row[column] ?? ''))
}

/** Whether texts come again so often that they may be long names of classes: no two rows say the same freely. */
function repeats({ samples }: TableColumns, column: number): boolean {
  const cells = samples.map((row) => (row[column] ?? '').trim()).filter((cell) => !isMissing(cell))
  return cells.length >= FEWEST_REPEATED && new Set(cells).size <= (1 - LEAST_REPEATED) * cells.length
}

function hasEmpty({ samples }: TableColumns, column: number): boolean {
  return samples.some((row) => isMissing((row[column] ?? '').trim()))
}

function holdsFewIntegers(table: TableColumns, column: number): boolean {
  if (!table.samples.every((row) => isInteger(row[column] ?? ''))) return false
  const { reason, warning } = looksLikeClasses(table, column)
  return reason === undefined && warning === undefined
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
  // Nobody named it, and labels are rarely left empty: one of few whole numbers may be meant.
  if (hasEmpty(table, only) && usable.some((i) => holdsFewIntegers(table, i))) return { noLabel }
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
