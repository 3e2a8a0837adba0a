import { add, keep, mul, tensor1d, tidy } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import { DeviceAdam } from '../../bilevel/adam'
import { CrossEntropy } from '../../models/cross-entropy'
import type { Network } from '../../models/network'
import { BatchOrder } from '../shared/batch-order'
import type { RowsOf } from '../shared/classifier-training'
import type { Regulariser } from './regulariser'
import { disposeBatch } from '../shared/resident-examples'

/** Training to the end: strengths only mean something where the training does not stop early itself. */
export interface RegularisedRecipe {
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
}

/** Steps between two looks at what is wanted of the run. */
const LOOK_EVERY = 100

/**
 * Train from scratch on cross-entropy plus the L2 penalty, with Adam whose rate falls to zero along a half
 * cosine.
 * @param strengths one a group, [regulariser.count]
 * @param goOn asked now and then; a false answer gives the training up
 * @returns parameters, [network.layout.size]; undefined where it was given up
 */
export async function trainRegularised(
  network: Network,
  part: RowsOf,
  regulariser: Regulariser,
  strengths: Float32Array,
  recipe: RegularisedRecipe,
  seed: number,
  goOn: (fraction: number) => Promise<boolean>
): Promise<Float32Array | undefined> {
  const { examples, rows } = part
  const order = new BatchOrder(rows.length, recipe.batchSize, Random.derive(seed, 'training order'))
  const masks = Random.derive(seed, 'training dropout')
  const spread = tidy(() => regulariser.spread(tensor1d(strengths)))
  let v = keep(tensor1d(network.initialise(Random.derive(seed, 'initial parameters'))))
  const adam = new DeviceAdam(network.layout.size)
  try {
    for (let step = 0; step < recipe.steps; step++) {
      if (step % LOOK_EVERY === 0 && !(await goOn(step / recipe.steps))) return undefined
      const batch = examples.batch(order.next().map((i) => rows[i]!))
      const gradient = tidy(() => {
        const pass = network.forward(v, batch.x, { training: true, nextSeed: () => masks.uint32() })
        const loss = new CrossEntropy(pass.output, batch.targets)
        return add(pass.backward(loss.gradient(1 / batch.x.shape[0]!)).flat, mul(spread, v))
      })
      const rate = recipe.learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / recipe.steps))
      v = adam.step(v, gradient as typeof v, rate)
      gradient.dispose()
      disposeBatch(batch)
    }
    return Float32Array.from(v.dataSync())
  } finally {
    v.dispose()
    spread.dispose()
    adam.dispose()
  }
}
