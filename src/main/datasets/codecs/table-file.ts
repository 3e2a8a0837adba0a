import { rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { readHead } from '../../file-formats/byte-reader'
import { csvRecords, type CsvRecord } from '../../file-formats/csv-reader'
import { parquetSample, parquetToCsv, type ColumnUse } from '../../file-formats/parquet'
import { readParquetFacts, type ParquetFacts } from '../../file-formats/parquet-facts'
import type { CodecOptions } from './codec'
import { lookAtText } from './table-layout'
import { nameOf, pathOf, type SourceLook } from './source-look'

const TABLE = /\.(csv|tsv|txt|data|parquet|pq)(\.gz)?$/i

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
  /** Records before the first example: the header, and what stands above it. */
  readonly skip: number
  readonly hasHeader: boolean
  readonly encoding?: string
  readonly decimalComma: boolean
  /** The first column is R's row names, for which its header has no name. */
  readonly rowNames?: boolean
  /** Present where the file itself tells its columns: Parquet and Arrow. */
  readonly parquet?: ParquetFacts
  /** Its rows, where another format's reader gives them: the columns of `uses`, in that order. */
  records?(uses: ReadonlyMap<string, ColumnUse>): AsyncGenerator<CsvRecord>
  readonly count: number
  readonly countIsEstimate: boolean
  /** The first rows, as texts. */
  readonly samples: readonly (readonly string[])[]
  /** What was assumed of it. */
  readonly warnings: readonly string[]
}

type Place = Pick<TableFile, 'file' | 'path' | 'name'>

export async function openTableFile(
  look: SourceLook,
  file: string,
  options: CodecOptions,
  labelBeside?: string
): Promise<TableFile> {
  const place = { file, path: pathOf(look, file), name: nameOf(look, file) }
  const isBinary = /\.(parquet|pq)$/i.test(file) || isParquet(await readHead(place.path, 4))
  return isBinary ? openParquet(place) : openText(place, options, labelBeside)
}

async function openParquet(place: Place): Promise<TableFile> {
  const parquet = await readParquetFacts(place.path, place.name)
  if (parquet.count === 0)
    throw badInput(`${place.name} has no rows.`, 'Name a table with one row for each example.')
  return {
    ...place,
    columns: parquet.columns.map(({ name }) => name),
    delimiter: ',',
    skip: 1,
    hasHeader: true,
    decimalComma: false,
    parquet,
    count: parquet.count,
    countIsEstimate: false,
    samples: await parquetSample(place.path, place.name, parquet),
    warnings: []
  }
}

async function openText(
  place: Place,
  options: CodecOptions,
  labelBeside: string | undefined
): Promise<TableFile> {
  const { rows, bytes, isComplete, delimiter, encoding, skip, first, width, warnings, ...layout } =
    await lookAtText(place, options, labelBeside)
  if (rows.length === 0) {
    throw badInput(`${place.name} has no rows.`, 'Name a table with a header and one row for each example.')
  }
  const size = statSync(place.path).size * (/\.gz$/i.test(place.file) ? 4 : 1)
  const columns = layout.hasHeader ? first : Array.from({ length: width }, (_, i) => `column${i}`)
  return {
    ...place,
    columns,
    delimiter,
    encoding,
    skip,
    hasHeader: layout.hasHeader,
    rowNames: layout.rowNames,
    decimalComma: layout.decimalComma,
    count: isComplete ? rows.length : Math.round((size / bytes) * rows.length),
    countIsEstimate: !isComplete,
    samples: rows,
    warnings
  }
}

/**
 * A table's rows as records, a field for each column in `uses`, in that order for Parquet (which goes through a
 * temporary file in `scratch`), and all of them for text.
 * @param most rows that Parquet gives, from the first
 */
export function tableRecords(
  table: TableFile,
  scratch: string,
  uses: ReadonlyMap<string, ColumnUse>,
  most?: number
): AsyncGenerator<CsvRecord> {
  const { path: file, name, delimiter, encoding, skip, columns } = table
  if (table.records) return table.records(uses)
  return table.parquet
    ? parquetRecords(table, table.parquet, scratch, uses, most)
    : csvRecords(file, name, delimiter, { encoding, skip, width: columns.length })
}

async function* parquetRecords(
  { path: source, name }: TableFile,
  facts: ParquetFacts,
  scratch: string,
  uses: ReadonlyMap<string, ColumnUse>,
  most: number | undefined
): AsyncGenerator<CsvRecord> {
  const csv = path.join(scratch, 'rows.csv')
  try {
    await parquetToCsv(source, name, facts, csv, uses, most)
    yield* csvRecords(csv, name, ',', { skip: 1 })
  } finally {
    rmSync(csv, { force: true })
  }
}
