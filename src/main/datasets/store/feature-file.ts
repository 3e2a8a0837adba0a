import { closeSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { exampleSize, type DatasetMeta } from '../../../shared/domain/dataset'
import { Failure } from '../../../shared/domain/failure'
import { NPY_HEADER_BYTES } from '../bytes/npy'
import { FEATURES_FILE } from './dataset-folder'

/** A pixel as a number in 0..1. */
const SCALED = Float32Array.from({ length: 256 }, (_, value) => value / 255)

/** features.npy, read by row: rows have a fixed size, so a row's place is known. */
export class FeatureFile {
  #fd: number | undefined
  #scratch = new Uint8Array(0)

  private constructor(
    readonly file: string,
    readonly size: number,
    readonly dtype: DatasetMeta['dtype']
  ) {
    this.#fd = openSync(file, 'r')
  }

  static open(folder: string, meta: DatasetMeta): FeatureFile {
    return new FeatureFile(path.join(folder, FEATURES_FILE), exampleSize(meta.shape), meta.dtype)
  }

  /** `count` rows from `row` on, as stored. */
  #read(row: number, count: number, into: Uint8Array): void {
    if (this.#fd === undefined) {
      throw new Failure('internal', `${this.file} is closed.`, 'Open the selection again.')
    }
    const rowBytes = this.size * (this.dtype === 'uint8' ? 1 : 4)
    const from = NPY_HEADER_BYTES + row * rowBytes
    for (let done = 0; done < count * rowBytes;) {
      const read = readSync(this.#fd, into, done, count * rowBytes - done, from + done)
      if (read === 0) {
        throw new Failure(
          'bad-input',
          `${this.file} is truncated at row ${row}.`,
          'Import the dataset again: its file was changed.'
        )
      }
      done += read
    }
  }

  readBytes(row: number, count: number, into: Uint8Array): void {
    this.#read(row, count, into)
  }

  /** Bytes are scaled to 0..1. */
  readFloats(row: number, count: number, into: Float32Array): void {
    if (this.dtype === 'float32') {
      this.#read(row, count, new Uint8Array(into.buffer, into.byteOffset, into.byteLength))
      return
    }
    if (this.#scratch.length < into.length) this.#scratch = new Uint8Array(into.length)
    this.#read(row, count, this.#scratch)
    for (let i = 0; i < into.length; i++) into[i] = SCALED[this.#scratch[i]!]!
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}
