import { rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { badInput, Failure } from '../../shared/domain/failure'
import { temporaryFolder } from '../locks'
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

/** Signs that DuckDB takes for patterns or escapes in a path. */
const PATTERN = /[*?[\]{}\\]/

/**
 * Work on one file with DuckDB. It reads paths as patterns and has no way to be told not to, so a path with such a
 * sign is reached through a link.
 * @param named the path as an SQL text
 * @throws Failure bad-input for anything that DuckDB says of the file
 */
export async function withFile<T>(
  file: string,
  name: string,
  work: (connection: DuckDBConnection, named: string) => Promise<T>
): Promise<T> {
  let scratch: string | undefined
  let reached = file
  try {
    if (PATTERN.test(path.sep === '\\' ? file.replaceAll('\\', '/') : file)) {
      scratch = temporaryFolder('link-')
      reached = path.join(scratch, 'file')
      symlinkSync(file, reached)
    }
    return await withDuckDb((connection) => work(connection, text(reached)))
  } catch (error) {
    throw refusal(error, name, reached)
  } finally {
    if (scratch) rmSync(scratch, { recursive: true, force: true })
  }
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
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

/**
 * Let DuckDB write a file: what the disk says of it is no fault of what it reads.
 * @throws Failure naming the file when the disk does not take it
 */
export async function written<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const [first = ''] = error instanceof Error ? error.message.split('\n') : []
    const code = DISK_SAYS.find(([pattern]) => pattern.test(first))?.[1]
    throw code === undefined ? error : fileFailure(Object.assign(new Error(first), { code }), file)
  }
}

/** What DuckDB, which knows nothing but this file, says of it: never a defect. */
function refusal(error: unknown, name: string, file: string): unknown {
  if (error instanceof Failure || !(error instanceof Error) || 'code' in error) return error
  const said = error.message.split('\n')[0]!.replaceAll(file, name)
  if (/^Out of Memory/i.test(said)) {
    return badInput(
      `${name} has rows too large to be read at a time.`,
      'Write it with smaller row groups, for example row_group_size=1000 in pyarrow.',
      error
    )
  }
  return badInput(
    `${name} cannot be read as Parquet (${said.replace(/\.$/, '')}).`,
    'Copy it again, or write it again.',
    error
  )
}
