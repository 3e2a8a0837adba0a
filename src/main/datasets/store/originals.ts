import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { readFullySync } from '../../files/read-fully'
import { bytesOf, NPY_HEADER_BYTES, npyHeader } from '../../file-formats/npy'
import type { KeepOriginals } from './source-files'

/** The encoded images as they came, one after the other, and where each begins: an export repeats them. */
export const PACK_FILE = 'originals.bin'
export const OFFSETS_FILE = 'originals.npy'

/** Where pictures that were not kept lie: see referenced-originals.ts. */
export const ORIGINAL_FILES = 'original-files.json'
/** Encoded images are kept up to this many bytes, or four times the size of the pixels. */
const MODERATE_BYTES = 512 << 20

/** An encoded image, and its path in the source. */
export interface EncodedImage {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Appends encoded images while a dataset is imported; where they become too many, only notes what they are. */
export class OriginalsWriter {
  #position = 0
  readonly #offsets: number[] = [0]
  readonly #files: [string, number, string][] = []
  #kept: boolean

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle,
    private readonly keep: KeepOriginals
  ) {
    this.#kept = keep !== 'none'
  }

  static async create(folder: string, keep: KeepOriginals): Promise<OriginalsWriter> {
    return new OriginalsWriter(folder, await open(path.join(folder, PACK_FILE), 'w'), keep)
  }

  /** @param pixelBytes of all images so far, decoded */
  async append(images: readonly EncodedImage[], pixelBytes: number): Promise<void> {
    if (this.keep === 'none') return
    for (const { path: name, bytes } of images) {
      this.#position += bytes.length
      this.#offsets.push(this.#position)
      this.#files.push([name, bytes.length, createHash('sha256').update(bytes).digest('hex')])
    }
    this.#kept &&= this.keep === 'all' || this.#position <= Math.max(MODERATE_BYTES, 4 * pixelBytes)
    if (this.#kept) await writeAll(this.handle, Buffer.concat(images.map(({ bytes }) => bytes)))
  }

  /**
   * @param root of the source, absolute
   * @param encoding of names in it, where it was given
   * @returns for the layout: true when they are kept, 'source' when they are to be read from the source
   */
  async finish(root: string, encoding: string | undefined): Promise<boolean | 'source'> {
    if (this.#kept) await this.handle.sync()
    await this.handle.close()
    if (this.#kept) {
      const offsets = Float64Array.from(this.#offsets)
      writeFileSync(
        path.join(this.folder, OFFSETS_FILE),
        Buffer.concat([npyHeader('<f8', [offsets.length]), bytesOf(offsets)])
      )
      return true
    }
    rmSync(path.join(this.folder, PACK_FILE), { force: true })
    if (this.keep === 'none') return false
    writeFileSync(
      path.join(this.folder, ORIGINAL_FILES),
      JSON.stringify({ root, encoding, files: this.#files })
    )
    return 'source'
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined)
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten
  }
}

/**
 * Where each original begins, and where the last one ends.
 * @throws Failure bad-input when they do not fit the pack beside them
 */
export function readOffsets(folder: string): Float64Array {
  const file = path.join(folder, OFFSETS_FILE)
  const bytes = readFileSync(file).subarray(NPY_HEADER_BYTES)
  const offsets = bytes.length % 8 === 0 ? new Float64Array(new Uint8Array(bytes).buffer) : new Float64Array()
  const isOrdered = offsets.every((at, i) => Number.isSafeInteger(at) && at >= (offsets[i - 1] ?? 0))
  const end = statSync(path.join(folder, PACK_FILE), { throwIfNoEntry: false })?.size
  if (offsets.length === 0 || offsets[0] !== 0 || !isOrdered || offsets.at(-1) !== end) {
    throw badInput(`${file} is damaged: it does not fit ${PACK_FILE} beside it.`, 'Import the dataset again.')
  }
  return offsets
}

/** Reads the encoded image of a row. */
export class OriginalsReader {
  readonly #fd: number
  readonly #file: string
  readonly #offsets: Float64Array

  private constructor(folder: string) {
    this.#file = path.join(folder, PACK_FILE)
    this.#offsets = readOffsets(folder)
    this.#fd = openSync(this.#file, 'r')
  }

  static open(folder: string): OriginalsReader | undefined {
    return existsSync(path.join(folder, OFFSETS_FILE)) ? new OriginalsReader(folder) : undefined
  }

  read(row: number): Buffer {
    const from = this.#offsets[row] ?? 0
    const bytes = Buffer.allocUnsafe((this.#offsets[row + 1] ?? from) - from)
    readFullySync(this.#fd, bytes, from, this.#file)
    return bytes
  }

  close(): void {
    closeSync(this.#fd)
  }
}
