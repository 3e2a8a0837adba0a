import { add, div, mul, sqrt, square, sub, tensor1d } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'
import { AdamVariables } from './adam-variables'
import type { FusedKernel, KernelInputs } from './fused-kernel'
import type { NativeOps } from './native-ops'

/**
 * One Adam step (Kingma and Ba 2015) with the bias corrections folded into `rate` and `epsilon` by the caller.
 * Inputs v, first, second, gradient [size]; attributes rate, beta1, beta2, epsilon. Outputs, all new:
 *   first'  = beta1 first + (1 - beta1) gradient
 *   second' = beta2 second + (1 - beta2) gradient²
 *   v'      = v - rate first' / (sqrt(second') + epsilon)
 * in the order v', first', second'.
 */
export const adamStep: FusedKernel = {
  name: 'BilevelAdamStep',
  composed: ({ v, first, second, gradient }, attributes) => {
    const { rate, beta1, beta2, epsilon } = settings(attributes)
    const m = add(mul(first!, beta1), mul(gradient!, 1 - beta1))
    const s = add(mul(second!, beta2), mul(square(gradient!), 1 - beta2))
    return [sub(v!, div(mul(m, rate), add(sqrt(s), epsilon))), m, s]
  },
  native: applyAdam,
  sample: () => ({
    inputs: {
      v: tensor1d([1, -1, 0.5]),
      first: tensor1d([0.1, 0, -0.2]),
      second: tensor1d([0.01, 0, 0.04]),
      gradient: tensor1d([0.3, -2, 0])
    },
    attributes: { rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-6 }
  })
}

function settings(attributes: NamedAttrMap): Record<'rate' | 'beta1' | 'beta2' | 'epsilon', number> {
  const number = (name: string): number => Number(attributes[name])
  return { rate: number('rate'), beta1: number('beta1'), beta2: number('beta2'), epsilon: number('epsilon') }
}

function applyAdam(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[] {
  const { rate, beta1, beta2, epsilon } = settings(attributes)
  const variables = new AdamVariables(ops, [inputs['v']!, inputs['first']!, inputs['second']!], {
    beta1,
    beta2
  })
  try {
    variables.step(ops.handles([inputs['gradient']!])[0]!, { rate, epsilon })
    return variables.tensors()
  } finally {
    variables.release()
  }
}
