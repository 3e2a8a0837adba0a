import { conv2d, eye, matMul, pad, reshape, transpose } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { KernelInputs } from './fused-kernel'

/** Windows of at most as many values (those of a first layer) are laid out as the rows of a matrix. */
const SMALL_WINDOW = 64

/**
 * Conv2DBackpropFilter for backends without it (WebAssembly): dL/dkernel [height, width, channels, filters] of
 * a stride-1 convolution.
 *
 * As a convolution: channels take the place of the batch, the batch that of the channels, and the output's
 * gradient slides over the padded input as the kernel. Where there are few channels that one is slow; then every
 * window of x is a row of a matrix W, made by a convolution with unit kernels, and the gradient is (dy' W)'.
 *
 * Inputs x [batch, rows, columns, channels], dy [batch, out rows, out columns, filters]; attributes pad ("same"
 * or "valid") and filterShape.
 */
export function convolutionKernelGradient({ x, dy }: KernelInputs, attributes: NamedAttrMap): Tensor {
  const strides = [attributes['strides'] ?? 1].flat()
  if (!strides.every((stride) => stride === 1)) {
    throw new Error('The kernel gradient of a convolution is composed for stride 1 only.')
  }
  const [height, width, channels, filters] = attributes['filterShape'] as [number, number, number, number]
  const same = attributes['pad'] === 'same'
  const window = height * width * channels
  if (window <= SMALL_WINDOW) {
    const units = reshape(eye(window), [height, width, channels, window]) as Tensor4D
    const windows = conv2d(x as Tensor4D, units, 1, same ? 'same' : 'valid')
    // The right-hand matrix is packed anew: let it be the smaller one.
    const gradient = matMul(channelsByRow(dy!), reshape(windows, [-1, window]))
    return reshape(transpose(gradient), [height, width, channels, filters])
  }
  const padded = same ? pad(x!, [[0, 0], around(height), around(width), [0, 0]]) : x!
  const images = transpose(padded, [3, 1, 2, 0])
  const kernels = transpose(dy!, [1, 2, 0, 3])
  return transpose(conv2d(images as Tensor4D, kernels as Tensor4D, 1, 'valid'), [1, 2, 0, 3])
}

/**
 * [batch, rows, columns, filters] to [filters, batch * rows * columns], image by image first: in one go it would
 * stride through all of memory, five times slower.
 */
function channelsByRow(dy: Tensor): Tensor {
  const [batch, rows, columns, filters] = dy.shape as [number, number, number, number]
  const images = transpose(reshape(dy, [batch, rows * columns, filters]), [0, 2, 1])
  return reshape(transpose(images, [1, 0, 2]), [filters, -1])
}

/** TensorFlow's "same" padding at stride 1. */
function around(size: number): [number, number] {
  const before = Math.floor((size - 1) / 2)
  return [before, size - 1 - before]
}
