import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { FEATURES_FILE } from '../../datasets'
import { NPY_HEADER_BYTES } from '../../file-formats/npy'
import { DONE_FILE } from '../feature-store'
import type { Pooled } from './pooling'

/** How much may be lost when the machine goes dark. */
const SYNC_EVERY_MS = 2000

/** Writes features as they come, and marks a block as done once its features are on the disk. */
export class FeatureSink {
  #pending: number[] = []
  #synced = performance.now()
  #syncing: Promise<void> = Promise.resolve()

  private constructor(
    private readonly features: FileHandle,
    private readonly done: FileHandle,
    private readonly width: number,
    private readonly block: number
  ) {}

  static async open(folder: string, width: number, block: number): Promise<FeatureSink> {
    const features = await open(path.join(folder, FEATURES_FILE), 'r+')
    return new FeatureSink(features, await open(path.join(folder, DONE_FILE), 'r+'), width, block)
  }

  async write(block: number, { width, values }: Pooled, nameOf: (row: number) => string): Promise<void> {
    if (width !== this.width) {
      throw badInput(
        `The extractor gives ${width} numbers for one example and ${this.width} for another.`,
        'Choose another extractor.'
      )
    }
    const first = block * this.block
    const infinite = values.findIndex((value) => !Number.isFinite(value))
    if (infinite >= 0) {
      throw badInput(
        `The features of ${nameOf(first + Math.floor(infinite / width))} are no finite numbers.`,
        'Choose another extractor; one of half precision may overflow.'
      )
    }
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    await this.features.write(bytes, 0, bytes.length, NPY_HEADER_BYTES + first * width * 4)
    this.#pending.push(block)
    if (performance.now() - this.#synced > SYNC_EVERY_MS) await this.sync()
  }

  /** Features first, then the marks: what is marked is there. */
  async sync(): Promise<void> {
    this.#synced = performance.now()
    const blocks = this.#pending
    this.#pending = []
    const before = this.#syncing
    this.#syncing = (async () => {
      await before
      if (blocks.length === 0) return
      await this.features.datasync()
      for (const block of blocks) await this.done.write(Uint8Array.of(1), 0, 1, block)
    })()
    await this.#syncing
  }

  async close(): Promise<void> {
    try {
      await this.sync()
      await this.done.datasync()
    } finally {
      await this.features.close()
      await this.done.close()
    }
  }
}
