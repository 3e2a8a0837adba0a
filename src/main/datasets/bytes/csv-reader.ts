import { badInput } from '../../../shared/domain/failure'
import type { ByteReader } from './byte-reader'

const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d
const CHUNK = 1 << 18
/** A record longer than this is a quote that was never closed. */
const MAX_RECORD = 32 << 20

/** One record of a CSV file: fields as byte ranges of a buffer that is used again for the next record. */
export class CsvRecord {
  buffer: Buffer = Buffer.alloc(0)
  /** Line of the file it begins on, from 1. */
  line = 1
  count = 0
  #starts = new Int32Array(64)
  #ends = new Int32Array(64)
  /** 0 plain, 1 quoted, 2 quoted with doubled quotes inside. */
  #quotes = new Uint8Array(64)

  begin(line: number): void {
    this.count = 0
    this.line = line
  }

  add(start: number, end: number, quotes: number): void {
    if (this.count === this.#starts.length) this.#grow()
    this.#starts[this.count] = start
    this.#ends[this.count] = end
    this.#quotes[this.count++] = quotes
  }

  #grow(): void {
    const [starts, ends, quotes] = [this.#starts, this.#ends, this.#quotes]
    this.#starts = new Int32Array(2 * starts.length)
    this.#ends = new Int32Array(2 * ends.length)
    this.#quotes = new Uint8Array(2 * quotes.length)
    this.#starts.set(starts)
    this.#ends.set(ends)
    this.#quotes.set(quotes)
  }

  text(field: number): string {
    const text = this.buffer.toString('utf8', this.#starts[field], this.#ends[field])
    return this.#quotes[field] === 2 ? text.replaceAll('""', '"') : text
  }

  texts(): string[] {
    return Array.from({ length: this.count }, (_, i) => this.text(i))
  }

  isEmpty(field: number): boolean {
    return this.#starts[field] === this.#ends[field]
  }

  /** The field as a number; NaN where it is none. */
  number(field: number): number {
    return parseNumber(this.buffer, this.#starts[field]!, this.#ends[field]!)
  }
}

/**
 * Comma-separated values as RFC 4180 has them: quotes, doubled quotes, line breaks inside quotes, LF or CRLF,
 * a byte-order mark. Empty lines are skipped. The record is only valid until the next one is asked for.
 */
export async function* csvRecords(reader: ByteReader, delimiter: string): AsyncGenerator<CsvRecord> {
  const separator = delimiter.charCodeAt(0)
  const record = new CsvRecord()
  let buffer = Buffer.allocUnsafe(2 * CHUNK)
  let filled = await reader.readInto(buffer)
  let at = filled >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0
  let line = 1
  let ended = filled < buffer.length
  for (;;) {
    record.buffer = buffer
    const next = scanRecord(buffer, at, filled, separator, ended, record, line)
    if (next === UNCLOSED) {
      throw badInput(`${reader.name}, line ${line}: a quote is not closed.`, 'Close it, or double it.')
    }
    if (next === INCOMPLETE) {
      if (ended) return
      if (at === 0 && filled === buffer.length) {
        if (buffer.length >= MAX_RECORD) {
          throw badInput(`${reader.name}, line ${line}: the line does not end.`, 'Is a quote left open?')
        }
        buffer = Buffer.concat([buffer], 2 * buffer.length)
      } else {
        buffer.copyWithin(0, at, filled)
        filled -= at
        at = 0
      }
      const more = await reader.readInto(buffer.subarray(filled))
      filled += more
      ended = filled < buffer.length
      continue
    }
    const isBlank = record.count === 1 && record.isEmpty(0)
    if (!isBlank) yield record
    for (let i = at; i < next; i++) if (buffer[i] === LF) line++
    at = next
  }
}

const INCOMPLETE = -1
const UNCLOSED = -2

/** Find the fields of the record at `at`; the place after it, INCOMPLETE or UNCLOSED. */
function scanRecord(
  buffer: Buffer,
  at: number,
  filled: number,
  separator: number,
  ended: boolean,
  record: CsvRecord,
  line: number
): number {
  record.begin(line)
  if (at >= filled) return INCOMPLETE
  let i = at
  for (;;) {
    if (i < filled && buffer[i] === QUOTE) {
      const start = ++i
      let doubled = 1
      for (;;) {
        while (i < filled && buffer[i] !== QUOTE) i++
        if (i >= filled || (i + 1 >= filled && !ended)) return ended ? UNCLOSED : INCOMPLETE
        if (buffer[i + 1] !== QUOTE || i + 1 >= filled) break
        doubled = 2
        i += 2
      }
      record.add(start, i++, doubled)
      // Whatever stands between the closing quote and the separator is not part of the field.
      while (i < filled && buffer[i] !== separator && buffer[i] !== LF) i++
    } else {
      const start = i
      while (i < filled && buffer[i] !== separator && buffer[i] !== LF) i++
      const end = i > start && buffer[i - 1] === CR && (i >= filled || buffer[i] === LF) ? i - 1 : i
      record.add(start, end, 0)
    }
    if (i >= filled) return ended ? filled : INCOMPLETE
    if (buffer[i++] === LF) return i
  }
}

/** Exact powers of ten in a double. */
const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i)
const SPACE = 0x20

/**
 * A decimal number in ASCII, blanks around it allowed. Short numbers take the exact fast path (a mantissa
 * below 2^53 and a power of ten up to 22 give the correctly rounded double); the rest goes through Number.
 */
export function parseNumber(buffer: Buffer, start: number, end: number): number {
  while (start < end && buffer[start] === SPACE) start++
  while (end > start && buffer[end - 1] === SPACE) end--
  if (start === end) return NaN
  let i = start
  const negative = buffer[i] === 0x2d
  if (negative || buffer[i] === 0x2b) i++
  let mantissa = 0
  let digits = 0
  let scale = 0
  for (let seenPoint = false; i < end; i++) {
    const digit = buffer[i]! - 0x30
    if (digit >= 0 && digit <= 9) {
      mantissa = 10 * mantissa + digit
      digits++
      if (seenPoint) scale++
    } else if (buffer[i] === 0x2e && !seenPoint) seenPoint = true
    else return slowNumber(buffer, start, end)
  }
  if (digits === 0) return NaN
  if (digits > 15 || scale > 22) return slowNumber(buffer, start, end)
  const value = scale === 0 ? mantissa : mantissa / POWERS[scale]!
  return negative ? -value : value
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

function slowNumber(buffer: Buffer, start: number, end: number): number {
  const text = buffer.toString('latin1', start, end)
  return DECIMAL.test(text) ? Number(text) : NaN
}

/** The separator of a file: the likeliest in its first line, outside quotes. */
export function guessDelimiter(head: string): string {
  const line = head.replace(/"[^"]*"/g, '').split(/\r?\n/, 1)[0] ?? ''
  let best = ','
  let most = 0
  for (const candidate of [',', '\t', ';', '|']) {
    const count = line.split(candidate).length - 1
    if (count > most) [best, most] = [candidate, count]
  }
  return best
}

/** A field as it must stand in a file. */
export function csvField(text: string, delimiter = ','): string {
  return text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
