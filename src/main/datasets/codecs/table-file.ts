import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader } from '../bytes/byte-reader'
import { csvRecords, guessDelimiter, type CsvRecord } from '../bytes/csv-reader'
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
    const { rows } = await firstRows(csv, place.name, ',')
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
  const { rows, bytes } = await firstRows(place.path, place.name, delimiter)
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
  file: string,
  name: string,
  delimiter: string
): Promise<{ rows: (readonly string[])[]; bytes: number }> {
  const rows: (readonly string[])[] = []
  let bytes = 0
  for await (const { fields } of csvRecords(file, name, delimiter)) {
    rows.push(fields)
    bytes += fields.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
    if (rows.length >= SAMPLE_ROWS) break
  }
  return { rows, bytes: Math.max(1, bytes) }
}

/** A table's rows as CSV records, the header first; Parquet goes through a temporary file in `scratch`. */
export function tableRecords(
  table: TableFile,
  scratch: string,
  asText: ReadonlySet<string>
): AsyncGenerator<CsvRecord> {
  const { path: file, name, delimiter, parquet } = table
  return parquet ? parquetRecords(table, parquet, scratch, asText) : csvRecords(file, name, delimiter)
}

async function* parquetRecords(
  { file, path: source, name, delimiter }: TableFile,
  facts: ParquetFacts,
  scratch: string,
  asText: ReadonlySet<string>
): AsyncGenerator<CsvRecord> {
  const csv = path.join(scratch, `${file}.csv`)
  try {
    await parquetToCsv(source, name, facts, csv, asText)
    yield* csvRecords(csv, name, delimiter)
  } finally {
    rmSync(csv, { force: true })
  }
}
