import {
  cast,
  conv2dTranspose,
  engine,
  greater,
  greaterEqual,
  mul,
  randomUniform
} from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'

/**
 * Gradients of single kernels, called by name so that no tape is recorded. Backends that lack one get it in
 * src/engine/backends; here only the calls.
 */

/** dL/dkernel [size, size, channels, filters] of a stride-1 convolution. */
export function convolutionKernelGradient(
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: [number, number, number, number],
  pad: 'same' | 'valid'
): Tensor4D {
  const attributes = { strides: 1, pad, dataFormat: 'NHWC', filterShape }
  return engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes) as Tensor4D
}

/** dL/dx [batch, height, width, channels] of a stride-1 convolution. */
export function convolutionInputGradient(
  inputShape: [number, number, number, number],
  dy: Tensor4D,
  kernel: Tensor4D,
  pad: 'same' | 'valid'
): Tensor {
  return conv2dTranspose(dy, kernel, inputShape, 1, pad)
}

/** t where y > 0, else 0: the derivative of ReLU told by its output. */
export function reluGradient(t: Tensor, y: Tensor): Tensor {
  return mul(t, cast(greater(y, 0), 'float32'))
}

/** A mask of 0 and 1 / (1 - rate), repeatable by its seed. */
export function dropoutMask(shape: readonly number[], rate: number, seed: number): Tensor {
  const uniform = randomUniform([...shape], 0, 1, 'float32', seed)
  return mul(cast(greaterEqual(uniform, rate), 'float32'), 1 / (1 - rate))
}
