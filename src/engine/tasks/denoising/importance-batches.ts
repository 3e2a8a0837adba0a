import { Random } from '../../../shared/numerics/random'
import type { Network } from '../../models/network'
import { BatchOrder } from '../shared/batch-order'
import type { BatchOrderState } from '../shared/batch-order'
import type { BatchStream } from '../shared/bilevel-loop'
import type { RowsOf } from '../shared/classifier-training'
import type { ImportanceBatch } from './importance-problem'
import { disposeBatch } from '../shared/resident-examples'
import type { ResidentExamples } from '../shared/resident-examples'

/** Batches of doubtful and of trusted examples, each shuffled on its own, with the masks of dropout. */
export class ImportanceBatches implements BatchStream<ImportanceBatch> {
  readonly #order: BatchOrder
  readonly #trustedOrder: BatchOrder
  #masks: Random

  constructor(
    private readonly network: Network,
    private readonly train: ResidentExamples,
    private readonly trusted: RowsOf,
    sizes: { readonly batchSize: number; readonly trustedBatchSize: number },
    seed: number
  ) {
    this.#order = new BatchOrder(train.count, sizes.batchSize, Random.derive(seed, 'importance batches'))
    this.#trustedOrder = new BatchOrder(
      trusted.rows.length,
      sizes.trustedBatchSize,
      Random.derive(seed, 'trusted batches')
    )
    this.#masks = Random.derive(seed, 'importance dropout')
  }

  /** Batches in a pass over the doubtful examples. */
  get perEpoch(): number {
    return this.#order.batchesPerEpoch
  }

  next(): ImportanceBatch {
    const rows = this.#order.next()
    const { examples, rows: trustedRows } = this.trusted
    return {
      rows,
      train: this.train.batch(rows),
      trusted: examples.batch(this.#trustedOrder.next().map((i) => trustedRows[i]!)),
      masks: this.network.dropoutMasks(rows.length, this.#masks.below(2 ** 30))
    }
  }

  release({ train, trusted, masks }: ImportanceBatch): void {
    disposeBatch(train)
    disposeBatch(trusted)
    for (const mask of masks) mask.dispose()
  }

  save(): unknown {
    return { train: this.#order.save(), trusted: this.#trustedOrder.save(), masks: this.#masks.state }
  }

  restore(saved: unknown): void {
    const state = saved as { train: BatchOrderState; trusted: BatchOrderState; masks: Random['state'] }
    this.#order.restore(state.train)
    this.#trustedOrder.restore(state.trusted)
    this.#masks = new Random(state.masks)
  }
}
