import { badInput } from '../../shared/domain/failure'
import type { ZipEntry } from './zip-entry'

/** Above this size, a file inside a zip may not inflate by more than MAX_RATIO. */
const GENEROUS = 256 << 20
const MAX_RATIO = 200
/** What Deflate can do at most. */
const DEFLATE_RATIO = 1032
/** Local header without name and extra field. */
export const LOCAL_HEADER = 30

/** The first reason to refuse a name inside a zip, or undefined. */
export function unsafeName(path: string): string | undefined {
  if (path.startsWith('/') || path.startsWith('\\') || /^[a-zA-Z]:/.test(path)) return 'an absolute path'
  if (path.split(/[/\\]/).includes('..')) return '".."'
  if (path.includes('\0')) return 'a null character'
  return undefined
}

/**
 * Refuse zips made to exhaust a machine or to be read in two ways, from the directory alone: entries past the end or
 * over one another, sizes that cannot be, and entries that inflate beyond any real image or array.
 * @throws Failure bad-input
 */
export function checkEntries(entries: readonly ZipEntry[], size: number, name: string): void {
  let total = 0
  let end = 0
  let before: ZipEntry | undefined
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    total += entry.size
    if (entry.offset < end) bomb(`${entry.path} and ${before?.path ?? 'another entry'} of ${name} overlap`)
    // The extra field of the local header may be longer than none.
    end = entry.offset + LOCAL_HEADER + entry.nameBytes + entry.compressedSize
    before = entry
    if (end > size) {
      throw badInput(
        `${entry.path} in ${name} ends after the end of the zip.`,
        'It is damaged or truncated: copy or download it again.'
      )
    }
    if (entry.deflated ? entry.size > GENEROUS && entry.size > MAX_RATIO * entry.compressedSize : false) {
      bomb(`${entry.path} in ${name} would inflate ${entry.compressedSize} to ${entry.size} bytes`)
    }
    const most = entry.deflated ? DEFLATE_RATIO * (entry.compressedSize + 1) : entry.compressedSize
    if (entry.size > most) {
      throw badInput(
        `${entry.path} in ${name} is damaged: ${entry.compressedSize} bytes cannot hold ${entry.size}.`,
        'Copy or download it again.'
      )
    }
  }
  if (total > 4 * GENEROUS && total > MAX_RATIO * size) {
    bomb(`${name} would inflate ${size} to ${total} bytes`)
  }
}

function bomb(sentence: string): never {
  throw badInput(`${sentence}: refused as a zip bomb.`, 'Unpack it yourself and name the folder.')
}
