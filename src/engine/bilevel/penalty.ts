import { add, fill, keep, mul, scalar, sum, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { BilevelProblem, PenaltyProgram, PenaltyUpper, PenaltyWeights } from './problem'
import { SlackConstraints } from './slack-constraints'
import type { BilevelSolver, SolverOptions, SolverState, StepResult } from './solver'
import { SolverCore, deviceNorm, float32, l2Norm, numberOf } from './solver-core'
import type { UpperDirection } from './solver-core'

/**
 * Penalty (Mehra and Hamm, ACML 2021, Algorithm 1). The lower problem is replaced by its stationarity
 * condition grad_v g = 0, which enters the objective as an augmented-Lagrangian penalty:
 *
 *   h(u, v)   = f + nu . grad_v g + gamma/2 ||grad_v g||²
 *   h_v(u, v) = h + lambda g                  (keeps v at a minimum of g instead of a saddle)
 *
 * T Adam steps on v of h_v, one on u of h. With p = nu + gamma grad_v g held constant,
 * grad h = grad f + grad <grad_v g, p>: one Hessian-vector product a step, no inverse, memory U + V.
 * Where grad_v h = 0 (nu = lambda = 0), gamma grad_v g = -H_vv^-1 grad_v f, so grad_u h is the exact
 * hypergradient at a v that tends to v* as gamma grows.
 *
 * When the gradients of both levels fall under eps: nu += gamma grad_v g, gamma *= cGamma,
 * lambda *= cLambda, eps *= cEpsilon, and both learning rates shrink by lrDecay.
 *
 * Inequality constraints h(u) <= 0 enter the same way, with slack variables (slack-constraints.ts).
 */
export interface PenaltySettings extends SolverOptions {
  readonly gamma: number
  readonly lambda: number
  readonly epsilon0: number
  /** Initial value of every entry of nu. */
  readonly nu: number
  readonly cGamma: number
  readonly cLambda: number
  readonly cEpsilon: number
  /** 1 leaves the learning rates as they are; the authors use 0.9. */
  readonly lrDecay: number
  /**
   * Judge u by the part of its gradient that moves it inside U, ||u - project(u - grad_u h)||: at the edge of a
   * box or ball the plain gradient never vanishes, and the schedule waits for ever.
   */
  readonly projectedStationarity?: boolean
  /** The run has converged once eps has shrunk below this. */
  readonly epsilonFinal: number
}

export const PENALTY_DEFAULTS: PenaltySettings = {
  lowerSteps: 20,
  lrUpper: 0.05,
  lrLower: 1e-3,
  gamma: 1,
  lambda: 1,
  epsilon0: 0.01,
  nu: 1e-4,
  cGamma: 1.1,
  cLambda: 0.9,
  cEpsilon: 0.9,
  lrDecay: 1,
  epsilonFinal: 1e-7
}

const REMEDY = 'Take smaller learning rates (--lr-lower, --lr-upper) or a smaller --gamma.'

export class PenaltySolver<B> implements BilevelSolver<B> {
  readonly problem: BilevelProblem<B>
  readonly #settings: PenaltySettings
  readonly #core: SolverCore<B>
  #nu: Tensor1D
  #gamma: number
  #lambda: number
  #eps: number
  readonly #constraints: SlackConstraints | undefined

  constructor(problem: BilevelProblem<B>, settings: PenaltySettings) {
    this.problem = problem
    this.#settings = settings
    this.#core = new SolverCore(problem, settings)
    this.#nu = keep(fill([problem.lowerSize], settings.nu)) as Tensor1D
    this.#gamma = settings.gamma
    this.#lambda = settings.lambda
    this.#eps = settings.epsilon0
    this.#constraints = problem.constraints && new SlackConstraints(problem.constraints)
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
    const weights = this.#weights()
    const { nu, gamma, lambda } = weights
    const ofBatch = this.problem.batchTensors?.(batch)
    const measured = core.descend(
      rows,
      weights.steps,
      () => {
        const program = this.#program(u, batch, weights)
        return { ...program, upper: (v) => upperDirection(program.upper(v)) }
      },
      ofBatch && [u, nu, gamma, lambda, ...ofBatch]
    )
    for (const tensor of [gamma, lambda]) tensor.dispose()
    const violation = this.#constraints?.add(core.upper, this.#gamma, measured.gradient, rows)
    const upperNorm = this.#upperNorm(measured.gradient, rows)
    const result = core.conclude(measured, measured.gradNormLower, rows, REMEDY, {
      penaltyTerm: (this.#gamma / 2) * measured.gradNormG ** 2,
      multiplierTerm: measured.more['multiplierTerm'],
      gamma: this.#gamma,
      lambda: this.#lambda,
      eps: this.#eps,
      ...(violation === undefined ? {} : { violation })
    })
    if (result.ok && Math.max(upperNorm, result.report.gradNormLower) < this.#eps) {
      this.#advanceSchedule(u, batch)
    }
    u.dispose()
    return result.ok ? { ...result, converged: this.#eps < this.#settings.epsilonFinal } : result
  }

  #weights(): PenaltyWeights {
    return {
      nu: this.#nu,
      gamma: keep(scalar(this.#gamma)),
      lambda: keep(scalar(this.#lambda)),
      steps: this.#settings.lowerSteps
    }
  }

  /** What the schedule takes for the size of u's gradient. */
  #upperNorm(gradient: Float32Array, rows: Int32Array | undefined): number {
    if (!this.#settings.projectedStationarity || !this.problem.project) return l2Norm(gradient)
    const { upper } = this.#core
    const moved = upper.slice()
    gradient.forEach((slope, i) => (moved[rows ? rows[i]! : i]! -= slope))
    this.problem.project(moved)
    return l2Norm(moved.map((value, i) => value - upper[i]!))
  }

  #program(u: Tensor1D, batch: B, weights: PenaltyWeights): PenaltyProgram {
    const { problem } = this
    return problem.penaltyProgram?.(u, batch, weights) ?? plainProgram(problem, u, batch, weights)
  }

  #advanceSchedule(u: Tensor1D, batch: B): void {
    const { cGamma, cLambda, cEpsilon, lrDecay } = this.#settings
    const next = tidy(() => {
      const { gradient } = this.problem.lower(this.#core.point(u), batch)
      return keep(add(this.#nu, mul(gradient, this.#gamma))) as Tensor1D
    })
    this.#nu.dispose()
    this.#nu = next
    this.#constraints?.advance(this.#core.upper, this.#gamma)
    this.#gamma *= cGamma
    this.#lambda *= cLambda
    this.#eps *= cEpsilon
    this.#core.decayRates(lrDecay)
  }

  save(): SolverState {
    const core = this.#core.save()
    return {
      numbers: { ...core.numbers, gamma: this.#gamma, lambda: this.#lambda, eps: this.#eps },
      arrays: {
        ...core.arrays,
        nu: Float32Array.from(this.#nu.dataSync()),
        ...(this.#constraints ? { constraintMultipliers: this.#constraints.multipliers.slice() } : {})
      }
    }
  }

  restore(state: SolverState): void {
    this.#core.restore(state)
    this.#gamma = numberOf(state, 'gamma')
    this.#lambda = numberOf(state, 'lambda')
    this.#eps = numberOf(state, 'eps')
    this.#nu.dispose()
    this.#nu = keep(tensor1d(float32(state, 'nu')))
    this.#constraints?.multipliers.set(float32(state, 'constraintMultipliers'))
  }

  dispose(): void {
    this.#core.dispose()
    this.#nu.dispose()
  }
}

/** Penalty's evaluations from f, g and products with g's second derivatives. */
function plainProgram<B>(
  problem: BilevelProblem<B>,
  u: Tensor1D,
  batch: B,
  { nu, gamma, lambda }: PenaltyWeights
): PenaltyProgram {
  /** p = nu + gamma grad_v g, a constant in what follows. */
  const along = (lowerGradient: Tensor1D): Tensor1D => add(nu, mul(lowerGradient, gamma))
  return {
    direction: (v) => {
      const { lowerGradient } = problem.upper({ u, v }, batch, { upperGradient: false })
      const lower = problem.lower({ u, v }, batch)
      const { hessian } = lower.product(along(lower.gradient), { hessian: true })
      return add(add(lowerGradient, mul(lower.gradient, lambda)), hessian!)
    },
    upper: (v) => {
      const upper = problem.upper({ u, v }, batch, { upperGradient: true })
      const lower = problem.lower({ u, v }, batch)
      const { mixed } = lower.product(along(lower.gradient), { mixed: true })
      const { upperGradient } = upper
      const whole = upperGradient && mixed ? add(upperGradient, mixed) : (upperGradient ?? mixed)
      if (!whole) throw new Error('Neither f nor g of this problem depends on u.')
      return {
        f: upper.value,
        g: lower.value,
        along: whole as Tensor1D,
        gradNormG: deviceNorm(lower.gradient),
        // tfjs's own dot goes by a stack of matrices, ten times slower.
        multiplierTerm: sum(mul(nu, lower.gradient)) as Scalar
      }
    }
  }
}

function upperDirection({ multiplierTerm, ...direction }: PenaltyUpper): UpperDirection {
  return { ...direction, more: { multiplierTerm } }
}
