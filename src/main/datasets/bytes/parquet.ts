import { rmSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { badInput } from '../../../shared/domain/failure'
import { fileFailure } from './file-failure'

/**
 * DuckDB, loaded when a Parquet file is met: it only translates between Parquet and CSV, natively and in a
 * stream. Rows fetched into JavaScript would hold native memory until the garbage collector runs.
 */
async function withDuckDb<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '1GB',
    // No network, whatever the file says.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false'
  })
  const connection = await instance.connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/

const WHOLE = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/

export interface ParquetFacts {
  readonly count: number
  readonly columns: readonly { readonly name: string; readonly type: string; readonly numeric: boolean }[]
}

/** Columns and number of rows. @throws Failure bad-input when it is no Parquet file */
export async function parquetFacts(path: string, name: string): Promise<ParquetFacts> {
  return translated(name, () =>
    withDuckDb(async (connection) => {
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${text(path)})`)
      const counted = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${text(path)})`)
      return {
        count: Number(counted.getRows()[0]?.[0] ?? 0),
        columns: described.getRows().map((row) => {
          const type = String(row[1])
          return { name: String(row[0]), type, numeric: NUMERIC.test(type) }
        })
      }
    })
  )
}

/** Write rows of a Parquet file as CSV with a header: numbers as whole numbers or float32, the rest as text. */
export async function parquetToCsv(
  path: string,
  name: string,
  facts: ParquetFacts,
  csv: string,
  asText: ReadonlySet<string>,
  limit?: number
): Promise<void> {
  const list = facts.columns.map(({ name: column, type, numeric }) => {
    if (!numeric && type !== 'VARCHAR' && !asText.has(column)) {
      throw badInput(
        `${name}, column "${column}" holds ${type}, which is no number.`,
        'Leave the column out, or turn it into numbers.'
      )
    }
    // Whole numbers are shorter without a cast; other numbers keep all digits that float32 holds.
    if (WHOLE.test(type) && !asText.has(column)) return identifier(column)
    const target = numeric && !asText.has(column) ? 'FLOAT' : 'VARCHAR'
    return `CAST(${identifier(column)} AS ${target}) AS ${identifier(column)}`
  })
  const rows = limit === undefined ? '' : ` LIMIT ${limit}`
  const query = `SELECT ${list.join(', ')} FROM read_parquet(${text(path)})${rows}`
  const translating = (): Promise<unknown> =>
    withDuckDb((connection) =>
      connection.run(`COPY (${query}) TO ${text(csv)} (FORMAT csv, HEADER, DELIMITER ',')`)
    )
  // What the disk of the translation says is no fault of the source.
  await translated(name, () => written(csv, translating))
}

/** Write a CSV with a header as Parquet; `types` are DuckDB's, one a column. */
export async function csvToParquet(
  csv: string,
  parquet: string,
  columns: readonly { readonly name: string; readonly type: string }[]
): Promise<void> {
  const types = columns.map(({ name, type }) => `${text(name)}: ${text(type)}`).join(', ')
  const scan = `read_csv(${text(csv)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${types}}, buffer_size = 4194304, max_line_size = 2097152)`
  await written(parquet, () =>
    withDuckDb((connection) =>
      // Small row groups: a wide table would otherwise be held in memory.
      connection.run(`COPY (SELECT * FROM ${scan}) TO ${text(parquet)} (FORMAT parquet, ROW_GROUP_SIZE 4096)`)
    )
  )
  rmSync(csv)
}

/** What DuckDB says in words of its own when the disk does not take a file. */
const DISK_SAYS: readonly (readonly [RegExp, string])[] = [
  [/no space left|disk full|out of disk/i, 'ENOSPC'],
  [/quota/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
  [/read-only file system/i, 'EROFS'],
  [/permission denied/i, 'EACCES'],
  [/file name too long/i, 'ENAMETOOLONG'],
  [/input\/output error/i, 'EIO']
]

/** @throws Failure naming the file when the disk does not take it */
async function written<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const [first = ''] = error instanceof Error ? error.message.split('\n') : []
    const code = DISK_SAYS.find(([pattern]) => pattern.test(first))?.[1]
    throw code === undefined ? error : fileFailure(Object.assign(new Error(first), { code }), file)
  }
}

async function translated<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (
      error instanceof Error &&
      /parquet|snappy|thrift|page|corrupt|Invalid Input|IO Error/i.test(error.message)
    ) {
      const [first] = error.message.split('\n')
      throw badInput(
        `${name} cannot be read as Parquet (${first?.replace(/\.$/, '')}).`,
        'Copy it again, or write it again.',
        error
      )
    }
    throw error
  }
}
