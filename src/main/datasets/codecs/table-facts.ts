import {
  featureCountOf,
  type InspectedColumn,
  type RepresentedColumn
} from '../../../shared/domain/table-columns'
import { sortedClassNames } from '../class-names'
import type { ColumnProfile } from '../table/column-profile'
import { inspected } from '../table/fit-columns'
import type { FittedColumns, SourceColumns } from '../table/source-columns'
import type { SourceFacts } from './codec'
import { pathOf, type SourceLook } from './source-look'
import { splitsOf } from './splits'
import type { TableFile } from './table-file'
import { spelling, tidyName } from './table-labels'
import { separatorName } from './table-separators'

/** Columns that an inspection shows. */
const MOST_SHOWN = 2000
const LABEL = { role: 'label', reason: 'the class of each row' } as const

/** One or more tables of the same columns, and the split that each is. */
export interface Tables {
  readonly source: SourceLook
  readonly files: readonly TableFile[]
  readonly splits: readonly (string | undefined)[]
  readonly columns: SourceColumns
}

/** What is known of tables by what was looked at of them. @param first of the files */
export function tableFacts(
  { source, files, splits, columns }: Tables,
  first: TableFile,
  fitted: FittedColumns
): SourceFacts {
  const { roles } = columns
  const { found, representation, warnings } = fitted
  const size = sizeOf(representation.columns)
  const label = roles.label === undefined ? undefined : first.columns[roles.label]
  const leftOut = found.filter(({ found: { role } }) => ['identifier', 'ignore'].includes(role))
  return {
    count: files.reduce((sum, table) => sum + table.count, 0),
    countIsEstimate: files.some((table) => table.countIsEstimate),
    shape: size ? [size] : undefined,
    dtype: 'float32',
    classNames: sampledClasses(files, roles.label, fitted.label, givenClassNames(first, roles.label)),
    splits: splitsOf(files.map(({ count }, i) => ({ split: splits[i], count }))),
    columns: first.columns,
    labelColumn: label,
    labelColumnCandidates: roles.candidates,
    tableColumns: inspectedColumns(fitted, roles.label),
    reading: readingOf(
      first,
      leftOut.map(({ profile: { name } }) => name)
    ),
    hasTruth: roles.truth !== undefined,
    missing: label === undefined ? ['labelColumn'] : [],
    warnings: assumptions(files, roles),
    foreseen: warnings,
    files: files.map(({ file }) => pathOf(source, file))
  }
}

/** Features that columns become. */
export function sizeOf(columns: readonly RepresentedColumn[]): number {
  return columns.reduce((sum, column) => sum + featureCountOf(column), 0)
}

/** Class names that the file tells for its label column. */
export function givenClassNames(first: TableFile, label: number | undefined): readonly string[] | undefined {
  return label === undefined ? undefined : first.parquet?.classNames.get(first.columns[label]!)
}

/** Every column in the table's order, the label among them. */
function inspectedColumns(
  { found, representation, label }: FittedColumns,
  labelColumn: number | undefined
): InspectedColumn[] {
  const columns = found.map((column, i) => inspected(column, representation.columns[i]))
  if (label) columns.splice(labelColumn!, 0, inspected({ profile: label, hints: {}, found: LABEL }))
  return columns.slice(0, MOST_SHOWN)
}

/** What was assumed before any row was looked at. */
function assumptions(files: readonly TableFile[], roles: SourceColumns['roles']): string[] {
  return [
    ...new Set(files.flatMap(({ warnings }) => warnings)),
    ...roles.warnings,
    ...(roles.label === undefined && roles.noLabel ? [roles.noLabel] : [])
  ]
}

function sampledClasses(
  files: readonly TableFile[],
  label: number | undefined,
  profile: ColumnProfile | undefined,
  given: readonly string[] | undefined
): string[] {
  if (label === undefined) return []
  if (given) return [...given]
  const sampled = files.flatMap(({ samples }) => samples.map((row) => row[label] ?? ''))
  const seen = [...sampled, ...(profile?.levels.keys() ?? [])].map(tidyName).filter((name) => name !== '')
  return sortedClassNames(seen.map(spelling(new Set(seen))))
}

function readingOf(first: TableFile, leaveOut: string[]): SourceFacts['reading'] {
  const { parquet, encoding, delimiter, hasHeader } = first
  if (parquet) return { leaveOut }
  return {
    encoding: encoding ?? 'utf-8',
    separator: separatorName(delimiter),
    header: hasHeader ? 'yes' : 'no',
    leaveOut
  }
}
