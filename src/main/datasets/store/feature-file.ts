import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import { exampleSize, type DatasetMeta } from '../../../shared/domain/dataset'
import { Failure } from '../../../shared/domain/failure'
import { readFullySync } from '../../files/read-fully'
import { NPY_HEADER_BYTES } from '../../file-formats/npy'
import { FEATURES_FILE } from './dataset-folder'

/** A pixel as a number in 0..1. */
const SCALED = Float32Array.from({ length: 256 }, (_, value) => value / 255)

/**
 * Training reads scattered rows again and again, and a system call costs more than copying a small row. So
 * after this many scattered reads a range of at most MOST_RESIDENT bytes is held in memory; larger ones never
 * are, so memory stays bounded whatever the size of the dataset.
 */
const SCATTERED = 500
const MOST_RESIDENT = 64 << 20

/** Features of the rows of a dataset, named by their place in it. */
export interface FeatureRows {
  readFloats(row: number, count: number, into: Float32Array): void
  readBytes(row: number, count: number, into: Uint8Array): void
  close(): void
}

/** A range of rows of features.npy: rows have a fixed size, so a row's place is known. */
export class FeatureFile implements FeatureRows {
  #fd: number | undefined
  #scratch = new Uint8Array(0)
  #scattered = 0
  #resident: Uint8Array | undefined
  readonly #rowBytes: number

  private constructor(
    readonly file: string,
    readonly size: number,
    readonly dtype: DatasetMeta['dtype'],
    private readonly from: number,
    private readonly to: number
  ) {
    this.#rowBytes = size * (dtype === 'uint8' ? 1 : 4)
    this.#fd = openSync(file, 'r')
  }

  /** Rows from..to of a dataset; rows are named by their place in the dataset. */
  static open(folder: string, meta: DatasetMeta, from = 0, to = meta.count): FeatureFile {
    return new FeatureFile(path.join(folder, FEATURES_FILE), exampleSize(meta.shape), meta.dtype, from, to)
  }

  /** `count` rows from `row` on, as stored. */
  #read(row: number, count: number, into: Uint8Array): void {
    const bytes = count * this.#rowBytes
    if (this.#resident) {
      const at = (row - this.from) * this.#rowBytes
      into.set(this.#resident.subarray(at, at + bytes))
      return
    }
    this.#readFile(row, bytes, into)
    if (count > 1 || ++this.#scattered !== SCATTERED) return
    const all = (this.to - this.from) * this.#rowBytes
    if (all > MOST_RESIDENT) return
    const resident = new Uint8Array(all)
    this.#readFile(this.from, all, resident)
    this.#resident = resident
  }

  #readFile(row: number, bytes: number, into: Uint8Array): void {
    if (this.#fd === undefined) {
      throw new Failure('internal', `${this.file} is closed.`, 'Open the selection again.')
    }
    readFullySync(this.#fd, into.subarray(0, bytes), NPY_HEADER_BYTES + row * this.#rowBytes, this.file)
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
    if (this.#resident) {
      scale(this.#resident, (row - this.from) * this.#rowBytes, into)
      return
    }
    if (this.#scratch.length < into.length) this.#scratch = new Uint8Array(into.length)
    this.#read(row, count, this.#scratch)
    scale(this.#scratch, 0, into)
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#resident = undefined
  }
}

function scale(bytes: Uint8Array, at: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = SCALED[bytes[at + i]!]!
}
