import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { AsyncRecordBatchStreamReader, Data, DataType, RecordBatch, Vector } from 'apache-arrow'
import { badInput, Failure } from '../../shared/domain/failure'
import type { CsvRecord } from './csv-reader'
import { fileFailure } from './file-failure'
import { decodeLz4Frame } from './lz4-frame'
import type { ColumnUse } from './parquet'
import { MOST_LISTED } from './parquet'
import { classNamesOf, MOST_COLUMNS, pandasIndex } from './parquet-facts'
import type { ParquetColumn, ParquetFacts } from './parquet-facts'

/** Of a table as its file says it: the same for Arrow and Parquet, which tools write side by side. */
export type ArrowFacts = ParquetFacts & {
  readonly countIsEstimate: boolean
  /** The first rows as texts. */
  readonly samples: readonly (readonly string[])[]
}

const SAMPLE_ROWS = 200
const SAMPLE_VALUES = 1 << 20
/** So many rows are soon read, whether the file holds them or only says so. */
const FEW_ROWS = 100_000
/** Rows that a byte of a file can hold: one bit each, compressed as far as LZ4 can. */
const MOST_ROWS_A_BYTE = 8 * 255

/** How an Arrow file (or Feather, version 2) begins; a stream begins with its schema's length. */
export function isArrow(head: Buffer): boolean {
  return head.toString('latin1', 0, 6) === 'ARROW1' || head.toString('latin1', 0, 4) === 'FEA1'
}

/** @throws Failure bad-input when it is no Arrow file, or one that cannot be read */
export async function readArrowFacts(path: string, name: string): Promise<ArrowFacts> {
  return reading(path, name, async (reader, bytes) => {
    const { schema } = reader
    if (schema.fields.length > MOST_COLUMNS) {
      throw badInput(
        `${name} has ${schema.fields.length} columns, more than the ${MOST_COLUMNS} that a table may have.`,
        'Save so many features as an array, with numpy.savez.'
      )
    }
    const kinds = await kindReader()
    const columns = schema.fields.map(({ name: column, type }) => ({
      // The library's type says otherwise, but a damaged file may leave it out.
      name: (column as string | null) ?? '',
      type: String(type),
      kind: kinds(type)
    }))
    let count = 0
    let batches = 0
    let samples: string[][] = []
    for await (const batch of reader) {
      batches++
      count += rowsOf(batch, bytes, name)
      if (samples.length === 0) samples = samplesOf(batch, columns)
      // Of a file in many parts the first ones tell enough.
      if (batches === 8) break
    }
    const inFile = reader.numRecordBatches
    const isAll = batches < 8 || inFile === batches
    return {
      count: isAll ? count : Math.round((count / batches) * Math.max(batches, inFile ?? 0)),
      countIsEstimate: !isAll,
      columns,
      index: pandasIndex(schema.metadata.get('pandas')),
      classNames: classNamesOf(schema.metadata),
      samples
    }
  })
}

/** Rows as records: a field for each column in `uses`, in that order. @throws Failure bad-input */
export async function* arrowRecords(
  path: string,
  name: string,
  { columns }: ParquetFacts,
  uses: ReadonlyMap<string, ColumnUse>
): AsyncGenerator<CsvRecord> {
  const known = new Map(columns.map((column) => [column.name, column]))
  const texts = [...uses].map(([column, use]) => cellText(known.get(column)!, use, name))
  const at = [...uses.keys()].map((column) => columns.findIndex((one) => one.name === column))
  const file = await openReader(path, name)
  let line = 0
  try {
    for await (const batch of file.reader) {
      const rows = rowsOf(batch, file.bytes, name)
      const vectors = at.map((column) => batch.getChildAt(column)!)
      for (let row = 0; row < rows; row++) {
        yield { fields: texts.map((text, i) => text(vectors[i]!, row)), line: ++line }
      }
    }
  } catch (error) {
    throw arrowFailure(error, name)
  } finally {
    await file.close()
  }
}

/** A column's value as the text that the reader of tables understands; nothing where there is none. */
function cellText(
  { name: column, type, kind }: ParquetColumn,
  use: ColumnUse,
  name: string
): (values: Vector, row: number) => string {
  if (kind === 'list' && use === 'feature') return listText
  if (kind === 'number' && type === 'Bool') {
    const [no, yes] = use === 'label' ? ['False', 'True'] : ['0', '1']
    return (values, row) => {
      const value: unknown = values.get(row)
      return value === null ? '' : value ? yes! : no!
    }
  }
  if (kind === 'number' || kind === 'text') return plainText
  throw badInput(
    `${name}, column "${column}" holds ${type.slice(0, 60)}, which is no ${use === 'label' ? 'class label' : 'number'}.`,
    use === 'label'
      ? 'Name the label column with --label-column.'
      : `Leave it out with --leave-out "${column}", or turn it into numbers.`
  )
}

function plainText(values: Vector, row: number): string {
  const value: unknown = values.get(row)
  return value === null || Number.isNaN(value) ? '' : String(value)
}

function listText(values: Vector, row: number): string {
  const list = values.get(row) as Iterable<unknown> | null
  return list === null ? '' : [...list].map((item) => (item === null ? '' : String(item))).join(' ')
}

function samplesOf(batch: RecordBatch, columns: readonly ParquetColumn[]): string[][] {
  const most = columns.some(({ kind }) => kind === 'list') ? 24 : SAMPLE_ROWS
  const rows = Math.min(
    batch.numRows,
    Math.max(3, Math.min(most, Math.floor(SAMPLE_VALUES / columns.length)))
  )
  const texts = columns.map((column) => {
    if (column.kind === 'number' || column.kind === 'text') return cellText(column, 'label', '')
    if (column.kind !== 'list') return () => ''
    return (values: Vector, row: number) => {
      const list = values.get(row) as { length: number } | null
      return list && list.length <= MOST_LISTED ? listText(values, row) : ''
    }
  })
  const vectors = columns.map((_, i) => batch.getChildAt(i)!)
  return Array.from({ length: rows }, (_, row) => texts.map((text, i) => text(vectors[i]!, row)))
}

function rowsOf({ numRows, data }: RecordBatch, bytes: number, name: string): number {
  const isPossible = Number.isSafeInteger(numRows) && numRows >= 0 && numRows <= bytes * MOST_ROWS_A_BYTE
  if (isPossible && (numRows <= FEW_ROWS || data.children.every((column) => holds(column, numRows)))) {
    return numRows
  }
  throw badInput(`${name} claims ${numRows} rows in ${bytes} bytes.`, 'Copy or download it again.')
}

/** Whether a column has so many values, by the length of what it keeps of each row. */
function holds({ values, valueOffsets }: Data, rows: number): boolean {
  if (valueOffsets?.length) return valueOffsets.length > rows
  const kept = values as { readonly length: number } | undefined
  // Truth values are bits.
  return !kept || kept.length * 8 >= rows
}

/** What the values of a type are. Decimals, dates and nested types are no plain numbers. */
async function kindReader(): Promise<(type: DataType) => ParquetColumn['kind']> {
  const { DataType: types } = await import('apache-arrow')
  const isNumber = (type: DataType): boolean => types.isInt(type) || types.isFloat(type) || types.isBool(type)
  const kindOf = (type: DataType): ParquetColumn['kind'] => {
    if (isNumber(type)) return 'number'
    if (types.isUtf8(type) || types.isLargeUtf8(type)) return 'text'
    if (types.isDictionary(type)) return kindOf((type as { dictionary: DataType }).dictionary)
    if (types.isList(type) || types.isFixedSizeList(type)) {
      return isNumber((type as { valueType: DataType }).valueType) ? 'list' : 'other'
    }
    return types.isBinary(type) ? 'bytes' : 'other'
  }
  return kindOf
}

interface OpenReader {
  readonly reader: AsyncRecordBatchStreamReader & { readonly numRecordBatches?: number }
  readonly bytes: number
  close(): Promise<void>
}

async function openReader(path: string, name: string): Promise<OpenReader> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileFailure(error, name)
  })
  try {
    const { size } = await handle.stat()
    const head = Buffer.alloc(4)
    await handle.read(head, 0, 4, 0)
    if (head.toString('latin1') === 'FEA1') {
      throw badInput(
        `${name} is a Feather file of version 1.`,
        'Save it again with pandas or pyarrow, which write version 2.'
      )
    }
    const { CompressionType, compressionRegistry, RecordBatchReader } = await import('apache-arrow')
    compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame })
    const reader = await RecordBatchReader.from(readOnce(handle, size))
    await reader.open()
    return {
      reader: reader as unknown as OpenReader['reader'],
      bytes: size,
      close: () => handle.close().catch(() => undefined)
    }
  } catch (error) {
    await handle.close().catch(() => undefined)
    throw arrowFailure(error, name)
  }
}

/** Times that a whole file may be read, and bytes besides. */
const MOST_TIMES = 3
const BESIDE = 1 << 16
/** A read of nothing counts too. */
const A_READ = 16

/**
 * The library reads the same message for ever where a damaged file says that it is one of another kind: reading ends when
 * far more was read than there is.
 */
function readOnce(handle: FileHandle, size: number): FileHandle {
  let left = MOST_TIMES * size + BESIDE
  const read = async (into: Buffer, offset: number, length: number, position: number): Promise<unknown> => {
    const result = await handle.read(into, offset, length, position)
    left -= result.bytesRead + A_READ
    if (left < 0) throw new Error('the same is read again and again')
    return result
  }
  return {
    fd: handle.fd,
    stat: () => handle.stat(),
    close: () => handle.close(),
    read
  } as unknown as FileHandle
}

async function reading<T>(
  path: string,
  name: string,
  act: (reader: OpenReader['reader'], bytes: number) => Promise<T>
): Promise<T> {
  const { reader, bytes, close } = await openReader(path, name)
  try {
    return await act(reader, bytes)
  } catch (error) {
    throw arrowFailure(error, name)
  } finally {
    await close()
  }
}

/** What the library says of a file that it cannot read: the file is to blame. */
function arrowFailure(error: unknown, name: string): unknown {
  if (error instanceof Failure) return error
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes('codec not found')) {
    return badInput(
      `${name} is compressed with Zstandard, which is not read.`,
      'Save it uncompressed or with LZ4: to_feather(path, compression="lz4").',
      error
    )
  }
  const known = fileFailure(error, name)
  if (known instanceof Failure) return known
  return badInput(`${name} is damaged, or no Arrow file.`, 'Copy or download it again.', error)
}
