import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { bytesOf, NPY_HEADER_BYTES, npyHeader } from '../bytes/npy'

/** The encoded images as they came, one after the other, and where each begins: an export repeats them. */
export const PACK_FILE = 'originals.bin'
export const OFFSETS_FILE = 'originals.npy'

/** Appends encoded images while a dataset is imported. */
export class OriginalsWriter {
  #position = 0
  readonly #offsets: number[] = [0]

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle
  ) {}

  static async create(folder: string): Promise<OriginalsWriter> {
    return new OriginalsWriter(folder, await open(path.join(folder, PACK_FILE), 'w'))
  }

  async append(images: readonly Uint8Array[]): Promise<void> {
    await this.handle.writev(images)
    for (const image of images) this.#offsets.push((this.#position += image.byteLength))
  }

  async finish(): Promise<void> {
    await this.handle.close()
    const offsets = Float64Array.from(this.#offsets)
    writeFileSync(
      path.join(this.folder, OFFSETS_FILE),
      Buffer.concat([npyHeader('<f8', [offsets.length]), bytesOf(offsets)])
    )
  }

  /** They are too large to keep. */
  async discard(): Promise<void> {
    await this.handle.close()
    rmSync(path.join(this.folder, PACK_FILE), { force: true })
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined)
  }
}

/** Reads the encoded image of a row. */
export class OriginalsReader {
  readonly #fd: number
  readonly #offsets: Float64Array

  private constructor(folder: string) {
    const bytes = readFileSync(path.join(folder, OFFSETS_FILE)).subarray(NPY_HEADER_BYTES)
    this.#offsets = new Float64Array(new Uint8Array(bytes).buffer)
    this.#fd = openSync(path.join(folder, PACK_FILE), 'r')
  }

  static open(folder: string): OriginalsReader | undefined {
    return existsSync(path.join(folder, OFFSETS_FILE)) ? new OriginalsReader(folder) : undefined
  }

  read(row: number): Buffer {
    const from = this.#offsets[row] ?? 0
    const bytes = Buffer.allocUnsafe((this.#offsets[row + 1] ?? from) - from)
    readSync(this.#fd, bytes, 0, bytes.length, from)
    return bytes
  }

  close(): void {
    closeSync(this.#fd)
  }
}
