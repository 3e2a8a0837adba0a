import { add, div, mul, sqrt, square, sub, sum } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Squared lengths below this are rounding: features that are all zero stay so. */
const LEAST = 1e-12

/**
 * Every example's features at one length, y = length * x / ||x||, so that neither the curvature of a linear head
 * fitted to them nor the meaning of its L2 strength depends on how far the network's weights have grown.
 */
export class FeaturesOfOneLength {
  /** [examples, width] */
  readonly value: Tensor2D
  readonly #length: number
  readonly #norm: Tensor2D

  constructor(features: Tensor2D, length: number) {
    this.#length = length
    this.#norm = sqrt(add(sum(square(features), 1, true), LEAST)) as Tensor2D
    this.value = mul(div(features, this.#norm), length)
  }

  /** The gradient of x from that of y: length / ||x|| (dy - d <d, dy>), d the direction of x. */
  backward(gradient: Tensor2D): Tensor2D {
    const direction = div(this.value, this.#length)
    const along = sum(mul(direction, gradient), 1, true)
    return mul(div(sub(gradient, mul(direction, along)), this.#norm), this.#length)
  }
}
