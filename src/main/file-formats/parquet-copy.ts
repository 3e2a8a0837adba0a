import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { temporaryFolder } from '../locks'
import { identifier, text, withFile, written } from './duckdb'

/** A Parquet file and what its rows are in the dataset that was read from it. */
export interface ParquetPart {
  readonly file: string
  readonly path: string
  /** Row of the dataset that its first row is. */
  readonly from: number
  readonly rows: number
  /** Where each of them stands in the file, from 0. */
  readonly places: Int32Array
  /** Columns of the label and the true label. */
  readonly label: number
  readonly truth?: number
}

/** A row to be kept, from 0 in its file, and the rows of the dataset whose labels it takes where they are changed. */
export interface RowChoice {
  readonly row: number
  readonly labelFrom?: number
  readonly truthFrom?: number
}

const ROW = 'file_row_number'

/**
 * Write rows of a Parquet file as another one: every column in its own type, in its order. A changed label has the
 * value of another row of the dataset.
 * @throws Failure naming a file that cannot be read or written
 */
export async function copyParquetRows(
  part: ParquetPart,
  rows: readonly RowChoice[],
  parts: readonly ParquetPart[],
  out: string
): Promise<void> {
  // DuckDB reads paths as patterns: all of them are reached through links of plain names.
  const scratch = temporaryFolder('links-')
  const list = path.join(scratch, 'rows.csv')
  const linked = parts.map((other, i) => {
    const link = path.join(scratch, `${i}.parquet`)
    symlinkSync(other.path, link)
    return { ...other, path: link }
  })
  try {
    await copyLinked(part, rows, linked, { list, out })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function copyLinked(
  part: ParquetPart,
  rows: readonly RowChoice[],
  parts: readonly ParquetPart[],
  { list, out }: { list: string; out: string }
): Promise<void> {
  const lines = rows.map(({ row, labelFrom, truthFrom }) => `${row},${labelFrom ?? -1},${truthFrom ?? -1}`)
  writeFileSync(list, `row,label,truth\n${lines.join('\n')}\n`)
  const sources = new Set(rows.flatMap(({ labelFrom = -1, truthFrom = -1 }) => [labelFrom, truthFrom]))
  await withFile(part.path, part.file, async (connection, named) => {
    const described = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${named}, hive_partitioning = false)`
    )
    const columns = described.getRows().map(([name]) => String(name))
    const labels = [part.label, ...(part.truth === undefined ? [] : [part.truth])]
    const scan = (file: string): string =>
      `read_parquet(${file}, file_row_number = true, hive_partitioning = false)`
    for (const [i, column] of labels.entries()) {
      const values = parts.flatMap((other) =>
        [...sources]
          .filter((row) => row >= other.from && row < other.from + other.rows)
          .map(
            (row) =>
              `SELECT ${row} AS source, ${identifier(columns[column]!)} AS value FROM ${scan(text(other.path))} WHERE ${ROW} = ${other.places[row - other.from]!}`
          )
      )
      const none = `SELECT -2 AS source, ${identifier(columns[column]!)} AS value FROM ${scan(named)} WHERE false`
      await connection.run(`CREATE TEMP TABLE taken${i} AS ${[none, ...values].join(' UNION ALL ')}`)
    }
    const replaced = labels.map(
      (column, i) =>
        `CASE WHEN t${i}.source IS NULL THEN d.${identifier(columns[column]!)} ELSE t${i}.value END AS ${identifier(columns[column]!)}`
    )
    const joins = labels.map(
      (_, i) => `LEFT JOIN taken${i} t${i} ON t${i}.source = k.${i === 0 ? 'label' : 'truth'}`
    )
    const kept = `read_csv(${text(list)}, auto_detect = false, header = true, delim = ',', columns = {'row': 'BIGINT', 'label': 'BIGINT', 'truth': 'BIGINT'})`
    const query = `SELECT d.* EXCLUDE (${ROW}) REPLACE (${replaced.join(', ')}) FROM ${scan(named)} d JOIN ${kept} k ON d.${ROW} = k.row ${joins.join(' ')} ORDER BY d.${ROW}`
    await written(out, () =>
      connection.run(`COPY (${query}) TO ${text(out)} (FORMAT parquet, ROW_GROUP_SIZE 4096)`)
    )
  })
}
