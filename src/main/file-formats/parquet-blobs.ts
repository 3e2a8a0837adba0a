import { identifier, text, withFile, written } from './duckdb'
import { columnText } from './parquet'
import type { ParquetColumn } from './parquet-facts'

/** Bytes at the beginning of a value, by which its format is told. */
const HEAD_BYTES = 16

const ROW = 'file_row_number'

function scan(file: string): string {
  return `read_parquet(${file}, ${ROW} = true, hive_partitioning = false)`
}

function bytesOf({ name, kind }: ParquetColumn): string {
  return kind === 'picture' ? `struct_extract(${identifier(name)}, 'bytes')` : identifier(name)
}

function pathOf({ name, kind, type }: ParquetColumn): string {
  return kind === 'picture' && /\bpath\b/.test(type) ? `struct_extract(${identifier(name)}, 'path')` : 'NULL'
}

/**
 * Write what is told of each row's bytes as CSV with a header: their length (0 where there are none), their path, the
 * first of them in hexadecimal, and `labels` as texts.
 */
export async function listBlobs(
  path: string,
  name: string,
  column: ParquetColumn,
  labels: readonly ParquetColumn[],
  csv: string
): Promise<void> {
  const bytes = bytesOf(column)
  const list = [
    `coalesce(octet_length(${bytes}), 0) AS size`,
    `${pathOf(column)} AS path`,
    `hex(${bytes}[1:${HEAD_BYTES}]) AS head`,
    ...labels.map((label, i) => `${columnText(label, 'label', name)} AS l${i}`)
  ]
  await withFile(path, name, (connection, file) =>
    written(csv, () =>
      connection.run(
        `COPY (SELECT ${list.join(', ')} FROM ${scan(file)}) TO ${text(csv)} (FORMAT csv, HEADER, DELIMITER ',')`
      )
    )
  )
}

/** Write the bytes of rows `from` to `to` (not included) into a file, one after the other. */
export async function unpackBlobs(
  path: string,
  name: string,
  column: ParquetColumn,
  { from, to }: { readonly from: number; readonly to: number },
  out: string
): Promise<void> {
  const bytes = bytesOf(column)
  await withFile(path, name, (connection, file) => {
    const rows = `SELECT ${bytes} AS bytes FROM ${scan(file)} WHERE ${ROW} BETWEEN ${from} AND ${to - 1} AND octet_length(${bytes}) > 0`
    return written(out, () => connection.run(`COPY (${rows}) TO ${text(out)} (FORMAT blob)`))
  })
}

/** How the first value of a column begins; undefined where it has none. */
export async function firstBlobHead(
  path: string,
  name: string,
  column: ParquetColumn
): Promise<Buffer | undefined> {
  const bytes = bytesOf(column)
  const rows = await withFile(path, name, async (connection, file) =>
    (
      await connection.runAndReadAll(
        `SELECT hex(${bytes}[1:${HEAD_BYTES}]) FROM ${scan(file)} WHERE octet_length(${bytes}) > 0 LIMIT 1`
      )
    ).getRows()
  )
  const [[head] = []] = rows
  return typeof head === 'string' ? Buffer.from(head, 'hex') : undefined
}
