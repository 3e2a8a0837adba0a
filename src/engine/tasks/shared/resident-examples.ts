import { tensor, tensor2d } from '@tensorflow/tfjs-core'
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
  /** Added to the logits, [1, classes]: what leaves out classes that the examples are not drawn from. */
  readonly mask?: Tensor2D
}

/** A logit of no weight. */
const LEFT_OUT = -1e6

/**
 * An example source for training: reads from disk once if it fits, otherwise row by row. Labels can be
 * replaced (corrections of a review, labels of poisons) without touching the source.
 */
export class ResidentExamples {
  readonly count: number
  readonly shape: readonly number[]
  readonly classes: number
  readonly labels: Int32Array
  /** 1 for the classes that the examples are drawn from; undefined where that is all. */
  readonly known: Uint8Array | undefined
  readonly #size: number
  readonly #source: ExampleSource
  readonly #resident: Float32Array | undefined

  /** @param known where the examples are drawn from some classes alone: what they say of the others is nothing */
  constructor(source: ExampleSource, labels: Int32Array = source.labels, known?: Uint8Array) {
    this.known = known
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
    const mask = this.known && {
      mask: tensor2d(
        Float32Array.from(this.known, (own) => (own ? 0 : LEFT_OUT)),
        [1, this.classes]
      )
    }
    return { x: this.features(rows), targets, ...mask }
  }
}

export function disposeBatch(batch: LabelledBatch): void {
  batch.x.dispose()
  batch.targets.dispose()
  batch.mask?.dispose()
}

/** The tensors of a batch. */
export function tensorsOf({ x, targets, mask }: LabelledBatch): Tensor[] {
  return [x, targets, ...(mask ? [mask] : [])]
}
