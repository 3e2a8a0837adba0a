import { openStream } from './byte-reader'

/** A record of a text table as its bytes stand there, one character a byte (latin1), whatever the encoding. */
export interface RawRecord {
  /** With its line end. */
  readonly text: string
  /** Where each field lies in the text, quotes included. */
  readonly fields: readonly (readonly [from: number, to: number])[]
}

/** The byte-order mark of UTF-8, as latin1. */
const MARK = '\u00ef\u00bb\u00bf'
const QUOTE = '"'

/**
 * The records of a text table without decoding them: separators, quotes and line ends are the same bytes in every
 * encoding that continues ASCII. Empty lines are passed over.
 * @param delimiter one ASCII character
 */
export async function* rawRecords(file: string, delimiter: string): AsyncGenerator<RawRecord> {
  const stream = (await openStream(file)).setEncoding('latin1')
  let held = ''
  let mark = ''
  let isFirst = true
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      held += chunk
      if (isFirst && held.length < 3) continue
      if (isFirst && held.startsWith(MARK)) {
        mark = MARK
        held = held.slice(MARK.length)
      }
      isFirst = false
      let at = 0
      for (;;) {
        const record = recordAt(held, at, delimiter, false)
        if (!record) break
        at += record.text.length
        if (isEmpty(record)) continue
        yield marked(record, mark)
        mark = ''
      }
      held = held.slice(at)
    }
    const last = held === '' ? undefined : recordAt(held, 0, delimiter, true)
    if (last && !isEmpty(last)) yield marked(last, mark)
  } finally {
    stream.destroy()
  }
}

/** The byte-order mark belongs to the first record, and to none of its fields. */
function marked({ text, fields }: RawRecord, mark: string): RawRecord {
  return { text: mark + text, fields: fields.map(([from, to]) => [from + mark.length, to + mark.length]) }
}

function isEmpty({ text }: RawRecord): boolean {
  return text === '\n' || text === '\r\n'
}

/** @returns undefined while the record does not end within the text */
function recordAt(text: string, start: number, delimiter: string, isLast: boolean): RawRecord | undefined {
  const fields: [number, number][] = []
  let at = start
  for (;;) {
    const from = at
    if (text[at] === QUOTE) {
      at = endOfQuotes(text, at)
      if (at < 0) return undefined
    }
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++
    if (at === text.length && !isLast) return undefined
    const ended = at === text.length || text[at] === '\n'
    const to = ended && text[at - 1] === '\r' && at > from ? at - 1 : at
    fields.push([from - start, to - start])
    at++
    if (ended) return { text: text.slice(start, at), fields }
  }
}

/** Where the closing quote has been passed; -1 while there is none. */
function endOfQuotes(text: string, open: number): number {
  for (let at = open + 1; ; at += 2) {
    at = text.indexOf(QUOTE, at)
    if (at < 0) return -1
    if (text[at + 1] !== QUOTE) return at + 1
  }
}
