import { sqrt, square, sum } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'

export function l2Norm(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]! * values[i]!
  return Math.sqrt(total)
}

/** tfjs's own norm squares by a power, twenty times slower. */
export function deviceNorm(t: Tensor1D): Scalar {
  return sqrt(sum(square(t))) as Scalar
}
