import {
  add,
  concat,
  depthwiseConv2d,
  fill,
  maxPool,
  mul,
  pad,
  relu,
  reshape,
  sub,
  tensor4d
} from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { FusedKernel, KernelInputs } from './fused-kernel'
import type { NativeOps, OpAttribute } from './native-ops'

/**
 * Max pooling over size x size windows that do not overlap, and who won. Input x [batch, height, width,
 * channels]; attribute size. Outputs: y [batch, floor(height / size), floor(width / size), channels], and the
 * winners (the first in row order where several tie) in a form that only the two kernels below read:
 * indices natively, where composed a mask shaped like x with a 1 at each.
 */
export const maxPoolWinners: FusedKernel = {
  name: 'BilevelMaxPoolWinners',
  composed: ({ x }, attributes) => composedWinners(x!, sizeOf(attributes)),
  native: nativeWinners,
  sample: () => ({ inputs: { x: sampleImage() }, attributes: { size: 2 }, compared: 1 })
}

/**
 * The winners' values of t. Inputs t and x [batch, height, width, channels], winners; output shaped like y.
 * Natively as avgPool(size² mask * t): a gather of the winners takes twice as long.
 */
export const maxPoolPick: FusedKernel = {
  name: 'BilevelMaxPoolPick',
  composed: ({ t, winners }, attributes) => {
    const size = sizeOf(attributes)
    const all = new Array<number>(size * size).fill(1)
    return [throughWindows(mul(t!, winners!) as Tensor4D, all, size)]
  },
  native: (ops, { t, x, winners }, attributes) => {
    const size = sizeOf(attributes)
    const [mask] = spread(
      ops,
      { x: x!, winners: winners!, dy: fill(pooledShape(x!, size), size * size) },
      attributes
    )
    const pooling = [...windowAttributes(ops, attributes), ops.text('data_format', 'NHWC')]
    return ops.run('AvgPool', pooling, [mul(t!, mask!)])
  },
  takes: { from: maxPoolWinners, as: 'winners' },
  sample: () => winnersSample((x) => ({ t: mul(x, x) }))
}

/** dy, shaped like y, laid on the winners. Inputs dy, x, winners; output shaped like x, zero elsewhere. */
export const maxPoolSpread: FusedKernel = {
  name: 'BilevelMaxPoolSpread',
  composed: ({ dy, winners }, attributes) => [
    mul(repeated(dy!, winners!.shape, sizeOf(attributes)), winners!)
  ],
  native: spread,
  takes: { from: maxPoolWinners, as: 'winners' },
  sample: () => winnersSample((x) => ({ dy: add(fill(pooledShape(x, 2), 2), 1) }))
}

function nativeWinners(ops: NativeOps, { x }: KernelInputs, attributes: NamedAttrMap): Tensor[] {
  if (poolsByOneDnn(ops)) return ops.run('_MklNativeMaxPool', oneDnnAttributes(ops, attributes), [x!], 2)
  if (ops.gpu) return ops.run('MaxPoolWithArgmax', argmaxAttributes(ops, attributes, 'int64'), [x!], 2)
  // The CPU's kernel finds 64-bit indices ten times slower than 32-bit ones, which the gradient does not take.
  const [y, narrow] = ops.run('MaxPoolWithArgmax', argmaxAttributes(ops, attributes, 'int32'), [x!], 2)
  const widening = [ops.type('SrcT', 'int32'), ops.type('DstT', 'int64'), ops.flag('Truncate', false)]
  return [y!, ...ops.run('Cast', widening, [narrow!])]
}

function spread(ops: NativeOps, { x, winners, dy }: KernelInputs, attributes: NamedAttrMap): Tensor[] {
  // The second input is there to be shaped like y: its values are not read.
  if (poolsByOneDnn(ops)) {
    return ops.run('_MklNativeMaxPoolGrad', oneDnnAttributes(ops, attributes), [x!, dy!, dy!, winners!])
  }
  return ops.run('MaxPoolGradWithArgmax', argmaxAttributes(ops, attributes, 'int64'), [x!, dy!, winners!])
}

let isThere: boolean | undefined

/**
 * Whether this TensorFlow has oneDNN's pooling (builds for x86 Linux do). It tells winners as places in their
 * windows and is six times faster than the kernel that tells indices.
 */
function poolsByOneDnn(ops: NativeOps): boolean {
  if (ops.gpu) return false
  if (isThere === undefined) {
    const x = fill([1, 2, 2, 1], 1)
    try {
      for (const output of ops.run('_MklNativeMaxPool', oneDnnAttributes(ops, { size: 2 }), [x], 2)) {
        output.dispose()
      }
      isThere = true
    } catch {
      isThere = false
    }
    x.dispose()
  }
  return isThere
}

function windowAttributes(ops: NativeOps, attributes: NamedAttrMap): OpAttribute[] {
  const size = sizeOf(attributes)
  return [
    ops.type('T', 'float32'),
    ops.integers('ksize', [1, size, size, 1]),
    ops.integers('strides', [1, size, size, 1]),
    ops.text('padding', 'VALID')
  ]
}

function oneDnnAttributes(ops: NativeOps, attributes: NamedAttrMap): OpAttribute[] {
  return [
    ...windowAttributes(ops, attributes),
    ops.text('data_format', 'NHWC'),
    ops.flag('workspace_enabled', true),
    // By this label TensorFlow finds kernels that are oneDNN's in plain layout.
    ops.text('_kernel', 'MklNameChangeOp')
  ]
}

function sizeOf(attributes: NamedAttrMap): number {
  return Number(attributes['size'])
}

function argmaxAttributes(
  ops: NativeOps,
  attributes: NamedAttrMap,
  indices: 'int32' | 'int64'
): OpAttribute[] {
  return [
    ...windowAttributes(ops, attributes),
    ops.type('Targmax', indices),
    ops.flag('include_batch_in_index', true)
  ]
}

type Shape4D = [number, number, number, number]

function pooledShape(x: Tensor, size: number): Shape4D {
  const [batch, height, width, channels] = x.shape as Shape4D
  return [batch, Math.floor(height / size), Math.floor(width / size), channels]
}

/** Makes any difference between floats of ordinary size larger than 1. */
const HUGE = 1e30

function composedWinners(x: Tensor, size: number): Tensor[] {
  const y = maxPool(x as Tensor4D, size, size, 'valid')
  // In arithmetic alone, 1 + HUGE (x - y) cut off at 0: WebAssembly compares and negates ten times slower.
  let open: Tensor | undefined
  const winners = windowParts(x, size).map((part) => {
    const reaches = relu(add(mul(sub(part, y), HUGE), 1))
    const won = open ? mul(reaches, open) : reaches
    open = open ? sub(open, won) : sub(1, won)
    return won
  })
  return [y, joined(winners, x.shape, size)]
}

/** The size² interleaved parts of x in window order, each shaped like y. */
function windowParts(x: Tensor, size: number): Tensor[] {
  return Array.from({ length: size * size }, (_, chosen) => {
    const alone = Array.from({ length: size * size }, (_, i) => (i === chosen ? 1 : 0))
    return throughWindows(x as Tensor4D, alone, size)
  })
}

/**
 * Each window's values weighed and added up, shaped like y: a convolution a channel, in which WebAssembly is five
 * times faster than in slices.
 */
function throughWindows(x: Tensor4D, weights: readonly number[], size: number): Tensor {
  const channels = x.shape[3]
  const kernel = weights.flatMap((weight) => new Array<number>(channels).fill(weight))
  return depthwiseConv2d(x, tensor4d(kernel, [size, size, channels, 1]), size, 'valid')
}

/** The inverse of windowParts: shaped like x, with zeros in rows and columns that belong to no window. */
function joined(parts: readonly Tensor[], xShape: readonly number[], size: number): Tensor {
  const [batch, height, width, channels] = xShape as Shape4D
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)]
  const rowsOfStrips = parts.map((part) => reshape(part, [batch * rows, 1, columns, channels]))
  const strips = Array.from({ length: size }, (_, i) =>
    concat(rowsOfStrips.slice(i * size, (i + 1) * size), 3)
  )
  const interleaved = reshape(concat(strips, 1), [batch, rows * size, columns * size, channels])
  if (rows * size === height && columns * size === width) return interleaved
  return pad(interleaved, [
    [0, 0],
    [0, height - rows * size],
    [0, width - columns * size],
    [0, 0]
  ])
}

function repeated(dy: Tensor, xShape: readonly number[], size: number): Tensor {
  return joined(new Array<Tensor>(size * size).fill(dy), xShape, size)
}

function sampleImage(): Tensor {
  const values = [3, 1, 9, 3, 3, 9, -1, -2, 9, -3, -4, 9, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9]
  return tensor4d(values, [1, 4, 3, 2])
}

function winnersSample(more: (x: Tensor) => KernelInputs): ReturnType<FusedKernel['sample']> {
  const x = sampleImage()
  return { inputs: { x, ...more(x) }, attributes: { size: 2 } }
}
