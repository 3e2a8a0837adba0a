import { Random } from '../../../shared/numerics/random'
import type { RandomState } from '../../../shared/numerics/random'

/** Shuffled batches, epoch after epoch, whose position can be saved and continued exactly. */
export class BatchOrder {
  readonly count: number
  readonly batchSize: number
  /** Batches in one epoch; the last may be smaller. */
  readonly batchesPerEpoch: number
  #random: Random
  #epochStart: RandomState
  #order: Int32Array
  #position = 0

  constructor(count: number, batchSize: number, random: Random) {
    this.count = count
    this.batchSize = Math.min(batchSize, count)
    this.batchesPerEpoch = Math.ceil(count / this.batchSize)
    this.#random = random
    this.#epochStart = random.state
    this.#order = random.permutation(count)
  }

  /** Rows of the next batch. */
  next(): Int32Array {
    if (this.#position >= this.count) {
      this.#epochStart = this.#random.state
      this.#order = this.#random.permutation(this.count)
      this.#position = 0
    }
    const rows = this.#order.slice(this.#position, this.#position + this.batchSize)
    this.#position += rows.length
    return rows
  }

  save(): BatchOrderState {
    return { epochStart: this.#epochStart, position: this.#position }
  }

  restore({ epochStart, position }: BatchOrderState): void {
    this.#random = new Random(epochStart)
    this.#epochStart = epochStart
    this.#order = this.#random.permutation(this.count)
    this.#position = position
  }
}

export interface BatchOrderState {
  readonly epochStart: RandomState
  readonly position: number
}
