import { badInput } from '../../../shared/domain/failure'
import { ByteReader } from '../../file-formats/byte-reader'
import { BLANKS, csvRecords, guessDelimiter } from '../../file-formats/csv-reader'
import { checkEncoding, markedEncoding, TextReader } from '../../file-formats/text-encoding'
import type { CodecOptions } from './codec'
import { hasDecimalCommas, isNumber, withPoint } from './table-cells'
import { MOST_COLUMNS } from './table-columns'
import { guessHeader } from './table-header'
import { separatorSign } from './table-separators'

const SAMPLE_ROWS = 200
/** Fields looked at, of tables with very many columns. */
const SAMPLE_FIELDS = 1 << 20
const HEAD_BYTES = 1 << 16

/** How a text table is laid out, and its first rows. */
export interface TextLayout {
  readonly delimiter: string
  readonly decimalComma: boolean
  readonly encoding?: string
  /** Records before the first example. */
  readonly skip: number
  readonly hasHeader: boolean
  /** Names of the columns, where there is a header. */
  readonly first: readonly string[]
  readonly width: number
  readonly rowNames: boolean
  readonly rows: readonly (readonly string[])[]
  /** Characters of these rows. */
  readonly bytes: number
  /** Whether they are all of the table. */
  readonly isComplete: boolean
  readonly warnings: readonly string[]
}

interface Place {
  readonly file: string
  readonly path: string
  readonly name: string
}

/** Find separator, header and width from the beginning of a file. @throws Failure bad-input */
export async function lookAtText(
  place: Place,
  options: CodecOptions,
  labelBeside?: string
): Promise<TextLayout> {
  checkEncoding(options.encoding)
  const { encoding } = options
  const head = await textHead(place, encoding)
  const said = /^sep=(.)\r?\n/i.exec(head)?.[1]
  const delimiter = separatorSign(options.separator) ?? said ?? separatorOf(place.file, head)
  const { rows: found, bytes, isComplete } = await firstRows(place, delimiter, encoding)
  const decimalComma = delimiter !== ',' && hasDecimalCommas(found)
  const all = decimalComma ? found.map((row) => row.map(withPoint)) : found
  const above = said === undefined ? commentsAbove(all) : 1
  const [named = [], ...below] = all.slice(above)
  const first = stripped(named, above > 0 || named[0]?.startsWith('# ') === true)
  const width = below[0]?.length ?? first.length
  const base = { delimiter, decimalComma, encoding, width, bytes, isComplete, rowNames: false }
  const comments =
    said === undefined && above > 0 ? [`${above} lines of comments at the beginning are left out.`] : []
  if (decimalComma) comments.push('Numbers are read with a decimal comma: 5,1 is five and a tenth.')
  // A header without a name for the row names, as R writes it, or rows that all end with a separator.
  const header = options.header ?? (labelBeside !== undefined && first.includes(labelBeside) ? 'yes' : 'auto')
  const isShort =
    below.length > 0 && first.length > 1 && below.every((row) => row.length === first.length + 1)
  if (isShort && header !== 'no') {
    const endsEmpty = below.every((row) => row.at(-1)?.trim() === '')
    const columns = endsEmpty ? [...first, ''] : ['', ...first]
    return {
      ...base,
      first: columns,
      rowNames: !endsEmpty,
      hasHeader: true,
      skip: above + 1,
      rows: below,
      warnings: comments
    }
  }
  const guess = header === 'yes' ? { isHeader: true } : guessHeader(first, below)
  const hasHeader = header === 'no' ? false : guess.isHeader
  const isCertain = header === 'yes' || header === 'no' || !('warning' in guess) || !guess.warning
  const rows = (hasHeader ? below : [first, ...below]).filter((row) => row.length === first.length)
  return {
    ...base,
    width: first.length,
    first,
    hasHeader,
    skip: above + (hasHeader ? 1 : 0),
    rows: first.length === 0 ? [] : rows,
    warnings: isCertain ? comments : [...comments, guess.warning]
  }
}

/** The beginning of a file as text. */
export async function textHead({ path, name }: Place, encoding: string | undefined): Promise<string> {
  const bytes = Buffer.alloc(HEAD_BYTES)
  const reader = await ByteReader.openFile(path, name)
  const head = bytes.subarray(0, await reader.readInto(bytes))
  reader.close()
  if (markedEncoding(head) === undefined && !/^(utf-?(16|32)|ucs-?2)/i.test(encoding ?? ''))
    checkText(head, name)
  // Not to its end: a letter may be cut in two there.
  return new TextReader(name, encoding).write(head)
}

function checkText(head: Buffer, name: string): void {
  if (!head.includes(0)) return
  const zeros = (from: number): number => {
    let count = 0
    for (let i = from; i < head.length; i += 2) if (head[i] === 0) count++
    return count
  }
  const [even, odd] = [zeros(0), zeros(1)]
  if (head.length >= 16 && Math.max(even, odd) > head.length / 4 && Math.min(even, odd) < head.length / 16) {
    throw badInput(
      `${name} looks like UTF-16 without a byte-order mark.`,
      `Pass --encoding utf-16${odd > even ? 'le' : 'be'}, or save it as UTF-8.`
    )
  }
  throw badInput(`${name} is not a text table: it holds null bytes.`, 'Name a CSV, TSV or Parquet file.')
}

/** Comma, semicolon, tab or bar, by the name of a file and its first lines. */
export function guessedSeparator(file: string, head: string): string {
  if (/\.tsv(\.gz)?$/i.test(file)) return '\t'
  return guessDelimiter(head.includes('\n') ? head : head.replaceAll('\r', '\n'))
}

function separatorOf(file: string, head: string): string {
  const delimiter = guessedSeparator(file, head)
  return delimiter === ',' && standsInBlanks(head) ? BLANKS : delimiter
}

/** Lines without a comma, of as many words each, numbers among them. */
function standsInBlanks(head: string): boolean {
  const lines = head.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '')
  const some = lines.slice(0, 20)
  if (lines.length <= 20 && !/[\r\n]$/.test(head) && lines.length > 1 && head.length >= HEAD_BYTES) some.pop()
  const counts = new Set(some.map((line) => line.match(/"[^"]*"|\S+/g)?.length ?? 0))
  const [count = 0] = counts
  const numbered = some.filter((line) => line.split(/\s+/).some((word) => word !== '' && isNumber(word)))
  return (
    counts.size === 1 &&
    count > 1 &&
    !some.some((line) => line.includes(',')) &&
    numbered.length >= some.length - 1 &&
    numbered.length > 0
  )
}

/** Records at the beginning that start with # and have another number of fields than the table. */
function commentsAbove(rows: readonly (readonly string[])[]): number {
  let above = 0
  while (rows[above]?.[0]?.startsWith('#') && rows[above + 1]) above++
  if (above === 0) return 0
  // The last of them may be the header, as numpy.savetxt writes it, or as columns such as #CHROM have it.
  return rows[above - 1]?.length === rows[above]?.length && (rows[above]?.length ?? 0) > 1 ? above - 1 : above
}

function stripped(names: readonly string[], isComment: boolean): readonly string[] {
  if (!isComment || names[0] === undefined || !/^# /.test(names[0])) return names
  return [names[0].replace(/^#\s+/, ''), ...names.slice(1)]
}

async function firstRows(
  { path, name }: Place,
  delimiter: string,
  encoding: string | undefined
): Promise<{ rows: (readonly string[])[]; bytes: number; isComplete: boolean }> {
  const rows: (readonly string[])[] = []
  let bytes = 1
  let fieldCount = 0
  for await (const { fields } of csvRecords(path, name, delimiter, { encoding, width: 'any' })) {
    if (fields.length > MOST_COLUMNS + 1) {
      throw badInput(
        `${name} has ${fields.length} columns, more than the ${MOST_COLUMNS} that a table may have.`,
        'Save so many features as an array, with numpy.savez.'
      )
    }
    rows.push(fields)
    fieldCount += fields.length
    for (const text of fields) bytes += text.length + 1
    if (rows.length >= SAMPLE_ROWS || fieldCount >= SAMPLE_FIELDS) return { rows, bytes, isComplete: false }
  }
  return { rows, bytes, isComplete: true }
}
