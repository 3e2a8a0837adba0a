import { Readable } from 'node:stream'
import type { ParseError } from 'papaparse'
import { badInput } from '../../shared/domain/failure'
import { openStream } from './byte-reader'
import { fileFailure } from './file-failure'
import { papaparse } from './late-packages'
import { decodedText } from './text-encoding'

/** A record of more characters than this is a quote that was never closed. */
const MAX_RECORD = 8 << 20
/** Fields that stand apart by any number of blanks or tabs. */
export const BLANKS = ' '
/** Without a line feed in so much text, a carriage return alone ends a line, as on old Macs. */
const LOOKED_AT = 1 << 16

/** One record of a CSV file. */
export interface CsvRecord {
  readonly fields: readonly string[]
  /** Line of the file it begins on, from 1. */
  readonly line: number
}

export interface CsvOptions {
  /** Where it is not UTF-8 and no byte-order mark tells. */
  readonly encoding?: string
  /** Records at the beginning that may have any number of fields, and are not given out. */
  readonly skip?: number
  /** Fields of a record: those of the first one where it is not told; 'any' does not look. */
  readonly width?: number | 'any'
}

/**
 * The records of a CSV file (a path, gzip or not, or its bytes) as RFC 4180 has them, every field as the text that
 * stands there. A quote within an unquoted field is a character like any other; empty lines are skipped. Lines end
 * with LF, CRLF, or CR throughout.
 * @throws Failure bad-input that names the line where the quotes, the letters or the number of fields are wrong
 */
export async function* csvRecords(
  source: string | Readable,
  name: string,
  delimiter: string,
  { encoding, skip = 0, width }: CsvOptions = {}
): AsyncGenerator<CsvRecord, void> {
  const stream = typeof source === 'string' ? await openStream(source, name) : source
  let columns = width
  let left = skip
  const text = completeLines(decodedText(stream, name, encoding), name)
  try {
    for await (const record of delimiter === BLANKS
      ? blankRecords(text)
      : quotedRecords(text, name, delimiter)) {
      const { fields, line } = record
      if (fields.length === 1 && fields[0] === '') continue
      if (left > 0) {
        left--
        continue
      }
      columns ??= fields.length
      if (columns !== 'any' && fields.length !== columns)
        throw wrongWidth(record, columns, `${name}, line ${line}`)
      yield record
    }
  } catch (error) {
    throw fileFailure(error, name)
  } finally {
    stream.destroy()
  }
}

function wrongWidth({ fields }: CsvRecord, columns: number, place: string): Error {
  return badInput(
    `${place} has ${fields.length} fields, but the first row has ${columns}.`,
    fields[0]?.startsWith('#')
      ? 'Remove the comment, or give every row a field for each column.'
      : 'Give every row a field for each column.'
  )
}

/**
 * Text in pieces that hold a line end: a parser that is given a line bit by bit would begin it again each time.
 * CR alone becomes LF where it ends the lines.
 */
async function* completeLines(pieces: AsyncIterable<string>, name: string): AsyncGenerator<string> {
  let held: string[] = []
  let size = 0
  let ends: '\n' | '\r' | undefined
  for await (const piece of pieces) {
    if (piece === '') continue
    held.push(piece)
    size += piece.length
    if (piece.includes('\n')) ends ??= '\n'
    if (ends === undefined && size < LOOKED_AT) continue
    ends ??= held.some((text) => text.includes('\r')) ? '\r' : undefined
    if (ends === undefined || !piece.includes(ends)) {
      if (size > MAX_RECORD) throw badInput(`${name}: a line does not end.`, 'Is a quote left open?')
      continue
    }
    yield ends === '\r' ? held.join('').replaceAll('\r', '\n') : held.join('')
    held = []
    size = 0
  }
  const rest = held.join('')
  yield ends !== '\n' && !rest.includes('\n') ? rest.replaceAll('\r', '\n') : rest
}

/** Records of lines whose fields stand apart by blanks; a field in quotes may hold some. */
async function* blankRecords(pieces: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let line = 1
  let rest = ''
  const record = (text: string): CsvRecord => ({
    fields: (text.match(/"[^"]*"|\S+/g) ?? ['']).map((field) => field.replace(/^"(.*)"$/, '$1')),
    line: line++
  })
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) yield record(text)
  }
  if (rest !== '') yield record(rest)
}

async function* quotedRecords(
  text: AsyncIterable<string>,
  name: string,
  delimiter: string
): AsyncGenerator<CsvRecord> {
  let line = 1
  for await (const { rows, errors, waiting } of rowBlocks(
    Readable.from(text, { highWaterMark: 1 }),
    delimiter
  )) {
    for (const [i, fields] of rows.entries()) {
      if (errors.length > 0) checkQuotes(errors, i, `${name}, line ${line}`)
      dropCarriageReturn(fields)
      yield { fields, line }
      line += 1 + lineBreaks(fields)
    }
    if (waiting > MAX_RECORD) {
      throw badInput(`${name}, line ${line}: the line does not end.`, 'Is a quote left open?')
    }
  }
}

interface RowBlock {
  readonly rows: readonly string[][]
  readonly errors: readonly ParseError[]
  /** Characters of the row that is not complete yet. */
  readonly waiting: number
}

/**
 * Papa Parse's rows, a block for each chunk of the text. Papa pushes them, and its own pause would let the file pour
 * into memory: here they are asked for, and the file is read no faster than its rows are used.
 */
function rowBlocks(stream: Readable, delimiter: string): AsyncIterable<RowBlock> {
  const blocks = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read: () => void stream.resume(),
    destroy: (error, done) => {
      stream.destroy()
      done(error)
    }
  })
  let waiting = 0
  stream.on('data', (text: string) => {
    waiting += text.length
  })
  papaparse().parse<string[], Readable>(stream, {
    delimiter,
    // Else Papa would expect the first line's ending of all the others; see dropCarriageReturn.
    newline: '\n',
    chunk: ({ data: rows, errors }) => {
      if (rows.length > 0) waiting = 0
      if (!blocks.push({ rows, errors, waiting } satisfies RowBlock)) stream.pause()
    },
    complete: () => void blocks.push(null),
    error: (error) => void blocks.destroy(error)
  })
  return blocks as AsyncIterable<RowBlock>
}

/** Errors of a row that is not complete yet carry a number beyond the block's rows, and come again with the next. */
function checkQuotes(errors: readonly ParseError[], row: number, place: string): void {
  const error = errors.find((candidate) => candidate.row === row)
  if (error?.code === 'MissingQuotes') {
    throw badInput(`${place}: a quote is not closed.`, 'Close it, or double it.')
  }
  if (error?.code === 'InvalidQuotes') {
    throw badInput(`${place}: text follows a closing quote.`, 'Double the quotes that belong to the text.')
  }
}

/** What a CRLF leaves at the end of an unquoted field. */
function dropCarriageReturn(fields: string[]): void {
  const last = fields.length - 1
  if (fields[last]?.endsWith('\r')) fields[last] = fields[last].slice(0, -1)
}

function lineBreaks(fields: readonly string[]): number {
  let breaks = 0
  for (const field of fields) if (field.includes('\n')) breaks += field.split('\n').length - 1
  return breaks
}

/** The separator of a file, guessed from its first lines. */
export function guessDelimiter(head: string): string {
  // A line cut short would have fewer fields than the others.
  const complete = (head.slice(0, head.lastIndexOf('\n') + 1) || head).trimEnd()
  return papaparse().parse(complete, { delimitersToGuess: [',', '\t', ';', '|'], preview: 10 }).meta.delimiter
}
