import { concat, keep, matMul, neg, reshape, slice, stack, tensor2d, transpose } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { withoutRoundingNoise } from './rounding-noise'
import type { ConvolutionShape } from './spectral-convolution'
import { onceForShape, spectrumOf } from './spectrum'

/**
 * The same as SpectralConvolution for WebAssembly, which multiplies single matrices fast, as they lie: no stacks of
 * them, none transposed. So frequencies are taken apart, and what would be transposed is transformed in another order.
 */
export class ComposedSpectralConvolution {
  readonly #matrices: Matrices

  constructor(private readonly shape: ConvolutionShape) {
    this.#matrices = matricesOf(shape)
  }

  /** y [batch, out height, out width, filters] */
  output(x: Tensor, kernel: Tensor): Tensor {
    const { height, width, size, batch, channels, filters } = this.shape
    const { forward, inverse, kernelByOutput } = this.#matrices
    const images = product(forward, this.#pointsFirst(x, channels))
    const kernels = product(kernelByOutput, reshape(kernel, [size * size, -1]))
    const found = this.#each((k) => {
      const image = sideBySide(images, k, [batch, channels])
      return [0, 1].map((part) => product(image, pair(kernels, 2 * k + part, [2 * channels, filters])))
    })
    return this.#imagesFirst(product(inverse, found), height - size + 1, width - size + 1, filters)
  }

  /** dL/dx for dL/dy */
  inputGradient(dy: Tensor, kernel: Tensor): Tensor {
    const { height, width, size, batch, channels, filters } = this.shape
    const { forwardTransposed, inverseTransposed, kernelByInput } = this.#matrices
    const outputs = product(inverseTransposed, this.#pointsFirst(dy, filters))
    const permuted = transpose(reshape(kernel, [size * size, channels, filters]), [0, 2, 1])
    const kernels = product(kernelByInput, reshape(permuted, [size * size, -1]))
    const found = this.#each((k) => {
      const output = sideBySide(outputs, k, [batch, filters])
      return [0, 1].map((part) => product(output, pair(kernels, 2 * k + part, [2 * filters, channels])))
    })
    return this.#imagesFirst(product(forwardTransposed, found), height, width, channels)
  }

  /** dL/dkernel for dL/dy */
  kernelGradient(x: Tensor, dy: Tensor): Tensor {
    const { height, width, size, batch, channels, filters } = this.shape
    const { forward, inverseTransposed, inverseCrossed, kernelTransposed } = this.#matrices
    const byChannel = transpose(reshape(x, [batch, height * width, channels]), [1, 2, 0])
    const images = product(forward, reshape(byChannel, [height * width, -1]))
    const points = this.#pointsFirst(dy, filters)
    const [outputs, crossed] = [product(inverseTransposed, points), product(inverseCrossed, points)]
    const found = this.#each((k) => {
      const image = sideBySide(images, k, [channels, batch])
      return [outputs, crossed].map((each) => product(image, pair(each, k, [2 * batch, filters])))
    })
    const gradient = reshape(product(kernelTransposed, found), [size, size, channels, filters])
    return withoutRoundingNoise(gradient, x, dy)
  }

  /** Rows of two results for each frequency: [2 frequencies, entries] */
  #each(resultsOf: (k: number) => Tensor[]): Tensor {
    const { frequencies } = this.#matrices
    const results = Array.from({ length: frequencies }, (_, k) => resultsOf(k)).flat()
    return reshape(stack(results), [2 * frequencies, -1])
  }

  /** [batch, points..., depth] to [points, batch depth] */
  #pointsFirst(images: Tensor, depth: number): Tensor {
    const points = reshape(images, [this.shape.batch, -1, depth])
    return reshape(transpose(points, [1, 0, 2]), [points.shape[1]!, -1])
  }

  /** And back. */
  #imagesFirst(points: Tensor, rows: number, columns: number, depth: number): Tensor {
    const { batch } = this.shape
    const permuted = transpose(reshape(points, [rows * columns, batch, depth]), [1, 0, 2])
    return reshape(permuted, [batch, rows, columns, depth])
  }
}

function product(a: Tensor, b: Tensor): Tensor {
  return matMul(a as Tensor2D, b as Tensor2D)
}

/** Rows 2 k and 2 k + 1, one after the other, as a matrix. */
function pair(rows: Tensor, k: number, shape: [number, number]): Tensor {
  return reshape(slice(rows, [2 * k, 0], [2, rows.shape[1]!]), shape)
}

/** Rows 2 k and 2 k + 1, each a matrix, side by side. */
function sideBySide(rows: Tensor, k: number, shape: [number, number]): Tensor {
  const part = (row: number): Tensor => reshape(slice(rows, [row, 0], [1, rows.shape[1]!]), shape)
  return concat([part(2 * k), part(2 * k + 1)], 1)
}

interface Matrices {
  readonly frequencies: number
  /** [2 frequencies, height width] */
  readonly forward: Tensor2D
  readonly forwardTransposed: Tensor2D
  /** [out height out width, 2 frequencies] */
  readonly inverse: Tensor2D
  readonly inverseTransposed: Tensor2D
  /** inverseTransposed with its rows (real, imaginary) as (imaginary, -real) */
  readonly inverseCrossed: Tensor2D
  /** [4 frequencies, size size]: for each part of the input what goes to the parts of the output */
  readonly kernelByInput: Tensor2D
  /** The same, for each part of the output. */
  readonly kernelByOutput: Tensor2D
  /** [size size, 2 frequencies]: from the real and the imaginary part alone. */
  readonly kernelTransposed: Tensor2D
}

const matricesOf = onceForShape(({ height, width, size }): Matrices => {
  const { frequencies, forward, inverse, kernel } = spectrumOf({ height, width, size })
  const out = (height - size + 1) * (width - size + 1)
  const all = tensor2d(kernel, [4 * frequencies, size * size])
  const rows = (order: readonly number[]): Tensor2D =>
    concat(
      Array.from({ length: frequencies }, (_, k) =>
        order.map((row) => slice(all, [4 * k + row, 0], [1, size * size]))
      ).flat()
    )
  const [toForward, toInverse] = [
    tensor2d(forward, [2 * frequencies, height * width]),
    tensor2d(inverse, [out, 2 * frequencies])
  ]
  const inverseTransposed = transpose(toInverse)
  const crossed = Array.from({ length: frequencies }, (_, k) => {
    const [real, imaginary] = [0, 1].map((part) => slice(inverseTransposed, [2 * k + part, 0], [1, out]))
    return [imaginary!, neg(real!)]
  })
  return {
    frequencies,
    forward: keep(toForward),
    forwardTransposed: keep(transpose(toForward)),
    inverse: keep(toInverse),
    inverseTransposed: keep(inverseTransposed),
    inverseCrossed: keep(concat(crossed.flat())),
    kernelByInput: keep(all),
    kernelByOutput: keep(rows([0, 2, 1, 3])),
    kernelTransposed: keep(transpose(rows([0, 1])))
  }
})
