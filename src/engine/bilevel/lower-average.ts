import { add, keep, mul, sub, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'

/**
 * Exponential average of v over its steps, kept on the device: v of a large network takes longer to bring to the
 * host than to move. Call dispose.
 */
export class LowerAverage {
  #average: Tensor1D

  /** @param start [lowerSize] */
  constructor(start: Float32Array) {
    this.#average = keep(tensor1d(start))
  }

  /** average += rate (v - average) */
  follow(v: Tensor1D, rate: number): void {
    const before = this.#average
    this.#average = tidy(() => keep(add(before, mul(sub(v, before), rate))) as Tensor1D)
    before.dispose()
  }

  /** A host copy. */
  values(): Float32Array {
    return Float32Array.from(this.#average.dataSync())
  }

  restore(values: Float32Array): void {
    this.#average.dispose()
    this.#average = keep(tensor1d(values))
  }

  dispose(): void {
    this.#average.dispose()
  }
}
