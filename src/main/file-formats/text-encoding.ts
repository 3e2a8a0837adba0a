import { badInput, type Failure } from '../../shared/domain/failure'
import { iconv } from './late-packages'

const LOST = '\ufffd'
const LOST_IN_UTF8 = Buffer.from(LOST)

/** Marks at the beginning of a text that tell its encoding, the longer first. */
const MARKS: readonly (readonly [Buffer, string])[] = [
  [Buffer.from([0xff, 0xfe, 0, 0]), 'utf-32le'],
  [Buffer.from([0xef, 0xbb, 0xbf]), 'utf-8'],
  [Buffer.from([0xff, 0xfe]), 'utf-16le'],
  [Buffer.from([0xfe, 0xff]), 'utf-16be']
]

/** The longest mark; so many bytes are needed to look for one. */
const MARK_BYTES = 4

/** The encoding that a byte-order mark tells; undefined without one. */
export function markedEncoding(head: Uint8Array): string | undefined {
  return MARKS.find(([mark]) => mark.equals(head.subarray(0, mark.length)))?.[1]
}

/** @throws Failure bad-input when no encoding has this name */
export function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined || iconv().encodingExists(encoding)) return
  throw badInput(
    `"${encoding}" is no text encoding that is known here.`,
    'Give --encoding a name such as utf-8, windows-1252, latin1, utf-16, shift_jis, gb18030 or koi8-r.'
  )
}

/**
 * Decodes a text piece by piece and never loses a letter: bytes that the encoding has no letter for end it. A
 * byte-order mark goes before the encoding asked for; without both it is UTF-8.
 */
export class TextReader {
  #decoder: { write(bytes: Buffer): string; end(): string | undefined } | undefined
  #encoding = 'utf-8'
  #line = 1
  #lost = 0
  #meant = 0
  #tail: Buffer = Buffer.alloc(0)

  constructor(
    readonly name: string,
    private readonly asked: string | undefined
  ) {
    checkEncoding(asked)
  }

  /** The first piece must hold the byte-order mark. @throws Failure bad-input naming the line */
  write(bytes: Uint8Array): string {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    if (!this.#decoder) {
      this.#encoding = markedEncoding(piece) ?? this.asked ?? 'utf-8'
      this.#decoder = decoderOf(this.#encoding)
    }
    if (isUtf8(this.#encoding)) this.#countMeant(piece)
    return this.#checked(this.#decoder.write(piece))
  }

  end(): string {
    return this.#checked(this.#decoder?.end() ?? '')
  }

  /** A text may hold the sign for a lost letter itself: another program lost it. That is no error of reading. */
  #countMeant(piece: Buffer): void {
    const bytes = Buffer.concat([this.#tail, piece])
    for (let at = bytes.indexOf(LOST_IN_UTF8); at >= 0; at = bytes.indexOf(LOST_IN_UTF8, at + 3))
      this.#meant++
    this.#tail = Buffer.from(bytes.subarray(-2))
  }

  #checked(text: string): string {
    const first = text.indexOf(LOST)
    if (first >= 0) {
      this.#lost += text.split(LOST).length - 1
      if (this.#lost > this.#meant) throw this.#failure(text.slice(0, first))
    }
    this.#line += lineBreaks(text)
    return text
  }

  #failure(before: string): Failure {
    const line = this.#line + lineBreaks(before)
    const asked = this.asked !== undefined && this.#encoding === this.asked
    return badInput(
      `${this.name}, line ${line}: the text is not ${isUtf8(this.#encoding) ? 'UTF-8' : this.#encoding}.`,
      asked
        ? 'Name its encoding with --encoding, or save it as UTF-8.'
        : 'Name its encoding with --encoding, for example --encoding windows-1252, or save it as UTF-8.'
    )
  }
}

function isUtf8(encoding: string): boolean {
  return /^utf-?8$/i.test(encoding)
}

function decoderOf(encoding: string): { write(bytes: Buffer): string; end(): string | undefined } {
  if (!isUtf8(encoding)) return iconv().getDecoder(encoding)
  const utf8 = new TextDecoder('utf-8')
  return { write: (bytes) => utf8.decode(bytes, { stream: true }), end: () => utf8.decode() }
}

/** Line ends in a text: LF, CRLF, or CR alone as old Macs wrote them. */
function lineBreaks(text: string): number {
  let breaks = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) breaks++
  if (breaks === 0) for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) breaks++
  return breaks
}

/** A whole text. @throws Failure bad-input that names the line which is not in its encoding */
export function decodeText(bytes: Uint8Array, name: string, encoding?: string): string {
  const reader = new TextReader(name, encoding)
  return reader.write(bytes) + reader.end()
}

/** A stream's text, piece by piece. */
export async function* decodedText(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  encoding?: string
): AsyncGenerator<string, void> {
  const reader = new TextReader(name, encoding)
  let held: Uint8Array[] = []
  let size = 0
  let begun = false
  for await (const piece of stream) {
    if (begun) {
      yield reader.write(piece)
      continue
    }
    held.push(piece)
    size += piece.length
    if (size < MARK_BYTES) continue
    begun = true
    yield reader.write(Buffer.concat(held))
    held = []
  }
  if (!begun) yield reader.write(Buffer.concat(held))
  yield reader.end()
}
