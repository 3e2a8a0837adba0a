import { mul, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { adamStep } from './adam-step'
import { AdamVariables } from './adam-variables'
import type { AdamDecay, AdamStepSize } from './adam-variables'
import type { FusedKernel, KernelInputs } from './fused-kernel'
import type { NativeOps } from './native-ops'
import { Recording } from './recording'

interface Descent extends AdamDecay {
  /** Called in a tidy scope; reads nothing back, and depends on nothing but v that changes between the steps. */
  readonly gradient: (v: Tensor1D) => Tensor1D
  /** One a step. */
  readonly sizes: readonly AdamStepSize[]
}

/**
 * Adam steps on v, as many as `sizes` has entries (at least one), each along `gradient` at its own v. Inputs v,
 * first, second [size]; attributes gradient, sizes, beta1, beta2. Outputs, all new: v, first, second after the
 * last step, and the gradient of that step.
 */
export const adamDescent: FusedKernel = {
  name: 'BilevelAdamDescent',
  composed: (inputs, attributes) => {
    const { gradient, sizes, beta1, beta2 } = descentOf(attributes)
    let outputs = [inputs['v']!, inputs['first']!, inputs['second']!]
    sizes.forEach((size, step) => {
      const [v, first, second] = outputs as [Tensor, Tensor, Tensor]
      const next = tidy(() => {
        const along = gradient(v as Tensor1D)
        return [...adamStep.composed({ v, first, second, gradient: along }, { ...size, beta1, beta2 }), along]
      })
      // A gradient may hand v itself on.
      if (step > 0) for (const spent of outputs) if (!next.includes(spent)) spent.dispose()
      outputs = next
    })
    return outputs
  },
  native: repeatedSteps,
  sample: () => ({
    inputs: { v: tensor1d([1, -1]), first: tensor1d([0.1, 0]), second: tensor1d([0.01, 0]) },
    attributes: descentAttributes({
      gradient: (v) => mul(v, tensor1d([2, 3])),
      sizes: [0.1, 0.2, 0.3].map((rate) => ({ rate, epsilon: 1e-6 })),
      beta1: 0.9,
      beta2: 0.99
    })
  })
}

/** tfjs types attributes as plain values, yet hands them on untouched. */
function descentAttributes(descent: Descent): NamedAttrMap {
  return descent as unknown as NamedAttrMap
}

function descentOf(attributes: NamedAttrMap): Descent {
  return attributes as unknown as Descent
}

/** The gradient is called once and replayed from then on; v and the moments are stepped in place. */
function repeatedSteps(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[] {
  const { gradient, sizes, beta1, beta2 } = descentOf(attributes)
  const v = inputs['v'] as Tensor1D
  const { result, recording } = Recording.of(ops, gradient, v)
  try {
    if (!recording && sizes.length > 1) return adamDescent.composed(inputs, attributes)
    const variables = new AdamVariables(ops, [v, inputs['first']!, inputs['second']!], { beta1, beta2 })
    try {
      let along: Tensor = result
      sizes.forEach((size, step) => {
        if (step === 0) return variables.step(ops.handles([result])[0]!, size)
        const at = variables.value()
        const handle = recording!.replay(at)
        ops.deleteOne(at)
        variables.step(handle, size)
        if (step < sizes.length - 1) ops.deleteOne(handle)
        else along = ops.adopted(handle, v.shape)
      })
      return [...variables.tensors(), along]
    } finally {
      variables.release()
    }
  } finally {
    recording?.dispose()
  }
}
