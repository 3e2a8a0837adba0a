import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import {
  crc32,
  createInflateRaw,
  inflateRaw,
  inflateRawSync,
  type InputType,
  type ZlibOptions
} from 'node:zlib'
import type yauzl from 'yauzl'
import { readFully } from '../files/read-fully'
import { badInput } from '../../shared/domain/failure'
import { ByteReader, requireRegularFile } from './byte-reader'
import { fileFailure } from './file-failure'
import type { ZipEntry } from './zip-entry'
import { zipNameDecoder } from './zip-names'
import { checkEntries, LOCAL_HEADER, unsafeName } from './zip-safety'

/** Everything a zip's directory lists. */
interface ZipListing {
  readonly entries: readonly ZipEntry[]
  /** Names of folders that have an entry of their own, without the slash at the end. */
  readonly folders: readonly string[]
  /** Names that stand more than once: the last entry counts, as in Python's zipfile. */
  readonly repeated: readonly string[]
  /** Links, pipes and devices, which are not followed. */
  readonly special: readonly string[]
}

const inflateAsync = promisify<InputType, ZlibOptions, Buffer>(inflateRaw)

/** Encoding for a look at a zip where only the endings of names matter: it has a letter for every byte. */
export const ANY_ENCODING = 'latin1'

/** Systems whose zips tell the kind of a file by its mode: Unix, macOS. */
const UNIX_HOSTS = new Set([3, 19])
const MODE_OF_KIND = 0o170000
const REGULAR = 0o100000

/**
 * A zip read in place: nothing is unpacked to disk, so no name in it can lead outside a folder; names that
 * try to are refused all the same, because the source is not to be trusted then.
 */
export class ZipArchive {
  private constructor(
    readonly path: string,
    readonly name: string,
    private readonly file: FileHandle,
    private readonly listing: ZipListing
  ) {}

  get entries(): ZipListing['entries'] {
    return this.listing.entries
  }

  get folders(): ZipListing['folders'] {
    return this.listing.folders
  }

  get repeated(): ZipListing['repeated'] {
    return this.listing.repeated
  }

  get special(): ZipListing['special'] {
    return this.listing.special
  }

  /** `encoding` is that of names which are neither marked as UTF-8 nor ASCII. @throws Failure bad-input */
  static async open(path: string, name = path, encoding?: string): Promise<ZipArchive> {
    let file: FileHandle
    try {
      await requireRegularFile(path, name)
      file = await open(path)
    } catch (error) {
      throw fileFailure(error, name)
    }
    try {
      const { size } = await file.stat()
      return new ZipArchive(path, name, file, await list(file, size, name, encoding))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** A whole entry; for small files. @throws Failure bad-input when it is damaged */
  async read(entry: ZipEntry): Promise<Buffer> {
    const start = await this.#dataStart(entry)
    const packed = Buffer.allocUnsafe(entry.compressedSize)
    await readFully(this.file, packed, start, `${this.name}/${entry.path}`)
    let bytes: Buffer = packed
    if (entry.deflated) {
      const limit = { maxOutputLength: Math.max(1, entry.size) }
      try {
        // A thread costs more than the work for small files.
        bytes = packed.length < 65536 ? inflateRawSync(packed, limit) : await inflateAsync(packed, limit)
      } catch (error) {
        throw this.#damaged(entry, 'its data cannot be inflated', error)
      }
    }
    if (bytes.length !== entry.size || crc32(bytes) !== entry.crc32) {
      throw this.#damaged(entry, 'its checksum is wrong')
    }
    return bytes
  }

  /** A stream over an entry; for large ones. Its checksum is tested when the last byte is read. */
  async openEntry(entry: ZipEntry): Promise<ByteReader> {
    const start = await this.#dataStart(entry)
    const name = `${this.name}/${entry.path}`
    if (entry.compressedSize === 0) return new ByteReader(Readable.from([]), name)
    const packed = createReadStream(this.path, {
      start,
      end: start + entry.compressedSize - 1,
      highWaterMark: 1 << 18
    })
    if (!entry.deflated) return new ByteReader(this.#verified(packed, entry), name)
    const inflated = createInflateRaw({ chunkSize: 1 << 18 })
    pipeline(packed, inflated, () => undefined)
    return new ByteReader(this.#verified(inflated, entry), name)
  }

  #verified(source: Readable, entry: ZipEntry): Readable {
    const damaged = (why: string, cause?: unknown): Error => this.#damaged(entry, why, cause)
    async function* checked(): AsyncGenerator<Uint8Array> {
      let sum = 0
      let size = 0
      try {
        for await (const chunk of source as AsyncIterable<Buffer>) {
          sum = crc32(chunk, sum)
          size += chunk.length
          if (size > entry.size) break
          yield chunk
        }
      } catch (error) {
        throw damaged('its data cannot be inflated', error)
      } finally {
        source.destroy()
      }
      if (size !== entry.size || sum !== entry.crc32) throw damaged('its checksum is wrong')
    }
    return Readable.from(checked(), { objectMode: true, highWaterMark: 2 })
  }

  async #dataStart(entry: ZipEntry): Promise<number> {
    const header = Buffer.allocUnsafe(LOCAL_HEADER)
    const { bytesRead } = await this.file.read(header, 0, LOCAL_HEADER, entry.offset)
    if (bytesRead < LOCAL_HEADER || header.readUInt32LE(0) !== 0x04034b50) {
      throw this.#damaged(entry, 'its local header is missing')
    }
    return entry.offset + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28)
  }

  #damaged(entry: ZipEntry, why: string, cause?: unknown): Error {
    return badInput(
      `${entry.path} in ${this.name} is damaged: ${why}.`,
      'Copy or download the zip again.',
      cause
    )
  }

  async close(): Promise<void> {
    await this.file.close()
  }
}

async function list(
  file: FileHandle,
  size: number,
  name: string,
  encoding: string | undefined
): Promise<ZipListing> {
  const entries: ZipEntry[] = []
  const folders: string[] = []
  const special: string[] = []
  const decode = zipNameDecoder(name, encoding)
  // Loaded when the first zip comes.
  const [{ fromRandomAccessReaderPromise }, { DirectoryReader }] = await Promise.all([
    import('yauzl').then((all) => all.default),
    import('./zip-directory')
  ])
  let zip: yauzl.ZipFile
  try {
    zip = await fromRandomAccessReaderPromise(new DirectoryReader(file.fd), size, {
      autoClose: false,
      decodeStrings: false
    })
    for await (const entry of zip.eachEntry()) {
      const { generalPurposeBitFlag: flags, fileNameRaw: bytes, extraFields } = entry
      const path = decode({ flags, bytes, extraFields })
      const unsafe = unsafeName(path)
      if (unsafe) {
        throw badInput(
          `${name} holds an entry named "${path}": ${unsafe} in a name is refused.`,
          'Do not trust this zip; pack it again from a folder.'
        )
      }
      const kind = UNIX_HOSTS.has(entry.versionMadeBy >>> 8)
        ? (entry.externalFileAttributes >>> 16) & MODE_OF_KIND
        : 0
      if (path.endsWith('/')) folders.push(path.slice(0, -1))
      else if (kind !== 0 && kind !== REGULAR) special.push(path)
      else entries.push(readable(entry, path, name))
    }
  } catch (error) {
    const failure = fileFailure(error, name)
    // Everything yauzl throws is a plain Error about the structure of the file.
    if (failure === error && error instanceof Error && error.name === 'Error' && !('code' in error)) {
      throw badInput(`${name} is a damaged or truncated zip.`, 'Copy or download it again.', error)
    }
    throw failure
  }
  checkEntries(entries, size, name)
  return { ...lastOfEach(entries), folders, special }
}

/** @throws Failure bad-input for an entry that cannot be read here */
function readable(entry: yauzl.Entry, path: string, name: string): ZipEntry {
  if (entry.isEncrypted()) {
    throw badInput(`${path} in ${name} is encrypted.`, 'Unpack it with its password and name the folder.')
  }
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw badInput(
      `${path} in ${name} is packed by method ${entry.compressionMethod}, which is not supported.`,
      'Pack it again with deflate, or unpack it and name the folder.'
    )
  }
  return {
    path,
    size: entry.uncompressedSize,
    compressedSize: entry.compressedSize,
    deflated: entry.compressionMethod === 8,
    crc32: entry.crc32,
    offset: entry.relativeOffsetOfLocalHeader,
    nameBytes: entry.fileNameRaw.length
  }
}

/** One entry a name: what was added last replaced what stood there, as unzip and Python's zipfile have it. */
function lastOfEach(entries: readonly ZipEntry[]): Pick<ZipListing, 'entries' | 'repeated'> {
  const byPath = new Map<string, ZipEntry>()
  const repeated = new Set<string>()
  for (const entry of entries) {
    if (byPath.has(entry.path)) repeated.add(entry.path)
    byPath.set(entry.path, entry)
  }
  return { entries: [...byPath.values()], repeated: [...repeated] }
}
