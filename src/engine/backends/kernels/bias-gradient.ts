import { reshape, sum, tensor4d } from '@tensorflow/tfjs-core'
import type { FusedKernel } from './fused-kernel'

/** dL/db [channels] of y = x + b: dy [..., channels] summed over all other axes. Input dy, rank 2 or more. */
export const biasGradient: FusedKernel = {
  name: 'BilevelBiasGradient',
  composed: ({ dy }) => [sum(reshape(dy!, [-1, dy!.shape.at(-1)!]), 0)],
  // On a GPU this op adds in no fixed order, and a run could not be repeated to the bit.
  native: (ops, inputs) =>
    ops.gpu
      ? biasGradient.composed(inputs, {})
      : ops.run('BiasAddGrad', [ops.type('T', 'float32'), ops.text('data_format', 'NHWC')], [inputs['dy']!]),
  sample: () => ({ inputs: { dy: tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]) }, attributes: {} })
}
