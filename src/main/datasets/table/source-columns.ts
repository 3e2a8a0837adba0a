import { badInput } from '../../../shared/domain/failure'
import { givenRoles, type GivenRole, type TableRepresentation } from '../../../shared/domain/table-columns'
import { MOST_LISTED } from '../../file-formats/parquet'
import type { CodecOptions } from '../codecs/codec'
import { askedColumn, tableRoles, type TableRoles } from '../codecs/table-columns'
import type { TableFile } from '../codecs/table-file'
import type { ColumnHints } from './column-inference'
import { ColumnProfile, profileBounds, type ProfileBounds } from './column-profile'
import { columnNotes } from './column-notes'
import { findRoles, fitColumns, type AskedRoles, type FoundColumn } from './fit-columns'

/** What is known of the columns of a table before all of its rows are read. */
export interface SourceColumns {
  readonly roles: TableRoles
  /** What the file says of each column. */
  readonly hints: readonly ColumnHints[]
  /** By column. */
  readonly given: ReadonlyMap<number, GivenRole>
  readonly keep: boolean
  /** Rows without a label are left out. */
  readonly skipsUnlabelled: boolean
  readonly bounds: ProfileBounds
}

/** The columns of a table that are no label, as its cells show them, and how they become features. */
export interface FittedColumns {
  readonly found: readonly FoundColumn[]
  readonly representation: TableRepresentation
  readonly warnings: readonly string[]
  /** What the label column looks like, where it is known. */
  readonly label?: ColumnProfile
}

/**
 * Find the labels of a table, by its first rows.
 * @param beside what files beside the table tell: the label column, whose table is one of ours, its other columns all
 * features; and roles of columns
 * @throws Failure bad-input when an option names a column that there is not
 */
export function tableColumns(
  first: TableFile,
  options: CodecOptions,
  beside: { readonly label?: string; readonly roles: readonly string[] }
): SourceColumns {
  const { columns, samples, parquet } = first
  const given = new Map<number, GivenRole>()
  for (const [name, role] of givenRoles(beside.roles)) {
    const column = columns.indexOf(name)
    if (column >= 0) given.set(column, role)
  }
  for (const name of options.leaveOut ?? []) given.set(askedColumn(first, name, '--leave-out'), 'ignore')
  for (const [name, role] of givenRoles(options.column ?? [])) {
    given.set(askedColumn(first, name, '--column'), role)
  }
  const labelColumn = labelAsked(first, options, given) ?? beside.label
  const keep = options.leaveOut !== undefined || beside.label !== undefined
  const bounds = profileBounds(columns.length)
  const hints = columns.map((_, i) => hintsOf(first, i))
  const asked: AskedRoles = { given, keep }
  const profiles = profilesOf(first, bounds)
  for (const [row, fields] of samples.entries())
    profiles.forEach((profile, i) => profile.add(fields[i] ?? '', row + 1, row + 1))
  const found = lookAtRoles(profiles, hints, asked)
  const labelled = parquet && [...parquet.classNames.keys()]
  const roles = tableRoles({ name: first.name, columns, samples, labelled }, { labelColumn }, found)
  return { roles, hints, given, keep, bounds, skipsUnlabelled: options.skipUnlabelled === true }
}

/** For the search of the label alone: what was asked for wrongly is said when columns are fitted. */
function lookAtRoles(
  profiles: readonly ColumnProfile[],
  hints: readonly ColumnHints[],
  { given, keep }: AskedRoles
): FoundColumn['found']['role'][] {
  return findRoles(profiles, hints, { given: new Map(), keep }).map(
    ({ found: { role } }, i) => given.get(i) ?? role
  )
}

function labelAsked(
  first: TableFile,
  { labelColumn }: CodecOptions,
  given: ReadonlyMap<number, GivenRole>
): string | undefined {
  const labels = [...given].filter(([, role]) => role === 'label').map(([i]) => first.columns[i]!)
  const all = new Set(labelColumn === undefined ? labels : [labelColumn, ...labels])
  if (all.size > 1) {
    throw badInput(
      `${[...all].map((name) => `"${name}"`).join(' and ')} are both asked for as the label.`,
      'Name one label column.'
    )
  }
  return labelColumn ?? labels[0]
}

export function profilesOf({ columns, decimalComma }: TableFile, bounds: ProfileBounds): ColumnProfile[] {
  return columns.map((name) => new ColumnProfile(name, bounds, decimalComma))
}

function hintsOf({ parquet, rowNames, samples, columns }: TableFile, column: number): ColumnHints {
  const isIndex =
    (column === 0 && rowNames === true) || parquet?.index.has(columns[column]!) === true || undefined
  const known = parquet?.columns[column]
  if (!known) return { isIndex }
  const { kind, type } = known
  const shortType = type.length > 40 ? `${type.slice(0, 40)}...` : type
  if (kind === 'other') return { unreadable: `it holds ${shortType}, which is no cell of a table` }
  if (kind === 'bytes' || kind === 'picture') return { unreadable: `it holds ${kind}` }
  if (kind !== 'list') return { isIndex }
  const filled = samples.find((row) => row[column] !== '')?.[column]
  if (filled === undefined)
    return { unreadable: `it has no list of 1 to ${MOST_LISTED} numbers in its first rows` }
  return { listed: filled.split(' ').length }
}

/**
 * Roles and representation of a table's columns but the label, from what was gathered of their cells.
 * @param profiles of all columns
 * @throws Failure bad-input when a column cannot have the role asked for
 */
export function fittedColumns(
  first: TableFile,
  { roles, hints, given, keep }: SourceColumns,
  profiles: readonly ColumnProfile[]
): FittedColumns {
  const { others } = roles
  const places = new Map(others.map((column, i) => [column, i]))
  const asked = new Map(
    [...given].flatMap(([column, role]) => (places.has(column) ? [[places.get(column)!, role] as const] : []))
  )
  for (const column of others) {
    const role = asked.get(places.get(column)!)
    if (role === undefined || role === 'number') checkCommas(first, column, profiles[column]!)
  }
  const found = findRoles(
    others.map((column) => profiles[column]!),
    others.map((column) => hints[column]!),
    { given: asked, keep }
  )
  const label = roles.label === undefined ? undefined : profiles[roles.label]
  const representation = fitColumns(found, {
    decimalComma: first.decimalComma,
    classes: label?.levels.size ?? 1
  })
  return { found, representation, warnings: columnNotes(found, representation), label }
}

/** In a table whose separator is no comma a comma in a number may be decimal or part thousands. */
function checkCommas(
  first: TableFile,
  column: number,
  { unclearNumber, isSurelyGrouped }: ColumnProfile
): void {
  if (!unclearNumber || isSurelyGrouped || first.delimiter === ',') return
  const { text, row, line } = unclearNumber
  throw badInput(
    `${cellName(first, row, line, column)}: "${text.slice(0, 40)}" may be of two sizes.`,
    'The comma may be decimal or part thousands: write the numbers with a decimal point.'
  )
}

/** Where a cell stands; rows count from 1, without the header. */
export function cellName(
  { name, columns, parquet }: TableFile,
  row: number,
  line: number,
  column: number
): string {
  return `${name}, row ${row}${parquet ? '' : ` (line ${line})`}, column "${columns[column]}"`
}
