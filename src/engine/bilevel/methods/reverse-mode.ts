import { add, mul, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { Levels } from '../levels'
import { deviceNorm } from '../norm'
import type { UpperDirection } from '../measurement'
import type { MeasuredStep, Method, MethodDefinition, MethodSettings, Step } from './method'

/**
 * RMD: unroll T gradient steps on g and differentiate backwards through them (Franceschi et al. 2017, "Forward
 * and reverse gradient-based hyperparameter optimization"; Mehra and Hamm 2021, appendix).
 *
 *   v_t+1 = v_t - lr_v grad_v g(u, v_t),  t = 0..T-1
 *   alpha = grad_v f(u, v_T), d = grad_u f(u, v_T)
 *   for t = T-1..0:  d -= lr_v J_uv'(u, v_t) alpha,  alpha -= lr_v H_vv(u, v_t) alpha
 *
 * then u along d; the next step starts from v_T. The steps are plain, not Adam's: the recursion is theirs, so
 * lrLower must suit a plain gradient. d is exact for the unrolled map, and tends to the hypergradient as T
 * grows where g is strongly convex. Every v_t is kept: memory is U + V T.
 */
class ReverseMode<B> implements Method<B> {
  readonly #levels: Levels<B>
  readonly #lowerSteps: number

  constructor(levels: Levels<B>, { lowerSteps }: MethodSettings) {
    this.#levels = levels
    this.#lowerSteps = lowerSteps
  }

  measure({ batch, rows, u }: Step<B>): MeasuredStep {
    const { trajectory, gradNormLower } = this.#descend(u, batch)
    const measured = this.#levels.measureUpper(rows, [], () => this.#differentiate(u, trajectory, batch))
    for (const v of trajectory) v.dispose()
    return { ...measured, gradNormLower }
  }

  /** T plain steps from v; v_0..v_T-1 are handed back, kept, and v_T is the levels'. */
  #descend(u: Tensor1D, batch: B): { trajectory: Tensor1D[]; gradNormLower: number } {
    const levels = this.#levels
    const trajectory: Tensor1D[] = []
    let gradNormLower = 0
    for (let t = 1; t <= this.#lowerSteps; t++) {
      trajectory.push(levels.v)
      levels.v = tidy(() => {
        const { gradient } = levels.problem.lower(levels.point(u), batch)
        if (t === this.#lowerSteps) gradNormLower = deviceNorm(gradient).dataSync()[0]!
        return levels.plainStep(gradient)
      })
    }
    return { trajectory, gradNormLower }
  }

  /** d, backwards along the trajectory. */
  #differentiate(u: Tensor1D, trajectory: readonly Tensor1D[], batch: B): UpperDirection {
    const levels = this.#levels
    const upper = levels.problem.upper(levels.point(u), batch, { upperGradient: true })
    const end = levels.problem.lower(levels.point(u), batch)
    let alpha: Tensor1D = upper.lowerGradient
    let along: Tensor1D | undefined = upper.upperGradient
    for (let t = trajectory.length - 1; t >= 0; t--) {
      // A scope a step: what it evaluates at v_t is gone before the next, only alpha and d remain.
      const [nextAlpha, nextAlong] = tidy(() => {
        const { hessian, mixed } = levels.problem
          .lower({ u, v: trajectory[t]! }, batch)
          .product(alpha, { hessian: true, mixed: true })
        const part = mixed && mul(mixed, -levels.lrLower)
        return [sub(alpha, mul(hessian!, levels.lrLower)), along && part ? add(along, part) : (part ?? along)]
      }) as [Tensor1D, Tensor1D | undefined]
      if (alpha !== upper.lowerGradient) alpha.dispose()
      if (along !== nextAlong && along !== upper.upperGradient) along?.dispose()
      alpha = nextAlpha
      along = nextAlong
    }
    return { along, f: upper.value, g: end.value, gradNormG: deviceNorm(end.gradient), more: {} }
  }
}

export const REVERSE_MODE: MethodDefinition<MethodSettings> = {
  remedy: 'RMD takes plain gradient steps on v: take a smaller --lr-lower, or a smaller --lr-upper.',
  begin: (levels, settings) => new ReverseMode(levels, settings)
}
