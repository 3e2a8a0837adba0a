import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader } from '../bytes/byte-reader'
import { csvRecords, guessDelimiter } from '../bytes/csv-reader'
import { parquetFacts, parquetToCsv, type ParquetFacts } from '../bytes/parquet'
import { isHeader } from './table-columns'
import { nameOf, pathOf, type SourceLook } from './source-look'

const TABLE = /\.(csv|tsv|txt|data|parquet|pq)(\.gz)?$/i
const SAMPLE_ROWS = 200

export function isTableName(file: string): boolean {
  return TABLE.test(file)
}

export function isParquet(head: Buffer): boolean {
  return head.subarray(0, 4).toString('latin1') === 'PAR1'
}

/** One table, its columns known, its rows not yet read. */
export interface TableFile {
  readonly file: string
  readonly path: string
  readonly name: string
  readonly columns: readonly string[]
  readonly delimiter: string
  readonly hasHeader: boolean
  /** Present for Parquet. */
  readonly parquet?: ParquetFacts
  readonly count: number
  readonly countIsEstimate: boolean
  /** The first rows, as texts. */
  readonly samples: readonly (readonly string[])[]
}

export async function openTableFile(look: SourceLook, file: string): Promise<TableFile> {
  const place = { file, path: pathOf(look, file), name: nameOf(look, file) }
  return /\.(parquet|pq)$/i.test(file) ? openParquet(place) : openCsv(place)
}

type Place = Pick<TableFile, 'file' | 'path' | 'name'>

async function openParquet(place: Place): Promise<TableFile> {
  const parquet = await parquetFacts(place.path, place.name)
  const columns = parquet.columns.map(({ name }) => name)
  const folder = mkdtempSync(path.join(tmpdir(), 'bilevel-'))
  try {
    const csv = path.join(folder, 'sample.csv')
    await parquetToCsv(place.path, place.name, parquet, csv, new Set(columns), SAMPLE_ROWS)
    const { rows } = await firstRows(await ByteReader.openFile(csv, place.name), ',')
    const samples = rows.slice(1)
    const facts = { columns, delimiter: ',', hasHeader: true, count: parquet.count, countIsEstimate: false }
    return { ...place, ...facts, parquet, samples }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openCsv(place: Place): Promise<TableFile> {
  const head = Buffer.alloc(1 << 16)
  const look = await ByteReader.openFile(place.path, place.name)
  const filled = await look.readInto(head)
  look.close()
  checkText(head.subarray(0, filled), place.name)
  const delimiter = /\.tsv(\.gz)?$/i.test(place.file)
    ? '\t'
    : guessDelimiter(head.toString('utf8', 0, filled))
  const { rows, bytes } = await firstRows(await ByteReader.openFile(place.path, place.name), delimiter)
  const [first = [], second] = rows
  const hasHeader = isHeader(first, second)
  const columns = hasHeader ? first : first.map((_, i) => `column${i}`)
  const samples = hasHeader ? rows.slice(1) : rows
  if (samples.length === 0) {
    throw badInput(`${place.name} has no rows.`, 'Name a table with a header and one row for each example.')
  }
  const whole = rows.length < SAMPLE_ROWS
  const size = /\.gz$/i.test(place.file) ? 4 * statSync(place.path).size : statSync(place.path).size
  const count = whole ? samples.length : Math.round((size / bytes) * rows.length)
  return { ...place, columns, delimiter, hasHeader, count, countIsEstimate: !whole, samples }
}

function checkText(head: Buffer, name: string): void {
  if (head[0] === 0xff && head[1] === 0xfe) {
    throw badInput(`${name} is written in UTF-16.`, 'Save it as UTF-8.')
  }
  if (head.includes(0)) {
    throw badInput(`${name} is not a text table: it holds null bytes.`, 'Name a CSV, TSV or Parquet file.')
  }
}

async function firstRows(
  reader: ByteReader,
  delimiter: string
): Promise<{ rows: string[][]; bytes: number }> {
  const rows: string[][] = []
  let bytes = 0
  try {
    for await (const record of csvRecords(reader, delimiter)) {
      const texts = record.texts()
      rows.push(texts)
      bytes += texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
      if (rows.length >= SAMPLE_ROWS) break
    }
    return { rows, bytes: Math.max(1, bytes) }
  } finally {
    reader.close()
  }
}

/** A table's rows as CSV records, the header first; Parquet goes through a temporary file in `scratch`. */
export async function openRecords(
  table: TableFile,
  scratch: string,
  asText: ReadonlySet<string>
): Promise<{ reader: ByteReader; done: () => void }> {
  if (!table.parquet) {
    const reader = await ByteReader.openFile(table.path, table.name)
    return { reader, done: () => reader.close() }
  }
  const csv = path.join(scratch, `${table.file}.csv`)
  await parquetToCsv(table.path, table.name, table.parquet, csv, asText)
  const reader = await ByteReader.openFile(csv, table.name)
  return {
    reader,
    done: () => {
      reader.close()
      rmSync(csv, { force: true })
    }
  }
}
