import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { StepProgram } from '../tensors/kernels'

/** A method's step on one batch, as one program. */
export interface MethodProgram<Name extends string> extends StepProgram {
  /** At the v that the steps have reached. */
  upper(v: Tensor1D): UpperDirection<Name>
}

/** What a method found at the end of its lower steps; tensors of the caller's tidy scope. */
export interface UpperDirection<Name extends string = never> {
  /** Direction to descend, [rows]; undefined where the method sees no dependence on u. */
  readonly along: Tensor1D | undefined
  readonly f: Scalar
  readonly g: Scalar
  /** ||grad_v g|| */
  readonly gradNormG: Scalar
  /** Numbers of the method's own, by the names that it declares. */
  readonly more: Readonly<Record<Name, Scalar>>
}

/** The same on the host. */
export interface UpperMeasurement<Name extends string = never> {
  /** [rows] */
  readonly gradient: Float32Array
  readonly f: number
  readonly g: number
  readonly gradNormG: number
  /** Bytes of all tensors where the step holds most of its own. */
  readonly tensorBytes: number
  readonly more: Readonly<Record<Name, number>>
}
