import {
  add,
  mul,
  relu as rectify,
  sigmoid as logistic,
  square,
  sub,
  tanh as hyperbolicTangent
} from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { reluGradient, sigmoidGradient, tanhGradient } from '../tensors/kernels'
import type { Layer } from './layer'
import { sumOf } from './sum'

/**
 * An elementwise y = a(x) told by its output alone: `slope(y)` multiplies by a'(x), and `bend(y, xt)` is the
 * derivative of a'(x) along the tangent (undefined where a'' is zero).
 */
interface Elementwise {
  readonly kind: string
  value(x: Tensor): Tensor
  applySlope(y: Tensor): (t: Tensor) => Tensor
  bend?(y: Tensor, yt: Tensor): Tensor
}

function elementwise(rule: Elementwise, shape: readonly number[]): Layer {
  return {
    kind: rule.kind,
    parameters: [],
    outputShape: shape,
    initialise: () => [],
    forward: (x) => {
      const y = rule.value(x)
      const slope = rule.applySlope(y)
      return {
        y,
        backward: (dy, wantInput) => ({ dw: [], dx: wantInput ? slope(dy) : undefined }),
        tangent: (xt) => {
          const yt = xt && slope(xt)
          return {
            yt,
            backward: (dy, dyt, wantInput) => ({
              dwt: [],
              dxt: wantInput
                ? sumOf(dyt && slope(dyt), xt && rule.bend && mul(dy, rule.bend(y, xt)))
                : undefined
            })
          }
        }
      }
    }
  }
}

/** max(x, 0); the derivative at 0 is 0. */
export function relu(shape: readonly number[]): Layer {
  return elementwise(
    { kind: 'relu', value: (x) => rectify(x), applySlope: (y) => (t) => reluGradient(t, y) },
    shape
  )
}

/** tanh: a' = 1 - y², a'' = -2 y (1 - y²). */
export function tanh(shape: readonly number[]): Layer {
  return elementwise(
    {
      kind: 'tanh',
      value: (x) => hyperbolicTangent(x),
      applySlope: (y) => (t) => tanhGradient(t, y),
      bend: (y, xt) => mul(mul(mul(y, -2), sub(1, square(y))), xt)
    },
    shape
  )
}

/** 1 / (1 + e^-x): a' = y (1 - y), a'' = y (1 - y) (1 - 2 y). */
export function sigmoid(shape: readonly number[]): Layer {
  return elementwise(
    {
      kind: 'sigmoid',
      value: (x) => logistic(x),
      applySlope: (y) => (t) => sigmoidGradient(t, y),
      bend: (y, xt) => mul(mul(mul(y, sub(1, y)), add(mul(y, -2), 1)), xt)
    },
    shape
  )
}
