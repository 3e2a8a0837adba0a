import { badInput } from '../../../shared/domain/failure'
import type { Failure } from '../../../shared/domain/failure'
import { tooLarge } from '../table/fit-columns'
import { cellName, type FittedColumns } from '../table/source-columns'
import { listed } from './table-columns'
import type { TableFile } from './table-file'

/** @param reason why no column is taken for the label, where there is one to tell */
export function noLabelColumn(first: TableFile, reason: string | undefined): Failure {
  return badInput(
    reason ??
      `${first.name} has no column with a usual label name; its columns are ${listed(first.columns)}.`,
    'Name the label column with --label-column.'
  )
}

/** @param unlabelled rows that were left out because they have no label */
export function noRows({ name }: TableFile, unlabelled: number): Failure {
  return unlabelled > 0
    ? badInput(`${name} has ${unlabelled} rows, none with a label.`, 'Label some of them.')
    : badInput(`${name} has no rows.`, 'Name a table with one row for each example.')
}

/** A column asked for by name may have many classes, but not one for each example. */
export function refuseTooManyClasses(
  { name, columns }: TableFile,
  label: number,
  different: number,
  rows: number
): void {
  if (different <= 256 || different <= rows / 2) return
  throw badInput(
    `${name}, column "${columns[label]!}" has ${different} different values in ${rows} rows, so it is no class label.`,
    'Name another column with --label-column.'
  )
}

/** @throws Failure bad-input for a number that no feature can be, and for a table without features */
export function refuseUnusableColumns(first: TableFile, { found }: FittedColumns, size: number): void {
  const large = tooLarge(found)
  if (large) {
    const { column, place } = large
    throw badInput(
      `${cellName(first, place.row, place.line, first.columns.indexOf(column))}: ${place.text.slice(0, 40)} is too large for a 32-bit float.`,
      `Scale the column, or leave it out with --leave-out "${column}".`
    )
  }
  if (size > 0) return
  const leftOut = found.map(({ profile: { name } }) => name)
  const left = leftOut.length > 0 ? ` (left out: ${listed(leftOut)})` : ''
  const [example] = found
  throw badInput(
    `${first.name} has no feature columns${left}.`,
    example
      ? `Give a column a role with --column, such as --column "${example.profile.name}=category"; --separator says what stands between them.`
      : 'Name a table with a column for each feature; --separator says what stands between them.'
  )
}
