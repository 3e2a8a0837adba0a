import { badInput } from '../../shared/domain/failure'
import { iconv } from './late-packages'

/** Says that a name and comment are UTF-8. */
const UTF8_FLAG = 0x800
/** Info-ZIP's extra field with the name in UTF-8. */
const UNICODE_PATH = 0x7075

/** What a zip's directory says of a name. */
export interface RawName {
  readonly flags: number
  readonly bytes: Buffer
  readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[]
}

/**
 * Decodes the names of one zip. Those marked as UTF-8 are that; the others are ASCII, or UTF-8 without the mark (as
 * zip -r on Linux and macOS writes them), or in the encoding of the machine that packed them, which the zip does not
 * tell.
 * @throws Failure bad-input when the encoding must be named, or is not known
 */
export function zipNameDecoder(zip: string, encoding: string | undefined): (name: RawName) => string {
  if (encoding !== undefined && !iconv().encodingExists(encoding)) {
    throw badInput(
      `"${encoding}" is no encoding that is known here.`,
      'Give --encoding one such as cp437, cp850, windows-1252, shift_jis, gbk or euc-kr.'
    )
  }
  const decode = (name: RawName): string => {
    const { flags, bytes } = name
    const unicode = unicodePath(name)
    if (unicode !== undefined) return unicode
    if ((flags & UTF8_FLAG) === 0 && encoding !== undefined && !isAscii(bytes)) {
      const text = iconv().decode(bytes, encoding)
      if (!text.includes('\ufffd')) return text
      throw badInput(
        `${zip} holds a name that is not ${encoding}: "${printable(bytes)}".`,
        'Name the encoding of its names with --encoding, for example --encoding cp437 or --encoding shift_jis.'
      )
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw badInput(
        `${zip} holds the name "${printable(bytes)}", and the zip does not tell in which encoding.`,
        'Name it with --encoding, for example --encoding cp437 or --encoding shift_jis, or pack the folder again with UTF-8 names.'
      )
    }
  }
  // A backslash is a separator as some Windows programs write it: in a zip only the slash is one.
  return (name) => decode(name).replaceAll('\\', '/')
}

function unicodePath({ extraFields }: RawName): string | undefined {
  const field = extraFields.find(({ id, data }) => id === UNICODE_PATH && data.length > 5 && data[0] === 1)
  return field?.data.toString('utf8', 5)
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80)
}

/** Bytes of an unknown encoding, for a message. */
function printable(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '?')
}
