/** The importance weights after each epoch, one epoch after the other in one array, so that a checkpoint can hold them. */
export class WeightHistory {
  readonly #examples: number
  #values: Float32Array
  #epochs: number

  /** @param earlier what a checkpoint held */
  constructor(examples: number, mostEpochs: number, earlier: ArrayLike<number> = []) {
    this.#examples = examples
    this.#epochs = Math.floor(earlier.length / examples)
    this.#values = new Float32Array(examples * Math.max(mostEpochs, this.#epochs))
    this.#values.set(earlier)
  }

  push(weights: Float32Array): void {
    this.#values.set(weights, this.#examples * this.#epochs++)
  }

  get values(): Float32Array {
    return this.#values.subarray(0, this.#examples * this.#epochs)
  }

  /** The weights of all examples, an epoch each. */
  rows(): Float32Array[] {
    return Array.from({ length: this.#epochs }, (_, epoch) =>
      this.#values.subarray(this.#examples * epoch, this.#examples * (epoch + 1))
    )
  }
}
