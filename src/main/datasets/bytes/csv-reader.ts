import { Readable } from 'node:stream'
import Papa, { type ParseError } from 'papaparse'
import { badInput } from '../../../shared/domain/failure'
import { openStream } from './byte-reader'
import { fileFailure } from './file-failure'

/** A record of more characters than this is a quote that was never closed. */
const MAX_RECORD = 32 << 20

/** One record of a CSV file. */
export interface CsvRecord {
  readonly fields: readonly string[]
  /** Line of the file it begins on, from 1. */
  readonly line: number
}

/**
 * The records of a CSV file (a path, gzip or not, or its bytes) as RFC 4180 has them, every field as the text that
 * stands there. A quote within an unquoted field is a character like any other; empty lines are skipped.
 * @throws Failure bad-input that names the line where the quotes or the number of fields are wrong
 */
export async function* csvRecords(
  source: string | Readable,
  name: string,
  delimiter: string
): AsyncGenerator<CsvRecord, void> {
  const stream = typeof source === 'string' ? await openStream(source, name) : source
  let line = 1
  let columns: number | undefined
  try {
    for await (const { rows, errors, waiting } of rowBlocks(stream, delimiter)) {
      for (const [i, fields] of rows.entries()) {
        const place = `${name}, line ${line}`
        if (errors.length > 0) checkQuotes(errors, i, place)
        dropCarriageReturn(fields)
        const isEmpty = fields.length === 1 && fields[0] === ''
        if (!isEmpty) {
          columns ??= fields.length
          if (fields.length !== columns) {
            throw badInput(
              `${place} has ${fields.length} fields, but the first row has ${columns}.`,
              'Give every row a field for each column.'
            )
          }
          yield { fields, line }
        }
        line += 1 + lineBreaks(fields)
      }
      if (waiting > MAX_RECORD) {
        throw badInput(`${name}, line ${line}: the line does not end.`, 'Is a quote left open?')
      }
    }
  } catch (error) {
    throw fileFailure(error, name)
  }
}

interface RowBlock {
  readonly rows: readonly string[][]
  readonly errors: readonly ParseError[]
  /** Characters of the row that is not complete yet. */
  readonly waiting: number
}

/**
 * Papa Parse's rows, a block for each chunk of the file. Papa pushes them, and its own pause would let the file pour
 * into memory: here they are asked for, and the file is read no faster than its rows are used.
 */
function rowBlocks(stream: Readable, delimiter: string): AsyncIterable<RowBlock> {
  // Before Papa sees them: it would break a letter whose bytes are in two chunks.
  stream.setEncoding('utf8')
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
  Papa.parse<string[], Readable>(stream, {
    delimiter,
    // Else Papa would expect the first line's ending of all the others; see dropCarriageReturn.
    newline: '\n',
    beforeFirstChunk: (text) => text.replace(/^\ufeff/, ''),
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
  const whole = head.slice(0, head.lastIndexOf('\n') + 1) || head
  return Papa.parse(whole, { delimitersToGuess: [',', '\t', ';', '|'], preview: 10 }).meta.delimiter
}
