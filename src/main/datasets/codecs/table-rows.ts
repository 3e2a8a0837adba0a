import { badInput } from '../../../shared/domain/failure'
import type { ColumnUse } from '../../file-formats/parquet'
import { cellName, type SourceColumns } from '../table/source-columns'
import { isMissingLabel } from './table-cells'
import { tableRecords, type TableFile } from './table-file'
import type { LabelIndex } from './table-labels'

/** One row of the table, a field for each of its columns. */
export interface TableRow {
  readonly table: TableFile
  readonly at: (column: number) => string
  /** From 1, in its file. */
  readonly row: number
  readonly line: number
}

/**
 * The rows that are examples.
 * @param scratch folder for what reading needs on the disk
 * @param most rows to look at, by default all
 * @param skipped gathers the places, from 0 in the file, of rows left out because they have no label
 */
export async function* tableRows(
  table: TableFile,
  source: SourceColumns,
  scratch: string,
  { most, skipped }: { most?: number; skipped?: number[] } = {}
): AsyncGenerator<TableRow> {
  const { columns } = table
  const uses = usesOf(table, source)
  const order = new Map([...uses.keys()].map((name, i) => [name, i]))
  // A Parquet file's records hold what is used, in that order; a text's all of its columns.
  const places = columns.map((name, i) => (table.parquet ? (order.get(name) ?? -1) : i))
  let row = 0
  for await (const { fields, line } of tableRecords(table, scratch, uses, most)) {
    row++
    const found: TableRow = { table, row, line, at: (column) => fields[places[column]!] ?? '' }
    if (source.skipsUnlabelled && isMissingLabel(labelText(found, source))) skipped?.push(row - 1)
    else yield found
  }
}

/** Nothing stands there: "NA" and the like may be classes, as long as nobody asks for rows without a label to be left out. */
export function isUnlabelled(row: TableRow, source: SourceColumns): boolean {
  return labelText(row, source).trim() === ''
}

function labelText({ at }: TableRow, { roles: { label } }: SourceColumns): string {
  return label === undefined ? 'any' : at(label)
}

function usesOf(table: TableFile, { roles, hints }: SourceColumns): Map<string, ColumnUse> {
  const uses = new Map<string, ColumnUse>()
  for (const column of roles.others) {
    if (hints[column]?.unreadable === undefined)
      uses.set(table.columns[column]!, hints[column]?.listed === undefined ? 'label' : 'feature')
  }
  for (const column of [roles.label, roles.truth])
    if (column !== undefined) uses.set(table.columns[column]!, 'label')
  return uses
}

/** What to do about an empty true label. */
export const EMPTY_TRUTH = 'Fill it in or remove the row.'

/** @throws Failure bad-input where the cell is empty */
export function labelOf(
  { table, at, row, line }: TableRow,
  column: number,
  index: LabelIndex,
  remedy: string
): number {
  const place = (): string => cellName(table, row, line, column)
  const text = at(column)
  if (text.trim() === '') throw badInput(`${place()}: the label is empty.`, remedy)
  return index.of(text, place)
}
