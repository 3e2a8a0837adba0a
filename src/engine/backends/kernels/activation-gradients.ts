import { mul, step, sub, square, tensor1d } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { FusedKernel, KernelInputs } from './fused-kernel'

const sample: FusedKernel['sample'] = () => ({
  inputs: { dy: tensor1d([1, -2, 3, 4]), y: tensor1d([0, 0.25, 0.5, 1]) },
  attributes: {}
})

/** dx = dy where y > 0, else 0. Inputs dy, y (or x: the sign decides), alike in shape. */
export const reluGradient: FusedKernel = {
  name: 'BilevelReluGradient',
  composed: ({ dy, y }: KernelInputs): Tensor[] => [mul(dy!, step(y!))],
  native: (ops, { dy, y }) => ops.run('ReluGrad', [ops.type('T', 'float32')], [dy!, y!]),
  sample
}

/** dx = dy (1 - y²) for y = tanh(x). Inputs dy, y, alike in shape. */
export const tanhGradient: FusedKernel = {
  name: 'BilevelTanhGradient',
  composed: ({ dy, y }) => [mul(dy!, sub(1, square(y!)))],
  native: (ops, { dy, y }) => ops.run('TanhGrad', [ops.type('T', 'float32')], [y!, dy!]),
  sample
}

/** dx = dy y (1 - y) for y = sigmoid(x). Inputs dy, y, alike in shape. */
export const sigmoidGradient: FusedKernel = {
  name: 'BilevelSigmoidGradient',
  composed: ({ dy, y }) => [mul(dy!, mul(y!, sub(1, y!)))],
  native: (ops, { dy, y }) => ops.run('SigmoidGrad', [ops.type('T', 'float32')], [y!, dy!]),
  sample
}
