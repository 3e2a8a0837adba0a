import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'
import type { NativeOps } from './native-ops'

export type KernelInputs = Readonly<Record<string, Tensor>>

/**
 * A kernel that tfjs does not have: one TensorFlow op (or a few) on the native backend, and the same composed
 * of tfjs's own kernels elsewhere. The engine calls it by name, `engine().runKernel(name, inputs, attributes)`,
 * so that its rooms import tfjs-core alone. No gradient is registered: the engine's layers carry their own.
 */
export interface FusedKernel {
  readonly name: string
  /** Runs in a tidy scope. */
  composed(inputs: KernelInputs, attributes: NamedAttrMap): Tensor[]
  /** Runs in a tidy scope; undefined where the composition serves as well. */
  native?(ops: NativeOps, inputs: KernelInputs, attributes: NamedAttrMap): Tensor[]
  /** The last output of this kernel, in the form of its implementation, is an input under this name. */
  readonly takes?: { readonly from: FusedKernel; readonly as: string }
  /** Small inputs, but that one, on which the two are compared before the native one is trusted. */
  sample(): KernelSample
}

export interface KernelSample {
  readonly inputs: KernelInputs
  readonly attributes: NamedAttrMap
  /** Outputs to compare, from the first; all by default. 0: only that it runs, where no two can agree. */
  readonly compared?: number
}
