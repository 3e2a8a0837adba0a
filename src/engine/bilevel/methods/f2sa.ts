import { add, keep, mul, sub, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { Levels } from '../levels'
import { deviceNorm } from '../norm'
import { float32, numberOf } from '../solver-state'
import type { SolverState } from '../solver-state'
import { gapDirection } from '../value-gap'
import type { MeasuredStep, Method, MethodDefinition, MethodSettings, Step } from './method'

/**
 * F2SA, fully first order (Kwon, Kwon, Wright and Nowak, "A fully first-order method for stochastic bilevel
 * optimization", ICML 2023, Algorithm 1). No second derivative, and plain gradient steps on both lower variables:
 *
 *   z <- z - lr_v grad_v g(u, z)                                               (T steps)
 *   y <- y - lr_v / (2 lambda) [grad_v f(u, y) + lambda grad_v g(u, y)]        (T steps)
 *   u along grad_u f(u, y) + lambda [grad_u g(u, y) - grad_u g(u, z)]
 *   lambda <- lambda + delta
 *
 * y is this method's v. Its rate falls as lambda grows (alpha = gamma / 2 lambda in the paper), so that both
 * variables see g's curvature alike. lambda grows with the cube root of the step, the paper's choice where the
 * gradients are exact; u takes Adam's step as with every method here, where the paper takes a plain one.
 * The bias of the fixed point falls with 1 / lambda.
 */
export interface F2saSettings extends MethodSettings {
  /** lambda before the first step */
  readonly gamma: number
  /** Upper steps after which lambda has doubled; after 26 times as many it is three times as large. */
  readonly doubling: number
}

export const F2SA_DEFAULTS = { gamma: 10, doubling: 100 }

class F2sa<B> implements Method<B> {
  readonly #levels: Levels<B>
  readonly #settings: F2saSettings
  /** z, [lowerSize] */
  #follower: Tensor1D
  #steps = 0

  constructor(levels: Levels<B>, settings: F2saSettings) {
    this.#levels = levels
    this.#settings = settings
    this.#follower = keep(tensor1d(levels.problem.initialLower()))
  }

  /** lambda (1 + 7 k / doubling)^(1/3) */
  get #lambda(): number {
    const { gamma, doubling } = this.#settings
    return gamma * Math.cbrt(1 + (7 * this.#steps) / doubling)
  }

  measure({ batch, rows, u }: Step<B>): MeasuredStep {
    const levels = this.#levels
    const { problem, lrLower } = levels
    const lambda = this.#lambda
    let gradNormLower = 0
    for (let t = 1; t <= this.#settings.lowerSteps; t++) {
      this.#follower = replaced(this.#follower, (z) =>
        mul(problem.lower({ u, v: z }, batch).gradient, lrLower)
      )
      levels.v = replaced(levels.v, (v) => {
        const { lowerGradient } = problem.upper({ u, v }, batch, { upperGradient: false })
        const { gradient } = problem.lower({ u, v }, batch)
        const direction = add(lowerGradient, mul(gradient, lambda)) as Tensor1D
        if (t === this.#settings.lowerSteps) gradNormLower = deviceNorm(direction).dataSync()[0]!
        return mul(direction, lrLower / (2 * lambda))
      })
    }
    const measured = levels.measureUpper(rows, ['gap'], () =>
      gapDirection(levels, u, this.#follower, lambda, batch)
    )
    return { ...measured, gradNormLower, numbers: { penaltyTerm: lambda * measured.more.gap, gamma: lambda } }
  }

  advance(): boolean {
    this.#steps += 1
    return false
  }

  restart(lower: Float32Array): void {
    this.#follower.dispose()
    this.#follower = keep(tensor1d(lower))
  }

  save(): SolverState {
    const follower = Float32Array.from(this.#follower.dataSync())
    return { numbers: { f2saSteps: this.#steps }, arrays: { follower } }
  }

  restore(state: SolverState): void {
    this.#steps = numberOf(state, 'f2saSteps')
    this.restart(float32(state, 'follower'))
  }

  dispose(): void {
    this.#follower.dispose()
  }
}

/** x - step(x), kept; x itself is disposed. */
function replaced(x: Tensor1D, step: (x: Tensor1D) => Tensor1D): Tensor1D {
  const next = tidy(() => keep(sub(x, step(x)) as Tensor1D))
  x.dispose()
  return next
}

export const F2SA: MethodDefinition<F2saSettings> = {
  remedy: 'F2SA takes plain gradient steps on v: take a smaller --lr-lower, or a smaller --lr-upper.',
  hasFollower: true,
  begin: (levels, settings) => new F2sa(levels, settings)
}
