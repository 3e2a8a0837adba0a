import { reshape } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { convolution, convolutionInputGradient, convolutionKernelGradient } from '../tensors/kernels'
import { initialKernel } from './initialisers'
import type { Layer, LayerPass } from './layer'
import { sumOf } from './sum'

export type Padding = 'same' | 'valid'

/**
 * 2-D convolution without bias, stride 1: x [batch, height, width, channels], kernel [size, size, channels,
 * filters]. The bias is a layer of its own (see bias.ts), so that a pool can stand between them: pooling first
 * is the same function on a quarter of the elements.
 */
export function conv2d(
  name: string,
  inputShape: readonly [number, number, number],
  filters: number,
  size: number,
  padding: Padding = 'same'
): Layer {
  const [height, width, channels] = inputShape
  const shrink = padding === 'same' ? 0 : size - 1
  const shape = [size, size, channels, filters]
  return {
    kind: 'conv2d',
    parameters: [{ name: `${name}/kernel`, shape }],
    outputShape: [height - shrink, width - shrink, filters],
    initialise: (random) => [
      initialKernel(
        'he',
        random,
        size * size * channels * filters,
        size * size * channels,
        size * size * filters
      )
    ],
    forward: (x, weights) => conv2dForward(x as Tensor4D, weights[0] as Tensor4D, padding)
  }
}

function conv2dForward(x: Tensor4D, w: Tensor4D, padding: Padding): LayerPass {
  const kernelGradient = (input: Tensor, dy: Tensor): Tensor =>
    convolutionKernelGradient(input as Tensor4D, dy as Tensor4D, w.shape, padding)
  const inputGradient = (dy: Tensor, kernel: Tensor): Tensor =>
    convolutionInputGradient(x.shape, dy as Tensor4D, kernel as Tensor4D, padding)
  return {
    y: convolution(x, w, padding),
    backward: (dy, wantInput, wantWeights = true) => ({
      dw: wantWeights ? [kernelGradient(x, dy)] : [],
      dx: wantInput ? inputGradient(dy, w) : undefined
    }),
    tangent: (xt, [wt]) => ({
      yt: sumOf(
        xt && convolution(reshape(xt, x.shape) as Tensor4D, w, padding),
        wt && convolution(x, wt as Tensor4D, padding)
      ),
      backward: (dy, dyt, wantInput) => ({
        dwt: [sumOf(xt && kernelGradient(xt, dy), dyt && kernelGradient(x, dyt))],
        dxt: wantInput ? sumOf(dyt && inputGradient(dyt, w), wt && inputGradient(dy, wt)) : undefined
      })
    })
  }
}
