import { featureCountOf, featureNamesOf, type RepresentedColumn } from '../../../shared/domain/table-columns'
import type { TableFile } from './table-file'

/** What of a table's columns a writer needs to know. */
export interface WrittenColumns {
  readonly label: number
  readonly truth: number | undefined
  /** Places of the others in the table. */
  readonly others: readonly number[]
  /** What each of these becomes. */
  readonly columns: readonly RepresentedColumn[]
  /** Rows of each file. */
  readonly counts: readonly number[]
  /** Places of rows of each file that were left out, from 0. */
  readonly skipped: readonly (readonly number[])[]
}

/** That rows have no label. @param places of such rows of each file, from 0 @param areSkipped they are left out */
export function unlabelledWarnings(
  tables: readonly TableFile[],
  places: readonly (readonly number[])[],
  areSkipped: boolean
): string[] {
  return tables.flatMap(({ name }, i) => {
    const [first, ...more] = places[i] ?? []
    if (first === undefined) return []
    const rows = more.length === 0 ? 'row' : `${more.length + 1} rows, the first of them row`
    const file = tables.length > 1 ? `${name}: ` : ''
    return areSkipped
      ? [`${file}Left out for want of a label: ${rows} ${first + 1}.`]
      : [`${file}Without a label: ${rows} ${first + 1}. Leave them out with --skip-unlabelled.`]
  })
}

/** What a writer needs to write such a table again, and to copy rows from the tables themselves. */
export function tableLayout(
  tables: readonly TableFile[],
  splits: readonly (string | undefined)[],
  written: WrittenColumns
): Record<string, unknown> {
  const { label, truth, others, columns, counts, skipped } = written
  const [first] = tables
  if (!first) return {}
  const places = new Map(others.map((column, i) => [column, i]))
  const kept = first.columns.flatMap((name, i) => {
    if (i === label) return [name]
    const column = columns[places.get(i) ?? -1]
    return column && featureCountOf(column) > 0 ? featureNamesOf(column) : []
  })
  const files = new Map(tables.map(({ file }, i) => [splits[i], fileOfSplit(file, splits[i])]))
  const types = first.parquet?.columns
    .filter(({ kind }) => kind === 'number' || kind === 'date' || kind === 'text')
    .map(({ name, type }) => [name, type])
  return {
    files: [...files].map(([split, file]) => ({ file, split })),
    labelColumn: first.columns[label],
    columns: kept,
    delimiter: first.delimiter,
    encoding: first.encoding,
    types: types && Object.fromEntries(types),
    tables: tables.map(({ file, skip, delimiter }, i) => ({
      file,
      rows: counts[i],
      ...(skipped[i]!.length > 0 ? { skipped: skipped[i] } : {}),
      skip,
      label,
      truth,
      delimiter
    }))
  }
}

/** The file of a split that is written again: its parts are one. */
function fileOfSplit(file: string, split: string | undefined): string {
  const name = file.split('/').at(-1)!
  const isPart = file !== name || /\d{4,6}(-of-\d{4,6})?/.test(name)
  return isPart ? `${split ?? 'data'}${/\.\w+(\.gz)?$/.exec(name)?.[0] ?? '.csv'}` : name
}
