import { tensor } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { TermKind, TermRows } from '../../../shared/numerics/term-rows'
import { oneHot } from '../../models/one-hot'
import type { ExampleSource } from './task-run'

/** Below this many bytes of float32 the examples are read once; larger sets are read a batch at a time. */
const RESIDENT_BYTES = 512 * 1024 * 1024

/** A batch on the device; the caller disposes it. */
export interface LabelledBatch {
  /** [batch, ...shape] */
  readonly x: Tensor
  /** One-hot labels, [batch, classes] */
  readonly targets: Tensor2D
}

/**
 * An example source for training: reads from disk once if it fits, otherwise row by row. Labels can be
 * replaced (corrections of a review, labels of poisons) without touching the source.
 */
export class ResidentExamples {
  readonly count: number
  readonly shape: readonly number[]
  readonly classes: number
  readonly labels: Int32Array
  readonly #size: number
  readonly #source: ExampleSource
  readonly #resident: Float32Array | undefined

  constructor(source: ExampleSource, labels: Int32Array = source.labels) {
    this.#source = source
    this.count = source.count
    this.shape = source.shape
    this.classes = source.classNames.length
    this.labels = labels
    this.#size = source.shape.reduce((product, side) => product * side, 1)
    if (this.count * this.#size * 4 <= RESIDENT_BYTES) {
      this.#resident = source.readRows(Int32Array.from({ length: this.count }, (_, i) => i))
    }
  }

  /** Features of these rows, row after row. */
  read(rows: ArrayLike<number>): Float32Array {
    if (!this.#resident) return this.#source.readRows(rows)
    const out = new Float32Array(rows.length * this.#size)
    for (let i = 0; i < rows.length; i++) {
      const start = rows[i]! * this.#size
      out.set(this.#resident.subarray(start, start + this.#size), i * this.#size)
    }
    return out
  }

  /** Whether the examples hold texts, whose terms can be read. */
  get hasTerms(): boolean {
    return this.#source.readTerms !== undefined
  }

  /** Terms of the texts of these rows. */
  terms(rows: ArrayLike<number>, kind: TermKind): TermRows {
    return this.#source.readTerms!(rows, kind)
  }

  features(rows: ArrayLike<number>): Tensor {
    return tensor(this.read(rows), [rows.length, ...this.shape])
  }

  batch(rows: ArrayLike<number>): LabelledBatch {
    const targets = oneHot(
      Int32Array.from(rows, (row) => this.labels[row]!),
      this.classes
    )
    return { x: this.features(rows), targets }
  }
}

export function disposeBatch(batch: LabelledBatch): void {
  batch.x.dispose()
  batch.targets.dispose()
}
