import { conv2d, pad, registerKernel, tidy, transpose, getKernel } from '@tensorflow/tfjs-core'
import type { Tensor4D, TensorInfo } from '@tensorflow/tfjs-core'

interface FilterGradientAttributes {
  readonly pad: 'same' | 'valid'
  readonly filterShape: [number, number, number, number]
}

/** Kernels that the WebAssembly backend lacks, each composed of ones it has. */
export function registerWasmKernels(): void {
  if (hasKernel('Conv2DBackpropFilter')) return
  registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      kernelGradient(
        inputs['x'] as Tensor4D,
        inputs['dy'] as Tensor4D,
        attrs as unknown as FilterGradientAttributes
      )
  })
}

function hasKernel(name: string): boolean {
  return getKernel(name, 'wasm') != null
}

/**
 * dL/dkernel of a stride-1 convolution as a convolution: channels take the place of the batch, the batch that
 * of the channels, and the output's gradient slides over the padded input as the kernel.
 */
function kernelGradient(x: Tensor4D, dy: Tensor4D, attributes: FilterGradientAttributes): TensorInfo {
  const [height, width] = attributes.filterShape
  return tidy(() => {
    const padded = attributes.pad === 'same' ? pad(x, [[0, 0], around(height), around(width), [0, 0]]) : x
    const images = transpose(padded as Tensor4D, [3, 1, 2, 0])
    const kernels = transpose(dy, [1, 2, 0, 3])
    return transpose(conv2d(images as Tensor4D, kernels as Tensor4D, 1, 'valid'), [1, 2, 0, 3])
  })
}

/** TensorFlow's "same" padding at stride 1. */
function around(size: number): [number, number] {
  const before = Math.floor((size - 1) / 2)
  return [before, size - 1 - before]
}
