import { keep, reshape, tensor2d, transpose } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { NativeOps } from './native-ops'
import { withoutRoundingNoise } from './rounding-noise'
import { frequenciesOf, onceForShape, spectrumOf } from './spectrum'
import type { SpectrumShape } from './spectrum'

/** x [batch, height, width, channels], kernel [size, size, channels, filters] */
export interface ConvolutionShape extends SpectrumShape {
  readonly batch: number
  readonly channels: number
  readonly filters: number
}

/** How many times less must be computed for the detour to pay: products of many small matrices are slower. */
const WORTH_THE_DETOUR = 1.5

/** Whether frequencies serve better: counted in multiplications. */
export function spectralPays({ batch, height, width, size, channels, filters }: ConvolutionShape): boolean {
  const out = (height - size + 1) * (width - size + 1)
  const frequencies = frequenciesOf(height, width)
  const direct = out * size * size * channels * filters
  const transforms = 2 * frequencies * (height * width * channels + out * filters)
  const kernel = (4 * frequencies * size * size * channels * filters) / batch
  return direct > WORTH_THE_DETOUR * (4 * frequencies * channels * filters + transforms + kernel)
}

/**
 * A valid convolution (stride 1) and its gradients through the Fourier transform. All of it is products of
 * matrices, so the gradients are the same with matrices transposed. With the real and the imaginary part of channels
 * side by side, a frequency's product is one of real matrices, [batch, 2 channels] [2 channels, 2 filters].
 *
 * A direct convolution of 5 x 5 points makes four times as many multiplications. What is transformed is mostly used
 * several times, and a recorded program does not repeat itself (recording.ts).
 */
export class SpectralConvolution {
  readonly #ops: NativeOps
  readonly #shape: ConvolutionShape
  readonly #matrices: Matrices

  constructor(ops: NativeOps, shape: ConvolutionShape) {
    this.#ops = ops
    this.#shape = shape
    this.#matrices = matricesOf(shape)
  }

  /** y [batch, out height, out width, filters] */
  output(x: Tensor, kernel: Tensor): Tensor {
    const { height, width, size, batch, filters } = this.#shape
    const found = this.#product(this.#ofImages(x), this.#ofKernel(kernel))
    const images = this.#byImage(found, filters)
    const y = this.#product(this.#matrices.inverse, images)
    return reshape(y, [batch, height - size + 1, width - size + 1, filters])
  }

  /** dL/dx for dL/dy */
  inputGradient(dy: Tensor, kernel: Tensor): Tensor {
    const { height, width, batch, channels } = this.#shape
    const found = this.#product(this.#ofOutputs(dy), this.#ofKernel(kernel), false, true)
    const images = this.#byImage(found, channels)
    return reshape(this.#product(this.#matrices.forward, images, true), [batch, height, width, channels])
  }

  /** dL/dkernel for dL/dy */
  kernelGradient(x: Tensor, dy: Tensor): Tensor {
    const { size, channels, filters } = this.#shape
    const { kernel, frequencies } = this.#matrices
    const found = this.#product(this.#ofImages(x), this.#ofOutputs(dy), true)
    const separated = transpose(reshape(found, [frequencies, 2, channels, 2, filters]), [0, 1, 3, 2, 4])
    const flat = reshape(separated, [4 * frequencies, channels * filters])
    const gradient = reshape(this.#product(kernel, flat, true), [size, size, channels, filters])
    return withoutRoundingNoise(gradient, x, dy)
  }

  /** [frequencies, batch, 2 channels] */
  #ofImages(x: Tensor): Tensor {
    const { batch, height, width, channels } = this.#shape
    const points = reshape(x, [batch, height * width, channels])
    return this.#byFrequency(this.#product(this.#matrices.forward, points), channels)
  }

  /** [frequencies, batch, 2 filters], of a gradient: the inverse transform's own transposed. */
  #ofOutputs(dy: Tensor): Tensor {
    const { batch, filters } = this.#shape
    return this.#byFrequency(
      this.#product(this.#matrices.inverse, reshape(dy, [batch, -1, filters]), true),
      filters
    )
  }

  /** [frequencies, 2 channels, 2 filters] */
  #ofKernel(kernel: Tensor): Tensor {
    const { size, channels, filters } = this.#shape
    const { frequencies } = this.#matrices
    const flat = reshape(kernel, [size * size, channels * filters])
    const separated = reshape(this.#product(this.#matrices.kernel, flat), [
      frequencies,
      2,
      2,
      channels,
      filters
    ])
    return reshape(transpose(separated, [0, 1, 3, 2, 4]), [frequencies, 2 * channels, 2 * filters])
  }

  /** [batch, 2 frequencies, depth] to [frequencies, batch, 2 depth] */
  #byFrequency(images: Tensor, depth: number): Tensor {
    return transpose(reshape(images, [this.#shape.batch, this.#matrices.frequencies, 2 * depth]), [1, 0, 2])
  }

  /** And back. */
  #byImage(found: Tensor, depth: number): Tensor {
    return reshape(transpose(found, [1, 0, 2]), [this.#shape.batch, 2 * this.#matrices.frequencies, depth])
  }

  /** Matrix by matrix; a single one serves for all of the other's. */
  #product(a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
    const attributes = [
      this.#ops.type('T', 'float32'),
      this.#ops.flag('adj_x', transposeA),
      this.#ops.flag('adj_y', transposeB)
    ]
    return this.#ops.run('BatchMatMulV2', attributes, [a, b])[0]!
  }
}

interface Matrices {
  readonly frequencies: number
  readonly forward: Tensor2D
  readonly inverse: Tensor2D
  readonly kernel: Tensor2D
}

const matricesOf = onceForShape(({ height, width, size }): Matrices => {
  const { frequencies, forward, inverse, kernel } = spectrumOf({ height, width, size })
  const out = (height - size + 1) * (width - size + 1)
  return {
    frequencies,
    forward: keep(tensor2d(forward, [2 * frequencies, height * width])),
    inverse: keep(tensor2d(inverse, [out, 2 * frequencies])),
    kernel: keep(tensor2d(kernel, [4 * frequencies, size * size]))
  }
})
