import { rmSync } from 'node:fs'
import { badInput } from '../../shared/domain/failure'
import { identifier, text, withFile, written } from './duckdb'
import type { ParquetColumn, ParquetFacts } from './parquet-facts'

/** How a column is read: a cell as the text that stands there, or a list of numbers. */
export type ColumnUse = 'feature' | 'label'

const SAMPLE_ROWS = 200
/** Values looked at, of tables with very many columns. */
const SAMPLE_VALUES = 1 << 20
/** A list of more numbers than this is no example. */
export const MOST_LISTED = 1 << 20

/** A column as an expression whose text the reader understands; NULL and NaN of labels are empty. */
export function columnText(
  { name: column, type, kind }: ParquetColumn,
  use: ColumnUse,
  name: string
): string {
  const value = identifier(column)
  if (use === 'label') {
    if (type === 'BOOLEAN') return `CASE WHEN ${value} THEN 'True' WHEN NOT ${value} THEN 'False' END`
    if (type === 'FLOAT' || type === 'DOUBLE')
      return `CASE WHEN isnan(${value}) THEN NULL ELSE CAST(${value} AS VARCHAR) END`
    if (kind === 'bytes') return `decode(${value})`
    if (kind !== 'list' && kind !== 'picture') return `CAST(${value} AS VARCHAR)`
    throw badInput(
      `${name}, column "${column}" holds ${kind}s, which are no class labels.`,
      'Name the label column with --label-column.'
    )
  }
  if (kind === 'list')
    return `array_to_string(list_transform(${value}, lambda item: coalesce(CAST(${numeric('item', type)} AS VARCHAR), '')), ' ')`
  if (kind === 'number' || kind === 'text') return numeric(value, type)
  throw badInput(
    `${name}, column "${column}" holds ${type.length > 60 ? `${type.slice(0, 60)}...` : type}, which is no number.`,
    `Leave it out with --leave-out "${column}", or turn it into numbers.`
  )
}

function numeric(value: string, type: string): string {
  return type.startsWith('BOOLEAN') ? `CAST(${value} AS TINYINT)` : value
}

/**
 * Write columns of a Parquet file as CSV with a header, in the order of `uses`: numbers with all their digits, lists
 * with blanks between, the rest as text.
 * @param most rows, from the first
 * @throws Failure bad-input when a column cannot be used so
 */
export async function parquetToCsv(
  path: string,
  name: string,
  { columns }: ParquetFacts,
  csv: string,
  uses: ReadonlyMap<string, ColumnUse>,
  most?: number
): Promise<void> {
  const known = new Map(columns.map((column) => [column.name, column]))
  const list = [...uses].map(([column, use], i) => `${columnText(known.get(column)!, use, name)} AS c${i}`)
  await withFile(path, name, (connection, file) => {
    const copy = `COPY (SELECT ${list.join(', ')} FROM read_parquet(${file}, hive_partitioning = false)${most === undefined ? '' : ` LIMIT ${most}`}) TO ${text(csv)} (FORMAT csv, HEADER, DELIMITER ',')`
    return written(csv, () => connection.run(copy))
  })
}

/** The first rows as texts, a field for each column; empty for what is neither number nor text. */
export async function parquetSample(
  path: string,
  name: string,
  { columns }: ParquetFacts
): Promise<string[][]> {
  const lists = columns.some(({ kind }) => kind === 'list')
  const rows = Math.max(3, Math.min(lists ? 24 : SAMPLE_ROWS, Math.floor(SAMPLE_VALUES / columns.length)))
  const list = columns.map((column) => {
    if (column.kind === 'number' || column.kind === 'text' || column.kind === 'date')
      return columnText(column, 'label', name)
    if (column.kind !== 'list') return 'NULL'
    return `CASE WHEN len(${identifier(column.name)}) <= ${MOST_LISTED} THEN ${columnText(column, 'feature', name)} END`
  })
  const found = await withFile(path, name, async (connection, file) =>
    (
      await connection.runAndReadAll(
        `SELECT ${list.join(', ')} FROM (SELECT * FROM read_parquet(${file}, hive_partitioning = false) LIMIT ${rows})`
      )
    ).getRows()
  )
  return found.map((row) => row.map((value) => (value === null ? '' : String(value))))
}

/** Write a CSV with a header as Parquet; `types` are DuckDB's, one a column. */
export async function csvToParquet(
  csv: string,
  parquet: string,
  columns: readonly { readonly name: string; readonly type: string }[]
): Promise<void> {
  const types = columns.map(({ name, type }) => `${text(name)}: ${text(type)}`).join(', ')
  const line = Math.max(1 << 21, 32 * columns.length)
  await withFile(csv, parquet, (connection, file) => {
    const scan = `read_csv(${file}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${types}}, hive_partitioning = false, buffer_size = ${2 * line}, max_line_size = ${line})`
    // Small row groups: a wide table would otherwise be held in memory.
    const copy = `COPY (SELECT * FROM ${scan}) TO ${text(parquet)} (FORMAT parquet, ROW_GROUP_SIZE 4096)`
    return written(parquet, () => connection.run(copy))
  })
  rmSync(csv)
}
