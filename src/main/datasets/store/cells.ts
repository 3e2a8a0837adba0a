import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import { badInput } from '../../../shared/domain/failure'
import { readFullySync } from '../../files/read-fully'
import { fileFailure } from '../../file-formats/file-failure'
import { bytesOf, NPY_HEADER_BYTES, npyHeader } from '../../file-formats/npy'

/** The cells of a table as they stand there, row by row as JSON, and where each row begins. */
export const CELLS_FILE = 'cells.bin'
export const CELL_OFFSETS_FILE = 'cells.npy'

const HELD = 1 << 20
const cells = z.array(z.string())

/** Appends the rows of a table while it is imported. */
export class CellsWriter {
  #position = 0
  #offsets = new Float64Array(1 << 12)
  #count = 0
  #held: string[] = []
  #size = 0

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle
  ) {}

  static async create(folder: string): Promise<CellsWriter> {
    return new CellsWriter(folder, await open(path.join(folder, CELLS_FILE), 'w'))
  }

  async append(row: readonly string[]): Promise<void> {
    const text = JSON.stringify(row)
    this.#position += Buffer.byteLength(text)
    this.#count++
    if (this.#count >= this.#offsets.length) {
      const more = new Float64Array(2 * this.#offsets.length)
      more.set(this.#offsets)
      this.#offsets = more
    }
    this.#offsets[this.#count] = this.#position
    this.#held.push(text)
    this.#size += text.length
    if (this.#size >= HELD) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#held.join(''))
    this.#held = []
    this.#size = 0
    try {
      for (let done = 0; done < bytes.length;)
        done += (await this.handle.write(bytes, done, bytes.length - done)).bytesWritten
    } catch (error) {
      throw fileFailure(error, path.join(this.folder, CELLS_FILE))
    }
  }

  async finish(): Promise<void> {
    await this.#flush()
    await this.handle.close()
    const offsets = this.#offsets.subarray(0, this.#count + 1)
    writeFileSync(
      path.join(this.folder, CELL_OFFSETS_FILE),
      Buffer.concat([npyHeader('<f8', [offsets.length]), bytesOf(offsets)])
    )
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined)
  }
}

/** Reads the cells of a row. */
export class CellsReader {
  readonly #fd: number
  readonly #file: string
  readonly #offsets: Float64Array

  private constructor(folder: string) {
    this.#file = path.join(folder, CELLS_FILE)
    this.#offsets = offsetsOf(folder)
    this.#fd = openSync(this.#file, 'r')
  }

  /** Undefined where a dataset has none: its features are its cells. @throws Failure bad-input when they are damaged */
  static open(folder: string): CellsReader | undefined {
    return existsSync(path.join(folder, CELL_OFFSETS_FILE)) ? new CellsReader(folder) : undefined
  }

  /** The cells of rows from..from+count, read at once. */
  read(from: number, count: number): string[][] {
    const start = this.#offsets[from] ?? 0
    const bytes = Buffer.allocUnsafe((this.#offsets[from + count] ?? start) - start)
    readFullySync(this.#fd, bytes, start, this.#file)
    return Array.from({ length: count }, (_, i) => {
      const begin = this.#offsets[from + i]! - start
      try {
        return cells.parse(JSON.parse(bytes.toString('utf8', begin, this.#offsets[from + i + 1]! - start)))
      } catch (error) {
        throw badInput(`${this.#file} is damaged.`, 'Import the dataset again.', error)
      }
    })
  }

  close(): void {
    closeSync(this.#fd)
  }
}

function offsetsOf(folder: string): Float64Array {
  const file = path.join(folder, CELL_OFFSETS_FILE)
  const bytes = readFileSync(file).subarray(NPY_HEADER_BYTES)
  const offsets = bytes.length % 8 === 0 ? new Float64Array(new Uint8Array(bytes).buffer) : new Float64Array()
  const isOrdered = offsets.every((at, i) => Number.isSafeInteger(at) && at >= (offsets[i - 1] ?? 0))
  const end = statSync(path.join(folder, CELLS_FILE), { throwIfNoEntry: false })?.size
  if (offsets.length === 0 || offsets[0] !== 0 || !isOrdered || offsets.at(-1) !== end)
    throw badInput(
      `${file} is damaged: it does not fit ${CELLS_FILE} beside it.`,
      'Import the dataset again.'
    )
  return offsets
}
