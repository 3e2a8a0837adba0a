import { add, conv2d, matMul, pad, reshape, reverse, slice, transpose } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { KernelInputs } from './fused-kernel'

type Shape4D = [number, number, number, number]

/** How many times as many places as dy has dL/dx must have for its border to be worth the trouble. */
const WIDE_BORDER = 1.4

/**
 * Conv2DBackpropInput of a stride-1 convolution for WebAssembly, whose own is several times slower than its
 * convolution.
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
  const [height, width] = filter!.shape as Shape4D
  const [, rows, columns] = dy!.shape as Shape4D
  const same = attributes['pad'] === 'same'
  const places = (rows + height - 1) * (columns + width - 1)
  return !same && places > WIDE_BORDER * rows * columns
    ? pointByPoint(dy!, filter!)
    : flippedConvolution(dy!, filter!, same)
}

/** A convolution of the padded dy with the kernel turned by half a turn, its channels and filters exchanged. */
function flippedConvolution(dy: Tensor, filter: Tensor, same: boolean): Tensor {
  const [height, width] = filter.shape as Shape4D
  const around = (size: number): [number, number] => {
    // TensorFlow's "same" puts the larger half after; what the forward pass padded before is cut off here.
    const before = same ? Math.floor((size - 1) / 2) : 0
    const after = same ? size - 1 - before : 0
    return [size - 1 - before, size - 1 - after]
  }
  const padded = pad(dy, [[0, 0], around(height), around(width), [0, 0]])
  const flipped = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2])
  return conv2d(padded as Tensor4D, flipped as Tensor4D, 1, 'valid')
}

/**
 * A matrix product for each point of the kernel, laid where that point met the input and added up: nothing is
 * multiplied with a border of zeros, which of a small map is most of the work.
 */
function pointByPoint(dy: Tensor, filter: Tensor): Tensor {
  const [batch, rows, columns, filters] = dy.shape as Shape4D
  const [height, width, channels] = filter.shape as Shape4D
  const outWidth = (columns + width - 1) * channels
  const points = reshape(transpose(filter, [0, 1, 3, 2]), [height * width, filters * channels])
  const flat = reshape(dy, [batch * rows * columns, filters])
  const share = (i: number, j: number): Tensor => {
    const point = slice(points, [i * width + j, 0], [1, filters * channels])
    const product = matMul(flat, reshape(point, [filters, channels]))
    return placed(
      reshape(product, [batch * rows, columns * channels]),
      j * channels,
      (width - 1 - j) * channels
    )
  }
  const strip = (i: number): Tensor => {
    const row = added(width, (j) => share(i, j))
    return placed(reshape(row, [batch, rows * outWidth]), i * outWidth, (height - 1 - i) * outWidth)
  }
  return reshape(added(height, strip), [batch, rows + height - 1, columns + width - 1, channels])
}

function placed(t: Tensor, before: number, after: number): Tensor {
  return pad(t, [
    [0, 0],
    [before, after]
  ])
}

function added(count: number, term: (i: number) => Tensor): Tensor {
  let total = term(0)
  for (let i = 1; i < count; i++) total = add(total, term(i))
  return total
}
