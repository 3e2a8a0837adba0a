import { add, mul, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { BilevelProblem } from './problem'
import type { BilevelSolver, SolverOptions, SolverState, StepResult } from './solver'
import { SolverCore, deviceNorm } from './solver-core'
import type { UpperDirection } from './solver-core'

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
export class ReverseModeSolver<B> implements BilevelSolver<B> {
  readonly problem: BilevelProblem<B>
  readonly #lowerSteps: number
  readonly #core: SolverCore<B>

  constructor(problem: BilevelProblem<B>, options: SolverOptions) {
    this.problem = problem
    this.#lowerSteps = options.lowerSteps
    this.#core = new SolverCore(problem, options)
  }

  get upper(): Float32Array {
    return this.#core.upper
  }

  get lowerOnDevice(): Tensor1D {
    return this.#core.v
  }

  lower(): Float32Array {
    return this.#core.lower()
  }

  setLower(values: Float32Array): void {
    this.#core.setLower(values)
  }

  step(batch: B): StepResult {
    const core = this.#core
    const rows = core.rows(batch)
    const u = core.upload(rows)
    const { trajectory, lowerNorm } = this.#descend(u, batch)
    const measured = core.measureUpper(rows, () => this.#differentiate(u, trajectory, batch))
    for (const v of trajectory) v.dispose()
    u.dispose()
    return core.conclude(
      measured,
      lowerNorm,
      rows,
      'RMD takes plain gradient steps on v: take a smaller --lr-lower, or a smaller --lr-upper.'
    )
  }

  /** T plain steps from v; v_0..v_T-1 are handed back, kept, and v_T is the core's. */
  #descend(u: Tensor1D, batch: B): { trajectory: Tensor1D[]; lowerNorm: number } {
    const core = this.#core
    const trajectory: Tensor1D[] = []
    let lowerNorm = 0
    for (let t = 1; t <= this.#lowerSteps; t++) {
      trajectory.push(core.v)
      core.v = tidy(() => {
        const { gradient } = this.problem.lower(core.point(u), batch)
        if (t === this.#lowerSteps) lowerNorm = deviceNorm(gradient).dataSync()[0]!
        return core.plainStep(gradient)
      })
    }
    return { trajectory, lowerNorm }
  }

  /** d, backwards along the trajectory. */
  #differentiate(u: Tensor1D, trajectory: readonly Tensor1D[], batch: B): UpperDirection {
    const core = this.#core
    const upper = this.problem.upper(core.point(u), batch, { upperGradient: true })
    const end = this.problem.lower(core.point(u), batch)
    let alpha: Tensor1D = upper.lowerGradient
    let along: Tensor1D | undefined = upper.upperGradient
    for (let t = trajectory.length - 1; t >= 0; t--) {
      // A scope a step: what it evaluates at v_t is gone before the next, only alpha and d remain.
      const [nextAlpha, nextAlong] = tidy(() => {
        const { hessian, mixed } = this.problem
          .lower({ u, v: trajectory[t]! }, batch)
          .product(alpha, { hessian: true, mixed: true })
        const part = mixed && mul(mixed, -core.lrLower)
        return [sub(alpha, mul(hessian!, core.lrLower)), along && part ? add(along, part) : (part ?? along)]
      }) as [Tensor1D, Tensor1D | undefined]
      if (alpha !== upper.lowerGradient) alpha.dispose()
      if (along !== nextAlong && along !== upper.upperGradient) along?.dispose()
      alpha = nextAlpha
      along = nextAlong
    }
    return { along, f: upper.value, g: end.value, gradNormG: deviceNorm(end.gradient) }
  }

  save(): SolverState {
    return this.#core.save()
  }

  restore(state: SolverState): void {
    this.#core.restore(state)
  }

  dispose(): void {
    this.#core.dispose()
  }
}
