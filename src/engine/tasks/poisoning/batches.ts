import { Random } from '../../../shared/numerics/random'
import { oneHot } from '../../models/one-hot'
import type { AttackGoal } from './attack-goal'
import { BatchOrder } from '../shared/batch-order'
import type { BatchOrderState } from '../shared/batch-order'
import type { BatchStream } from '../shared/bilevel-loop'
import type { PoisoningBatch } from './problem'
import { disposeBatch } from '../shared/resident-examples'
import type { LabelledBatch, ResidentExamples } from '../shared/resident-examples'

export function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}

/** Batches of the two losses; sets no larger than a batch stay on the device for the whole run. */
export class PoisoningBatches implements BatchStream<PoisoningBatch> {
  readonly #train: Feed
  readonly #validation: Feed
  readonly #spared: Feed | undefined

  constructor(
    goal: AttackGoal,
    train: ResidentExamples,
    validation: ResidentExamples,
    size: number,
    seed: number
  ) {
    const feed = (examples: ResidentExamples, rows: Int32Array, name: string, labels?: Int32Array): Feed =>
      new Feed(examples, rows, labels, size, Random.derive(seed, `${name} batches`))
    this.#train = feed(train, allRows(train.count), 'train')
    const rows = allRows(validation.count)
    if (goal.kind === 'untargeted') {
      this.#validation = feed(validation, rows, 'validation')
      return
    }
    const attacked = rows.filter((row) => validation.labels[row] === goal.from)
    const others = rows.filter((row) => validation.labels[row] !== goal.from)
    this.#validation = feed(
      validation,
      attacked,
      'validation',
      new Int32Array(validation.count).fill(goal.to)
    )
    this.#spared = others.length > 0 ? feed(validation, others, 'spared') : undefined
  }

  get #feeds(): Feed[] {
    return [this.#train, this.#validation, ...(this.#spared ? [this.#spared] : [])]
  }

  next(): PoisoningBatch {
    return { train: this.#train.next(), validation: this.#validation.next(), spared: this.#spared?.next() }
  }

  release(batch: PoisoningBatch): void {
    this.#train.release(batch.train)
    this.#validation.release(batch.validation)
    if (batch.spared) this.#spared?.release(batch.spared)
  }

  save(): BatchOrderState[] {
    return this.#feeds.map((feed) => feed.order.save())
  }

  restore(saved: unknown): void {
    const states = saved as BatchOrderState[]
    this.#feeds.forEach((feed, i) => feed.order.restore(states[i]!))
  }

  dispose(): void {
    for (const feed of this.#feeds) feed.dispose()
  }
}

class Feed {
  readonly order: BatchOrder
  readonly #labels: Int32Array
  readonly #fullBatch: LabelledBatch | undefined

  constructor(
    private readonly examples: ResidentExamples,
    private readonly rows: Int32Array,
    labels: Int32Array | undefined,
    size: number,
    random: Random
  ) {
    this.#labels = labels ?? examples.labels
    this.order = new BatchOrder(rows.length, size, random)
    if (rows.length <= size) this.#fullBatch = this.#batch(rows)
  }

  next(): LabelledBatch {
    return this.#fullBatch ?? this.#batch(this.order.next().map((i) => this.rows[i]!))
  }

  #batch(rows: Int32Array): LabelledBatch {
    return {
      x: this.examples.features(rows),
      targets: oneHot(
        rows.map((row) => this.#labels[row]!),
        this.examples.classes
      )
    }
  }

  release(batch: LabelledBatch): void {
    if (batch !== this.#fullBatch) disposeBatch(batch)
  }

  dispose(): void {
    if (this.#fullBatch) disposeBatch(this.#fullBatch)
  }
}
