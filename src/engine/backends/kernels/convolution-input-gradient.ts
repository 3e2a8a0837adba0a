import { conv2d, pad, reverse, transpose } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { KernelInputs } from './fused-kernel'

/**
 * Conv2DBackpropInput of a stride-1 convolution for WebAssembly, whose own is several times slower than its
 * convolution: dL/dx is a convolution of the padded dy with the kernel turned by half a turn, its channels and
 * filters exchanged.
 *
 * Inputs dy [batch, out rows, out columns, filters], filter [height, width, channels, filters]; attributes pad
 * ("same" or "valid") and inputShape. @returns undefined for other strides
 */
export function convolutionInputGradient(
  { dy, filter }: KernelInputs,
  attributes: NamedAttrMap
): Tensor | undefined {
  const strides = [attributes['strides'] ?? 1].flat()
  if (!strides.every((stride) => stride === 1)) return undefined
  const [height, width] = filter!.shape as [number, number, number, number]
  const same = attributes['pad'] === 'same'
  const around = (size: number): [number, number] => {
    // TensorFlow's "same" puts the larger half after; what the forward pass padded before is cut off here.
    const before = same ? Math.floor((size - 1) / 2) : 0
    const after = same ? size - 1 - before : 0
    return [size - 1 - before, size - 1 - after]
  }
  const padded = pad(dy!, [[0, 0], around(height), around(width), [0, 0]])
  const turned = transpose(reverse(filter!, [0, 1]), [0, 1, 3, 2])
  return conv2d(padded as Tensor4D, turned as Tensor4D, 1, 'valid')
}
