import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { exampleSize, type ExampleShape } from '../../../shared/domain/dataset'
import { readFully } from '../../files/read-fully'
import { rowsPerBlock } from '../../file-formats/byte-reader'
import { fileFailure } from '../../file-formats/file-failure'
import { MAX_EXAMPLE_SIZE } from '../example-size'
import { bytesOf, NPY_HEADER_BYTES, npyHeader } from '../../file-formats/npy'

export type FeatureType = 'uint8' | 'float32'

/** Ranges are kept for each feature of a table with no more than so many. */
const MOST_RANGES = 1024

/** Smallest and largest value, for pictures of float features. */
export interface FeatureRange {
  readonly min: number
  readonly max: number
}

/**
 * Writes features.npy block by block; the count is filled into the header at the end. Float features must be
 * finite: a NaN would silently poison every gradient.
 */
export class FeatureWriter {
  #count = 0
  #min = Infinity
  #max = -Infinity
  #columnMin: Float32Array | undefined
  #columnMax: Float32Array | undefined
  #shape: ExampleShape

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    shape: ExampleShape,
    readonly dtype: FeatureType,
    /** Says where a bad value stands, e.g. 'data.csv, row 17, column "width"'. */
    private readonly place: (row: number, column: number) => string
  ) {
    this.#shape = shape
    if (dtype === 'float32' && shape.length === 1 && this.size <= MOST_RANGES) {
      this.#columnMin = new Float32Array(this.size).fill(Infinity)
      this.#columnMax = new Float32Array(this.size).fill(-Infinity)
    }
  }

  static async create(
    folder: string,
    shape: ExampleShape,
    dtype: FeatureType,
    place: (row: number, column: number) => string
  ): Promise<FeatureWriter> {
    if (exampleSize(shape) > MAX_EXAMPLE_SIZE) {
      throw badInput(
        `${place(0, 0)}: one example has ${exampleSize(shape)} values (${shape.join(' x ')}), more than can be trained on.`,
        'Resize the images with --image-size, or choose fewer features.'
      )
    }
    const file = path.join(folder, 'features.npy')
    const handle = await open(file, 'w+')
    const writer = new FeatureWriter(file, handle, shape, dtype, place)
    await writer.#put(npyHeader(writer.#descr, [0, ...shape]), 0)
    return writer
  }

  get count(): number {
    return this.#count
  }

  get shape(): ExampleShape {
    return this.#shape
  }

  /** Values of one example. */
  get size(): number {
    return exampleSize(this.#shape)
  }

  get #descr(): string {
    return this.dtype === 'uint8' ? '|u1' : '<f4'
  }

  get #rowBytes(): number {
    return this.size * (this.dtype === 'uint8' ? 1 : 4)
  }

  /** Whole examples, in the order of the dataset. The block may be used again when the promise resolves. */
  async append(block: Uint8Array | Float32Array): Promise<void> {
    if (block instanceof Float32Array) this.#check(block)
    const size = this.size
    const at = NPY_HEADER_BYTES + this.#count * this.#rowBytes
    await this.#put(bytesOf(block), at)
    this.#count += block.length / size
  }

  /**
   * Grey examples written so far get three equal channels, for a set whose first colour image comes late.
   * In place, from the end to the beginning, so that nothing unread is overwritten.
   */
  async widenToColour(): Promise<void> {
    const [height, width] = this.#shape as [number, number, number]
    const grey = height * width
    const perBlock = rowsPerBlock(3 * grey)
    for (let to = this.#count; to > 0; to -= perBlock) {
      const from = Math.max(0, to - perBlock)
      const block = Buffer.alloc((to - from) * grey)
      await readFully(this.handle, block, NPY_HEADER_BYTES + from * grey, this.file)
      const wide = Buffer.alloc(3 * block.length)
      for (let i = 0; i < block.length; i++) wide.fill(block[i]!, 3 * i, 3 * i + 3)
      await this.#put(wide, NPY_HEADER_BYTES + 3 * from * grey)
    }
    this.#shape = [height, width, 3]
  }

  /**
   * Keep some of the features of the examples written so far, for a table of which some columns turn out to say
   * nothing. In place, from the beginning to the end: what is kept moves only towards the beginning.
   * @param columns ascending
   */
  async keepColumns(columns: readonly number[]): Promise<void> {
    const size = this.size
    const rows = rowsPerBlock(4 * size)
    for (let from = 0; from < this.#count; from += rows) {
      const count = Math.min(rows, this.#count - from)
      const block = new Float32Array(count * size)
      await readFully(this.handle, bytesOf(block), NPY_HEADER_BYTES + 4 * from * size, this.file)
      const kept = new Float32Array(count * columns.length)
      for (let i = 0; i < count; i++)
        for (let j = 0; j < columns.length; j++) kept[i * columns.length + j] = block[i * size + columns[j]!]!
      await this.#put(bytesOf(kept), NPY_HEADER_BYTES + 4 * from * columns.length)
    }
    await this.handle.truncate(NPY_HEADER_BYTES + 4 * this.#count * columns.length)
    this.#shape = [columns.length]
    const chosen = (values: Float32Array | undefined): Float32Array | undefined =>
      values && Float32Array.from(columns, (column) => values[column]!)
    this.#columnMin = chosen(this.#columnMin)
    this.#columnMax = chosen(this.#columnMax)
  }

  #check(block: Float32Array): void {
    const size = this.size
    for (let i = 0; i < block.length; i++) {
      const value = block[i]!
      if (value < this.#min) this.#min = value
      if (value > this.#max) this.#max = value
      // NaN and infinities make the difference with itself NaN.
      if (value - value !== 0) {
        const row = this.#count + Math.floor(i / size)
        throw badInput(
          `${this.place(row, i % size)}: ${value} is not a finite number.`,
          'Remove the example or fill in a number.'
        )
      }
    }
    const [low, high] = [this.#columnMin, this.#columnMax]
    if (!low || !high) return
    for (let i = 0, column = 0; i < block.length; i++, column = column + 1 === size ? 0 : column + 1) {
      const value = block[i]!
      if (value < low[column]!) low[column] = value
      if (value > high[column]!) high[column] = value
    }
  }

  async #put(bytes: Uint8Array, at: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        done += (await this.handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
      }
    } catch (error) {
      throw fileFailure(error, this.file)
    }
  }

  /** Fill in the count. */
  async finish(): Promise<{ count: number; range?: FeatureRange; columnRange?: [number[], number[]] }> {
    await this.#put(npyHeader(this.#descr, [this.#count, ...this.#shape]), 0)
    await this.handle.close()
    const known = this.#max >= this.#min
    return {
      count: this.#count,
      range: known ? { min: this.#min, max: this.#max } : undefined,
      columnRange:
        known && this.#columnMin && this.#columnMax
          ? [Array.from(this.#columnMin), Array.from(this.#columnMax)]
          : undefined
    }
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined)
  }
}
