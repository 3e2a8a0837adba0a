import { engine, keep, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { adamDescent } from '../tensors/kernels'
import type { AdamStepSize, DescentProgram, Recurrence } from '../tensors/kernels'

/** Adam (Kingma and Ba 2015): the settings both levels share. */
export interface AdamOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

const ADAM_DEFAULTS: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** Learning rates of steps that are all alike. */
export function constantRate(learningRate: number, steps: number): readonly number[] {
  return Array.from({ length: steps }, () => learningRate)
}

/** Adam on one flat device vector. It owns its moments: call dispose. */
export class DeviceAdam {
  readonly #options: AdamOptions
  #first: Tensor1D
  #second: Tensor1D
  #steps = 0

  constructor(size: number, options: AdamOptions = ADAM_DEFAULTS) {
    this.#options = options
    this.#first = zeros([size])
    this.#second = zeros([size])
  }

  /**
   * One step; `v` is disposed and its successor returned (kept: outside every tidy scope).
   * @param v parameters, [size], kept
   * @param gradient [size]
   */
  step(v: Tensor1D, gradient: Tensor1D, learningRate: number): Tensor1D {
    const { beta1, beta2 } = this.#options
    const inputs = { v, first: this.#first, second: this.#second, gradient }
    const attributes = { ...this.#nextSize(learningRate), beta1, beta2 }
    const [next, first, second] = tidy(() => {
      const made = engine().runKernel('BilevelAdamStep', inputs, attributes) as unknown as Tensor1D[]
      return made.map((tensor) => keep(tensor))
    })
    v.dispose()
    this.#replaceMoments(first!, second!)
    return next!
  }

  /**
   * As many steps as learning rates (at least one), each along the program's direction at the v it has reached; `v` is
   * disposed and its successor returned, with the direction of the last step and what the program concluded (all kept).
   * @param begin see adamDescent (tensors/kernels.ts) for what a program may do
   */
  descend(
    v: Tensor1D,
    begin: () => DescentProgram,
    learningRates: readonly number[],
    recurrence?: Recurrence
  ): { v: Tensor1D; last: Tensor1D; concluded: Tensor[] } {
    const sizes = learningRates.map((rate) => this.#nextSize(rate))
    const start = { v, first: this.#first, second: this.#second }
    const end = tidy(() => {
      const made = adamDescent(start, begin, sizes, this.#options, recurrence)
      for (const tensor of [made.v, made.first, made.second, made.last, ...made.concluded]) keep(tensor)
      return made as never
    }) as ReturnType<typeof adamDescent>
    v.dispose()
    this.#replaceMoments(end.first, end.second)
    return end
  }

  #nextSize(learningRate: number): AdamStepSize {
    this.#steps++
    const { beta1, beta2, epsilon } = this.#options
    // The two bias corrections folded into the step size and into epsilon, as in section 2 of the paper.
    const correction = Math.sqrt(1 - beta2 ** this.#steps)
    return {
      rate: (learningRate * correction) / (1 - beta1 ** this.#steps),
      epsilon: epsilon * correction
    }
  }

  #replaceMoments(first: Tensor1D, second: Tensor1D): void {
    this.#first.dispose()
    this.#second.dispose()
    this.#first = first
    this.#second = second
  }

  /** Forget the moments, for a vector that has nothing to do with the one before. */
  reset(): void {
    const size = this.#first.size
    this.restore({ first: new Float32Array(size), second: new Float32Array(size), steps: 0 })
  }

  save(): AdamState {
    return {
      first: Float32Array.from(this.#first.dataSync()),
      second: Float32Array.from(this.#second.dataSync()),
      steps: this.#steps
    }
  }

  restore(state: AdamState): void {
    this.dispose()
    this.#first = tensor1d(state.first)
    this.#second = tensor1d(state.second)
    this.#steps = state.steps
  }

  dispose(): void {
    this.#first.dispose()
    this.#second.dispose()
  }
}

export interface AdamState {
  readonly first: Float32Array
  readonly second: Float32Array
  readonly steps: number
}

/**
 * Adam on the host with moments and step counts for each entry: an entry that takes no part in a batch keeps
 * its moments untouched, so an example's momentum never moves another (docs/experiments.md measures what
 * sharing them by place in the batch costs).
 */
export class HostAdam {
  readonly first: Float32Array
  readonly second: Float32Array
  readonly steps: Int32Array
  readonly #options: AdamOptions

  constructor(size: number, options: AdamOptions = ADAM_DEFAULTS) {
    this.first = new Float32Array(size)
    this.second = new Float32Array(size)
    this.steps = new Int32Array(size)
    this.#options = options
  }

  /**
   * Move `values` against `gradient` in place.
   * @param rows entry of `values` of each gradient entry; the same position when absent
   * @param momentsOf whether moments belong to the entry of `values`, or to the place in the gradient
   */
  step(
    values: Float32Array,
    gradient: Float32Array,
    learningRate: number,
    rows?: Int32Array,
    momentsOf: 'entry' | 'place' = 'entry'
  ): void {
    const { beta1, beta2, epsilon } = this.#options
    for (let i = 0; i < gradient.length; i++) {
      const row = rows ? rows[i]! : i
      const slot = momentsOf === 'entry' ? row : i
      const slope = gradient[i]!
      const t = (this.steps[slot] = this.steps[slot]! + 1)
      const m = (this.first[slot] = beta1 * this.first[slot]! + (1 - beta1) * slope)
      const s = (this.second[slot] = beta2 * this.second[slot]! + (1 - beta2) * slope * slope)
      const corrected = Math.sqrt(s / (1 - beta2 ** t)) + epsilon
      values[row] = values[row]! - (learningRate * (m / (1 - beta1 ** t))) / corrected
    }
  }
}
