import { abs, cast, greater, matMul, mul, reshape, sqrt, square, sum } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Of entries that are exactly zero none was found above 3 (the paper's MNIST network, both engines, any number of
 * threads); of others hardly one is that small.
 */
const UNITS_IN_THE_LAST_PLACE = 4

/**
 * A kernel's gradient by frequencies, with zero for each entry that is nothing but rounding.
 *
 * An entry sums x_bc dy_bf over images and places. After ReLU a channel and a filter's gradient often have no place in
 * common: then it is zero, and directly so. From frequencies it comes as a difference of what each image's transforms
 * leave, of the order of 2^-24 sqrt(sum_b ||x_bc||² ||dy_bf||²). Adam divides an entry by itself, and would step on
 * such a one as far as on any other.
 *
 * @param gradient [size, size, channels, filters] @param x [batch, places..., channels] @param dy [batch, places...,
 *   filters]
 */
export function withoutRoundingNoise(gradient: Tensor, x: Tensor, dy: Tensor): Tensor {
  const [ofChannels, ofFilters] = [squaredNorms(x), squaredNorms(dy)]
  const noise = mul(sqrt(matMul(ofChannels, ofFilters, true)), UNITS_IN_THE_LAST_PLACE * 2 ** -24)
  // As a product, so that what is not a number stays so.
  return mul(gradient, cast(greater(abs(gradient), noise), 'float32'))
}

/** [batch, places..., depth] to [batch, depth] */
function squaredNorms(images: Tensor): Tensor2D {
  return sum(square(reshape(images, [images.shape[0]!, -1, images.shape.at(-1)!])), 1)
}
