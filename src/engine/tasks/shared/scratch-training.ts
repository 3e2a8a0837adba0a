import { add, keep, tensor1d } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import { DeviceAdam } from '../../bilevel/adam'
import { withMasks } from '../../layers/dropout'
import type { Network } from '../../models/network'
import type { DescentProgram } from '../../tensors/kernels'
import { Recordings } from '../../tensors/recordings'
import { BatchOrder } from './batch-order'
import { classificationGradient } from './classification-gradient'
import { disposeBatch, tensorsOf } from './resident-examples'
import type { LabelledBatch } from './resident-examples'

/** Rows that batches are taken from. */
export interface RowsInBatches {
  readonly count: number
  batch(rows: Int32Array): LabelledBatch
}

export interface Penalty {
  gradient(v: Tensor1D): Tensor1D
  /** What the gradient reads beside v. */
  readonly inputs: readonly Tensor[]
}

export interface ScratchRecipe {
  readonly steps: number
  readonly batchSize: number
  /** At the first step; it falls to zero along a half cosine. */
  readonly learningRate: number
  readonly seed: number
  /** Beside the mean cross-entropy. */
  readonly penalty?: Penalty
  /** Of trainings that differ in nothing but their rows' values and the penalty's inputs; own ones where left out. */
  readonly recordings?: Recordings
  /** Steps made in one program where one batch holds all rows and no mask is drawn; 1 where left out. */
  readonly stepsAtOnce?: number
}

/**
 * After one step, or several made at once. @param step steps done
 * @param lower reads the parameters back, [layout.size]
 * @returns false where the training is to end
 */
export type AfterSteps = (step: number, lower: () => Float32Array) => Promise<boolean> | undefined

/**
 * Cross-entropy on shuffled batches, plus a penalty, minimised by Adam from new parameters: the one way in which
 * classifiers that results are compared by are trained.
 * @returns parameters, [layout.size]
 */
export async function trainFromScratch(
  network: Network,
  rows: RowsInBatches,
  recipe: ScratchRecipe,
  after: AfterSteps
): Promise<{ parameters: Float32Array; isFinished: boolean }> {
  const { steps, seed, penalty } = recipe
  const order = new BatchOrder(rows.count, recipe.batchSize, Random.derive(seed, 'training order'))
  const masks = Random.derive(seed, 'training dropout')
  let v = keep(tensor1d(network.initialise(Random.derive(seed, 'initial parameters'))))
  const adam = new DeviceAdam(network.layout.size)
  const recordings = recipe.recordings ?? new Recordings()
  const lower = (): Float32Array => Float32Array.from(v.dataSync())
  let step = 0
  try {
    while (step < steps) {
      const batch = rows.batch(order.next())
      const batchMasks = network.dropoutMasks(batch.x.shape[0]!, masks.uint32())
      const begin = (): DescentProgram => {
        const mode = withMasks(batchMasks)
        const loss = (at: Tensor1D): Tensor1D => classificationGradient(network, at, batch, mode).gradient
        return { direction: penalty ? (at) => add(loss(at), penalty.gradient(at)) as Tensor1D : loss }
      }
      const holdsAll = order.batchesPerEpoch === 1 && batchMasks.length === 0
      const count = holdsAll ? Math.min(recipe.stepsAtOnce ?? 1, steps - step) : 1
      const rates = Array.from({ length: count }, (_, i) => rateAt(recipe, step + i))
      const inputs = [...tensorsOf(batch), ...batchMasks, ...(penalty?.inputs ?? [])]
      const { v: reached, last } = adam.descend(v, begin, rates, { name: 'training', inputs, recordings })
      v = reached
      step += count
      for (const tensor of [last, ...batchMasks]) tensor.dispose()
      disposeBatch(batch)
      if ((await after(step, lower)) === false) break
    }
    return { parameters: lower(), isFinished: step >= steps }
  } finally {
    v.dispose()
    adam.dispose()
    if (!recipe.recordings) recordings.dispose()
  }
}

function rateAt({ learningRate, steps }: ScratchRecipe, step: number): number {
  return learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps))
}
