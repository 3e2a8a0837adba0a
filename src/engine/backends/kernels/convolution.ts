import { conv2d, conv2dTranspose, engine, getBackend, randomUniform } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { FusedKernel, KernelSample } from './fused-kernel'
import type { NativeOps } from './native-ops'
import { ComposedSpectralConvolution } from './composed-spectral'
import { SpectralConvolution, spectralPays } from './spectral-convolution'
import type { ConvolutionShape } from './spectral-convolution'

type Shape4D = [number, number, number, number]

/**
 * Convolutions with stride 1: directly, or through the Fourier transform where that is less work on a
 * processor. x [batch, height, width, channels], filter [size, size, channels, filters]; attribute pad
 * ("same" or "valid"). Output y [batch, out height, out width, filters].
 */
export const convolution: FusedKernel = {
  name: 'BilevelConvolution',
  composed: ({ x, filter }, attributes) => [
    composedSpectralOf(attributes, x!.shape, filter!.shape)?.output(x!, filter!) ??
      conv2d(x as Tensor4D, filter as Tensor4D, 1, padOf(attributes))
  ],
  native: (ops, inputs, attributes) => {
    const { x, filter } = inputs
    const spectral = spectralOf(ops, attributes, x!.shape, filter!.shape)
    return spectral ? [spectral.output(x!, filter!)] : convolution.composed(inputs, attributes)
  },
  sample: () => sample(({ x, filter }) => ({ x, filter }), {})
}

/** dL/dfilter. Inputs x, dy [batch, out height, out width, filters]; attributes pad, filterShape. */
export const convolutionOfKernel: FusedKernel = {
  name: 'BilevelConvolutionKernelGradient',
  composed: ({ x, dy }, attributes) => {
    const filterShape = attributes['filterShape'] as number[]
    const spectral = composedSpectralOf(attributes, x!.shape, filterShape)
    if (spectral) return [spectral.kernelGradient(x!, dy!)]
    const direct = { strides: 1, pad: padOf(attributes), dataFormat: 'NHWC', filterShape }
    return [engine().runKernel('Conv2DBackpropFilter', { x: x!, dy: dy! }, direct) as Tensor]
  },
  native: (ops, inputs, attributes) => {
    const { x, dy } = inputs
    const spectral = spectralOf(ops, attributes, x!.shape, attributes['filterShape'] as number[])
    return spectral ? [spectral.kernelGradient(x!, dy!)] : convolutionOfKernel.composed(inputs, attributes)
  },
  sample: () => sample(({ x, dy }) => ({ x, dy }), { filterShape: SAMPLE.filter })
}

/** dL/dx. Inputs dy, filter; attributes pad, inputShape. */
export const convolutionOfInput: FusedKernel = {
  name: 'BilevelConvolutionInputGradient',
  composed: ({ dy, filter }, attributes) => {
    const inputShape = attributes['inputShape'] as Shape4D
    const spectral = composedSpectralOf(attributes, inputShape, filter!.shape)
    if (spectral) return [spectral.inputGradient(dy!, filter!)]
    return [conv2dTranspose(dy as Tensor4D, filter as Tensor4D, inputShape, 1, padOf(attributes))]
  },
  native: (ops, inputs, attributes) => {
    const { dy, filter } = inputs
    const spectral = spectralOf(ops, attributes, attributes['inputShape'] as number[], filter!.shape)
    return spectral ? [spectral.inputGradient(dy!, filter!)] : convolutionOfInput.composed(inputs, attributes)
  },
  sample: () => sample(({ dy, filter }) => ({ dy, filter }), { inputShape: SAMPLE.x })
}

function padOf({ pad }: NamedAttrMap): 'same' | 'valid' {
  return pad === 'same' ? 'same' : 'valid'
}

/** @returns undefined where the direct way is as good: with a border, for small kernels */
function shapeForSpectral(
  { pad }: NamedAttrMap,
  xShape: readonly number[],
  filterShape: readonly number[]
): ConvolutionShape | undefined {
  const [batch, height, width] = xShape as Shape4D
  const [size, sizeAcross, channels, filters] = filterShape as Shape4D
  const shape = { batch, height, width, size, channels, filters }
  return pad === 'valid' && size === sizeAcross && spectralPays(shape) ? shape : undefined
}

/** A card has convolutions of its own. */
function spectralOf(
  ops: NativeOps,
  ...given: Parameters<typeof shapeForSpectral>
): SpectralConvolution | undefined {
  const shape = ops.gpu ? undefined : shapeForSpectral(...given)
  return shape && new SpectralConvolution(ops, shape)
}

function composedSpectralOf(
  ...given: Parameters<typeof shapeForSpectral>
): ComposedSpectralConvolution | undefined {
  const shape = getBackend() === 'wasm' ? shapeForSpectral(...given) : undefined
  return shape && new ComposedSpectralConvolution(shape)
}

/** Sides that differ, one even and one odd, and depths at which frequencies pay. */
const SAMPLE = {
  x: [48, 9, 10, 64] as Shape4D,
  filter: [5, 5, 64, 64] as Shape4D,
  dy: [48, 5, 6, 64] as Shape4D
}

function sample(
  choose: (all: Record<'x' | 'filter' | 'dy', Tensor>) => Record<string, Tensor>,
  attributes: NamedAttrMap
): KernelSample {
  const random = (shape: Shape4D, seed: number): Tensor => randomUniform(shape, -1, 1, 'float32', seed)
  const all = { x: random(SAMPLE.x, 1), filter: random(SAMPLE.filter, 2), dy: random(SAMPLE.dy, 3) }
  return { inputs: choose(all), attributes: { ...attributes, pad: 'valid' } }
}
