import type { DuckDBConnection } from '@duckdb/node-api'
import { badInput } from '../../shared/domain/failure'
import { withFile } from './duckdb'

/** Columns beyond this are not even listed. */
export const MOST_COLUMNS = 1 << 16
/** A note in a file larger than this is none that is understood here. */
const MOST_METADATA = 16 << 20

/** What a column's values are: plain numbers, lists of numbers as long as each other, texts, dates, pictures, or else. */
export type ParquetKind = 'number' | 'list' | 'text' | 'date' | 'picture' | 'bytes' | 'other'

export interface ParquetColumn {
  readonly name: string
  /** DuckDB's name. */
  readonly type: string
  readonly kind: ParquetKind
}

export interface ParquetFacts {
  readonly count: number
  readonly columns: readonly ParquetColumn[]
  /** Columns that pandas saved as the index of its rows. */
  readonly index: ReadonlySet<string>
  /** Class names that Hugging Face's datasets noted for columns of numbers. */
  readonly classNames: ReadonlyMap<string, readonly string[]>
}

const NUMBER = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BOOLEAN|DECIMAL\(\d+,\s?\d+\))$/
const LIST = /^(.*?)(\[\d*\])$/
const PICTURE = /^STRUCT\(("?path"? VARCHAR, )?"?bytes"? BLOB(, "?path"? VARCHAR)?\)$/

function kindOf(type: string): ParquetKind {
  if (NUMBER.test(type)) return 'number'
  const element = LIST.exec(type)?.[1]
  if (element !== undefined) return NUMBER.test(element) ? 'list' : 'other'
  if (type === 'VARCHAR' || type === 'UUID' || type.startsWith('ENUM(')) return 'text'
  if (type === 'DATE' || type.startsWith('TIMESTAMP')) return 'date'
  if (type === 'BLOB') return 'bytes'
  return PICTURE.test(type) ? 'picture' : 'other'
}

/** Columns, number of rows, and what the file notes of them. @throws Failure bad-input when it is no Parquet file */
export async function readParquetFacts(path: string, name: string): Promise<ParquetFacts> {
  return withFile(path, name, async (connection, file) => {
    const [[rows = 0] = []] = await rowsOf(connection, `SELECT num_rows FROM parquet_file_metadata(${file})`)
    const [[leaves = 0] = []] = await rowsOf(connection, `SELECT count(*) FROM parquet_schema(${file})`)
    if (Number(leaves) > MOST_COLUMNS + 1) {
      throw badInput(
        `${name} has ${Number(leaves) - 1} columns, more than the ${MOST_COLUMNS} that a table may have.`,
        'Save so many features as an array, with numpy.savez.'
      )
    }
    const described = await rowsOf(
      connection,
      `DESCRIBE SELECT * FROM read_parquet(${file}, hive_partitioning = false)`
    )
    const columns = described.map(([column, type]) => ({
      name: String(column),
      type: String(type),
      kind: kindOf(String(type))
    }))
    const notes = await notesOf(connection, file)
    return {
      count: Number(rows),
      columns,
      index: pandasIndex(notes.get('pandas')),
      classNames: classNamesOf(notes)
    }
  })
}

async function rowsOf(connection: DuckDBConnection, query: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(query)).getRows()
}

/** Key-value metadata, as texts. */
async function notesOf(connection: DuckDBConnection, file: string): Promise<Map<string, string>> {
  const rows = await rowsOf(
    connection,
    `SELECT TRY(decode(key)), TRY(decode(value)) FROM parquet_kv_metadata(${file}) WHERE octet_length(value) < ${MOST_METADATA}`
  )
  return new Map(
    rows.flatMap(([key, value]) => (key === null || value === null ? [] : [[String(key), String(value)]]))
  )
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // A note that is not as it should be says nothing.
    return undefined
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

export function pandasIndex(note: string | undefined): Set<string> {
  const columns = field(parsed(note), 'index_columns')
  return new Set(Array.isArray(columns) ? columns.filter((column) => typeof column === 'string') : [])
}

/** `info.features` of the note "huggingface", which older writers leave only in Arrow's own schema. */
export function classNamesOf(notes: ReadonlyMap<string, string>): Map<string, string[]> {
  const info = field(parsed(notes.get('huggingface')) ?? noteInArrowSchema(notes.get('ARROW:schema')), 'info')
  const features = field(info, 'features')
  const found = new Map<string, string[]>()
  if (typeof features !== 'object' || features === null) return found
  for (const [column, feature] of Object.entries(features)) {
    const names = field(feature, 'names')
    if (field(feature, '_type') !== 'ClassLabel' || !Array.isArray(names)) continue
    if (names.every((name) => typeof name === 'string') && new Set(names).size === names.length)
      found.set(column, names)
  }
  return found
}

/** The note as it stands in the flat buffer of Arrow's schema: a text with its length before it. */
function noteInArrowSchema(encoded: string | undefined): unknown {
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  const at = bytes.indexOf('{"info":')
  if (at < 4) return undefined
  const length = bytes.readUInt32LE(at - 4)
  return length > bytes.length - at ? undefined : parsed(bytes.toString('utf8', at, at + length))
}
