import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { badInput } from '../../shared/domain/failure'
import { fileFailure } from './file-failure'

/** Bytes read from disk or inflated at a time. */
const CHUNK = 1 << 18

/** Read at one go on a header's word. */
const TRUSTED_SIZE = 16 << 20
/** Never more into one piece of memory. */
const MOST_AT_ONCE = 512 << 20

/**
 * Reads a stream in pieces of the size the caller asks for. Holds one chunk, so memory does not grow with
 * the file. `name` is how messages call the file.
 */
export class ByteReader {
  #chunk: Uint8Array = new Uint8Array(0)
  #offset = 0
  #ended = false
  readonly #chunks: AsyncIterator<Uint8Array>
  /** Bytes handed out so far. */
  position = 0

  constructor(
    readonly stream: Readable,
    readonly name: string
  ) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  }

  /** Open a file; gzip is inflated on the way. */
  static async openFile(path: string, name = path, start = 0): Promise<ByteReader> {
    return new ByteReader(await openStream(path, name, start), name)
  }

  async #next(): Promise<boolean> {
    while (!this.#ended && this.#offset >= this.#chunk.length) {
      try {
        const step = await this.#chunks.next()
        if (step.done) this.#ended = true
        else {
          this.#chunk = step.value
          this.#offset = 0
        }
      } catch (error) {
        throw fileFailure(error, this.name)
      }
    }
    return !this.#ended
  }

  /** Fill `target` as far as the stream goes; the number of bytes written into it. */
  async readInto(target: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < target.length && (await this.#next())) {
      const take = Math.min(target.length - filled, this.#chunk.length - this.#offset)
      target.set(this.#chunk.subarray(this.#offset, this.#offset + take), filled)
      this.#offset += take
      filled += take
    }
    this.position += filled
    return filled
  }

  /** Exactly `size` bytes. @throws Failure bad-input when the stream ends before */
  async read(size: number, what = 'data'): Promise<Buffer> {
    if (size <= TRUSTED_SIZE) {
      const bytes = Buffer.allocUnsafe(size)
      await this.fill(bytes, what)
      return bytes
    }
    return this.#readPieces(size, what)
  }

  /** Memory grows with what is really there, not with what a header claims. */
  async #readPieces(size: number, what: string): Promise<Buffer> {
    if (size > MOST_AT_ONCE) {
      throw badInput(
        `${this.name} claims ${size} bytes of ${what}, more than can be read.`,
        'Copy or download it again.'
      )
    }
    const pieces: Buffer[] = []
    for (let left = size; left > 0; left -= TRUSTED_SIZE) {
      const piece = Buffer.allocUnsafe(Math.min(left, TRUSTED_SIZE))
      await this.fill(piece, what)
      pieces.push(piece)
    }
    return Buffer.concat(pieces)
  }

  /** Fill all of `target`. @throws Failure bad-input when the stream ends before */
  async fill(target: Uint8Array, what = 'data'): Promise<void> {
    const from = this.position
    if ((await this.readInto(target)) < target.length) {
      throw badInput(
        `${this.name} is truncated: it ends after ${this.position} bytes, in the ${what} that goes on to byte ${from + target.length}.`,
        'Copy or download it again.'
      )
    }
  }

  async skip(size: number): Promise<void> {
    const scratch = Buffer.allocUnsafe(Math.min(size, CHUNK))
    for (let left = size; left > 0; left -= scratch.length) {
      await this.fill(scratch.subarray(0, Math.min(left, scratch.length)))
    }
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#next())
  }

  close(): void {
    this.stream.destroy()
  }
}

/** A file's bytes; gzip is recognised by its first two and inflated on the way. */
export async function openStream(path: string, name = path, start = 0): Promise<Readable> {
  let zipped: boolean
  try {
    await requireRegularFile(path, name)
    zipped = start === 0 && (await isGzip(path))
  } catch (error) {
    throw fileFailure(error, name)
  }
  const file = createReadStream(path, { highWaterMark: CHUNK, start })
  if (!zipped) return file
  const inflated = createGunzip({ chunkSize: CHUNK })
  // pipeline, not pipe: closing the reader early must also close the file.
  pipeline(file, inflated, () => undefined)
  return inflated
}

async function isGzip(path: string): Promise<boolean> {
  const head = await readHead(path, 2)
  return head.length === 2 && head[0] === 0x1f && head[1] === 0x8b
}

/**
 * Opening a pipe waits for a writer that may never come, and a device has no end: only files are read.
 * @throws Failure bad-input; the operating system's error where there is nothing
 */
export async function requireRegularFile(path: string, name = path): Promise<void> {
  const stats = await stat(path)
  if (!stats.isFile() && !stats.isDirectory()) {
    throw badInput(`${name} is neither a file nor a folder.`, 'Name a file or folder.')
  }
}

/** The first bytes of a file, fewer where it is shorter. */
export async function readHead(path: string, size: number): Promise<Buffer> {
  await requireRegularFile(path)
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * Blocks of whole rows, about 4 MB each. A block is only valid until the next one is asked for: the buffer
 * is used again.
 */
export async function* rowBlocks(
  reader: ByteReader,
  rows: number,
  rowBytes: number,
  what: string
): AsyncGenerator<Buffer> {
  const perBlock = rowsPerBlock(rowBytes)
  const buffer = Buffer.allocUnsafe(Math.min(perBlock, Math.max(rows, 1)) * rowBytes)
  for (let row = 0; row < rows; row += perBlock) {
    const block = buffer.subarray(0, Math.min(perBlock, rows - row) * rowBytes)
    await reader.fill(block, what)
    yield block
  }
}

const BLOCK_BYTES = 4 << 20

/** How many rows make a block of about 4 MB; at least one. */
export function rowsPerBlock(rowBytes: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / rowBytes))
}
