import { Random } from '../../../shared/numerics/random'
import { BatchOrder } from '../shared/batch-order'
import type { BatchOrderState } from '../shared/batch-order'
import type { BatchStream } from '../shared/bilevel-loop'
import type { RowsOf } from '../shared/classifier-training'
import type { Network } from '../../models/network'
import type { RegularisationBatch } from './problem'
import { disposeBatch } from '../shared/resident-examples'

/** Batches of training and of validation examples, each shuffled on its own, with the masks of dropout. */
export class RegularisationBatches implements BatchStream<RegularisationBatch> {
  readonly #order: BatchOrder
  readonly #validationOrder: BatchOrder
  #masks: Random

  constructor(
    private readonly network: Network,
    private readonly train: RowsOf,
    private readonly validation: RowsOf,
    sizes: { batchSize: number; validationBatchSize: number },
    seed: number
  ) {
    this.#order = new BatchOrder(train.rows.length, sizes.batchSize, Random.derive(seed, 'tuning batches'))
    this.#validationOrder = new BatchOrder(
      validation.rows.length,
      sizes.validationBatchSize,
      Random.derive(seed, 'validation batches')
    )
    this.#masks = Random.derive(seed, 'tuning dropout')
  }

  next(): RegularisationBatch {
    const train = this.train.examples.batch(this.#order.next())
    return {
      train,
      validation: this.validation.examples.batch(this.#validationOrder.next()),
      masks: this.network.dropoutMasks(train.x.shape[0]!, this.#masks.below(2 ** 30))
    }
  }

  release(batch: RegularisationBatch): void {
    disposeBatch(batch.train)
    disposeBatch(batch.validation)
    for (const mask of batch.masks) mask.dispose()
  }

  save(): unknown {
    return { train: this.#order.save(), validation: this.#validationOrder.save(), masks: this.#masks.state }
  }

  restore(saved: unknown): void {
    const state = saved as {
      train: BatchOrderState
      validation: BatchOrderState
      masks: Random['state']
    }
    this.#order.restore(state.train)
    this.#validationOrder.restore(state.validation)
    this.#masks = new Random(state.masks)
  }
}
