import { concat, keep, mul, ones, reshape, slice, tensor, tensor1d } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { computed } from '../../tensors/computed'
import type { Network, NetworkPass } from '../../models/network'
import type { ResidentExamples } from '../shared/resident-examples'

/** Images in one forward pass: bounds the memory of the activations. */
const CHUNK = 250

/**
 * A fixed representation: a trained trunk whose outputs are scaled by one number, so that an entry has a root
 * mean square of 1 over the training examples, and followed by a constant 1 (the head's bias). Rows are
 * [width]; width = trunk outputs + 1. It owns its tensors: call dispose.
 */
export class FeatureSpace {
  /** Trunk outputs and the constant. */
  readonly width: number
  readonly #parameters: Tensor1D
  #scale = 1

  constructor(
    readonly trunk: Network,
    parameters: Float32Array
  ) {
    this.width = trunk.outputSize + 1
    this.#parameters = keep(tensor1d(parameters))
  }

  get scale(): number {
    return this.#scale
  }

  /**
   * Set the scale from the training examples' features and return these, row-major [rows, width].
   * @param outputs trunk outputs where they are known, row-major [rows, width - 1]; else computed
   */
  fit(examples: ResidentExamples, rows: Int32Array, outputs?: Float32Array): Float32Array {
    this.#scale = 1
    const features = outputs ? this.scaled(outputs) : this.of(examples, rows)
    const isOutput = (i: number): boolean => i % this.width < this.width - 1
    const total = features.reduce((sum, value, i) => (isOutput(i) ? sum + value * value : sum), 0)
    this.#scale = 1 / Math.max(Math.sqrt(total / (rows.length * (this.width - 1))), 1e-12)
    return features.map((value, i) => (isOutput(i) ? value * this.#scale : value))
  }

  /** Trunk outputs known from elsewhere as features of this space. @param outputs row-major [rows, width - 1] */
  scaled(outputs: Float32Array): Float32Array {
    const count = outputs.length / (this.width - 1)
    const features = new Float32Array(count * this.width).fill(1)
    outputs.forEach((value, i) => {
      const row = Math.floor(i / (this.width - 1))
      features[row * this.width + (i % (this.width - 1))] = value * this.#scale
    })
    return features
  }

  /** Features of rows of examples, row-major [rows, width]. */
  of(examples: ResidentExamples, rows: Int32Array): Float32Array {
    return this.#chunked(rows.length, (from, to) => examples.read(rows.subarray(from, to)))
  }

  /** Features of images given as values in 0..1, row-major [images, width]. */
  ofImages(images: Float32Array): Float32Array {
    const size = this.#exampleSize
    return this.#chunked(images.length / size, (from, to) => images.subarray(from * size, to * size))
  }

  /**
   * Features of images on the device with the way back to the pixels.
   * Tensors belong to the caller's tidy scope.
   * @param pixels [images * example size] or [images, ...shape]
   */
  forward(pixels: Tensor): FeaturePass {
    const count = pixels.size / this.#exampleSize
    const x = reshape(pixels, [count, ...this.trunk.inputShape])
    const pass = this.trunk.forward(this.#parameters, x)
    const scaled = mul(pass.output, this.#scale) as Tensor2D
    return new FeaturePass(pass, concat([scaled, ones([count, 1])], 1), this.#scale)
  }

  get #exampleSize(): number {
    return this.trunk.inputShape.reduce((product, side) => product * side, 1)
  }

  #chunked(count: number, read: (from: number, to: number) => Float32Array): Float32Array {
    const out = new Float32Array(count * this.width)
    for (let from = 0; from < count; from += CHUNK) {
      const to = Math.min(count, from + CHUNK)
      const values = computed(() => this.forward(tensor(read(from, to))).features)
      out.set(values, from * this.width)
    }
    return out
  }

  dispose(): void {
    this.#parameters.dispose()
  }
}

export class FeaturePass {
  constructor(
    private readonly pass: NetworkPass,
    /** [images, width] */
    readonly features: Tensor2D,
    private readonly scale: number
  ) {}

  /** Gradient of a scalar with respect to the pixels, [all pixels]. @param dFeatures [images, width] */
  pullBack(dFeatures: Tensor2D): Tensor1D {
    const [count, width] = dFeatures.shape
    const outputs = mul(slice(dFeatures, [0, 0], [count, width - 1]), this.scale)
    return reshape(this.pass.inputGradient(outputs), [-1])
  }
}
