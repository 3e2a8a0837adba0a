import { div, exp, log, max, mul, sub, sum, tensor2d } from '@tensorflow/tfjs-core'
import type { FusedKernel } from './fused-kernel'

/**
 * Inputs logits, targets [batch, classes], rows of targets summing to 1. Outputs: the loss of each example
 * -sum_k targets_k log softmax(logits)_k [batch], and its gradient softmax(logits) - targets [batch, classes].
 */
export const softmaxCrossEntropy: FusedKernel = {
  name: 'BilevelSoftmaxCrossEntropy',
  composed: ({ logits, targets }) => {
    const shifted = sub(logits!, max(logits!, 1, true))
    const exponentials = exp(shifted)
    const total = sum(exponentials, 1, true)
    return [sum(mul(targets!, sub(log(total), shifted)), 1), sub(div(exponentials, total), targets!)]
  },
  native: (ops, { logits, targets }) =>
    ops.run('SoftmaxCrossEntropyWithLogits', [ops.type('T', 'float32')], [logits!, targets!], 2),
  sample: () => ({
    inputs: {
      logits: tensor2d([1, -2, 3, 0, 50, -50], [2, 3]),
      targets: tensor2d([0, 0, 1, 0.5, 0.5, 0], [2, 3])
    },
    attributes: {}
  })
}
