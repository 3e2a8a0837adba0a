import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { fileFailure } from '../../file-formats/file-failure'
import { unpackBlobs } from '../../file-formats/parquet-blobs'
import type { ParquetColumn } from '../../file-formats/parquet-facts'
import { temporaryFolder } from '../../locks'

/** Bytes unpacked at a time: little for whoever only looks, then as much as a row group often holds. */
const FIRST_BYTES = 4 << 20
const WINDOW_BYTES = 64 << 20
/** Windows kept: pictures are read side by side, about in order. */
const MOST_KEPT = 2

/** A Parquet file, and its column of pictures. */
export interface PackedTable {
  readonly path: string
  readonly name: string
  readonly column: ParquetColumn
}

/** Rows of one file that are unpacked together, and where the bytes of each begin among them. */
interface Window {
  readonly table: PackedTable
  readonly from: number
  readonly offsets: number[]
}

/** Where a picture lies. */
export interface PackedPlace {
  readonly window: number
  readonly index: number
  readonly size: number
}

/**
 * Encoded pictures in columns of Parquet files. They are unpacked window by window into a temporary file, so that
 * memory and disk hold few of them at a time however many there are.
 */
export class PackedPictures {
  readonly #scratch = temporaryFolder('pictures-')
  readonly #windows: Window[] = []
  #kept: number[] = []
  #turn: Promise<unknown> = Promise.resolve()

  /** A file for what else is written while looking. */
  get list(): string {
    return path.join(this.#scratch, 'rows.csv')
  }

  /** How many windows there are so far. */
  get windows(): number {
    return this.#windows.length
  }

  /** The picture of the next row of a table; rows are added in their order. */
  add(table: PackedTable, row: number, size: number): PackedPlace {
    let window = this.#windows.at(-1)
    const most = this.#windows.length < 2 ? FIRST_BYTES : WINDOW_BYTES
    if (!window || window.table !== table || window.offsets.at(-1)! + size > most) {
      window = { table, from: row, offsets: [0] }
      this.#windows.push(window)
    }
    window.offsets.push(window.offsets.at(-1)! + size)
    return { window: this.#windows.length - 1, index: window.offsets.length - 2, size }
  }

  /** One read at a time: a window is not removed while another reads it. */
  read(place: PackedPlace): Promise<Buffer> {
    if (place.size === 0) return Promise.resolve(Buffer.alloc(0))
    const result = this.#turn.then(() => this.#readNow(place))
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #readNow({ window: number, index, size }: PackedPlace): Promise<Buffer> {
    const { table, offsets } = this.#windows[number]!
    const file = await this.#unpacked(number)
    const handle = await open(file, 'r')
    try {
      const bytes = Buffer.allocUnsafe(size)
      const { bytesRead } = await handle.read(bytes, 0, size, offsets[index]!)
      if (bytesRead < size) {
        throw badInput(`${table.name} was changed while it was read.`, 'Import it again.')
      }
      return bytes
    } catch (error) {
      throw fileFailure(error, table.name)
    } finally {
      await handle.close()
    }
  }

  async #unpacked(number: number): Promise<string> {
    const file = this.#fileOf(number)
    if (this.#kept.includes(number)) return file
    while (this.#kept.length >= MOST_KEPT) rmSync(this.#fileOf(this.#kept.shift()!), { force: true })
    const { table, from, offsets } = this.#windows[number]!
    await unpackBlobs(table.path, table.name, table.column, { from, to: from + offsets.length - 1 }, file)
    this.#kept.push(number)
    return file
  }

  #fileOf(number: number): string {
    return path.join(this.#scratch, `${number}.bin`)
  }

  async close(): Promise<void> {
    await this.#turn
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}
