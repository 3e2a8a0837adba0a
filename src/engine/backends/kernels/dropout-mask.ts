import { cast, greaterEqual, mul, randomUniform, tensor1d } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'
import type { FusedKernel, KernelInputs } from './fused-kernel'

/**
 * A mask of 0 (with probability rate) and 1 / (1 - rate). Attributes shape, rate, seed (a 32-bit integer): the
 * same seed gives the same mask, whatever ran before. No inputs.
 */
export const dropoutMask: FusedKernel = {
  name: 'BilevelDropoutMask',
  composed: (_inputs: KernelInputs, attributes) => {
    const { shape, seed } = settings(attributes)
    return [masked(randomUniform(shape, 0, 1, 'float32', seed), attributes)]
  },
  native: (ops, _inputs, attributes) => {
    const { shape, seed } = settings(attributes)
    const [uniform] = ops.run(
      'StatelessRandomUniform',
      [ops.type('dtype', 'float32'), ops.type('T', 'int32'), ops.type('Tseed', 'int32')],
      [tensor1d(shape, 'int32'), tensor1d([seed | 0, 0], 'int32')]
    )
    return [masked(uniform!, attributes)]
  },
  sample: () => ({ inputs: {}, attributes: { shape: [4, 2], rate: 0.5, seed: 1 }, compared: 0 })
}

function masked(uniform: Tensor, attributes: NamedAttrMap): Tensor {
  const { rate } = settings(attributes)
  return mul(cast(greaterEqual(uniform, rate), 'float32'), 1 / (1 - rate))
}

function settings(attributes: NamedAttrMap): { shape: number[]; rate: number; seed: number } {
  const { shape, rate, seed } = attributes
  return { shape: shape as number[], rate: Number(rate), seed: Number(seed) }
}
