import { add, fill, keep, mul, scalar, sum, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { Levels } from '../levels'
import { deviceNorm, l2Norm } from '../norm'
import type { BilevelProblem, PenaltyProgram, PenaltyUpper, PenaltyWeights } from '../problem'
import { SlackConstraints } from '../slack-constraints'
import { float32, numberOf } from '../solver-state'
import type { SolverState } from '../solver-state'
import type { UpperDirection } from '../measurement'
import type { MeasuredStep, Method, MethodDefinition, MethodSettings, Step } from './method'

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
export interface PenaltySettings extends MethodSettings {
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

class Penalty<B> implements Method<B> {
  readonly #levels: Levels<B>
  readonly #settings: PenaltySettings
  #nu: Tensor1D
  #gamma: number
  #lambda: number
  #eps: number
  readonly #constraints: SlackConstraints | undefined
  /** The larger of both levels' gradients at the last step, by which the schedule goes. */
  #stationarity = Infinity

  constructor(levels: Levels<B>, settings: PenaltySettings) {
    const { lowerSize, constraints } = levels.problem
    this.#levels = levels
    this.#settings = settings
    this.#nu = keep(fill([lowerSize], settings.nu)) as Tensor1D
    this.#gamma = settings.gamma
    this.#lambda = settings.lambda
    this.#eps = settings.epsilon0
    this.#constraints = constraints && new SlackConstraints(constraints)
  }

  measure({ batch, rows, u }: Step<B>): MeasuredStep {
    const levels = this.#levels
    const { problem } = levels
    const weights = this.#weights()
    const { nu, gamma, lambda } = weights
    const batchTensors = problem.batchTensors?.(batch)
    const measured = levels.descend(
      rows,
      weights.steps,
      ['multiplierTerm'],
      () => {
        const program = programOf(problem, u, batch, weights)
        return { ...program, upper: (v: Tensor1D) => upperDirection(program.upper(v)) }
      },
      batchTensors && [u, nu, gamma, lambda, ...batchTensors]
    )
    for (const tensor of [gamma, lambda]) tensor.dispose()
    const violation = this.#constraints?.add(levels.upper, this.#gamma, measured.gradient, rows)
    this.#stationarity = Math.max(this.#upperNorm(measured.gradient, rows), measured.gradNormLower)
    const numbers = {
      penaltyTerm: (this.#gamma / 2) * measured.gradNormG ** 2,
      multiplierTerm: measured.more.multiplierTerm,
      gamma: this.#gamma,
      lambda: this.#lambda,
      eps: this.#eps,
      ...(violation === undefined ? {} : { violation })
    }
    return { ...measured, numbers }
  }

  advance(step: Step<B>): boolean {
    if (this.#stationarity < this.#eps) this.#advanceSchedule(step)
    return this.#eps < this.#settings.epsilonFinal
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
    const { upper, problem } = this.#levels
    if (!this.#settings.projectedStationarity || !problem.project) return l2Norm(gradient)
    const moved = upper.slice()
    gradient.forEach((slope, i) => (moved[rows ? rows[i]! : i]! -= slope))
    problem.project(moved)
    return l2Norm(moved.map((value, i) => value - upper[i]!))
  }

  #advanceSchedule({ u, batch }: Step<B>): void {
    const levels = this.#levels
    const { cGamma, cLambda, cEpsilon, lrDecay } = this.#settings
    const next = tidy(() => {
      const { gradient } = levels.problem.lower(levels.point(u), batch)
      return keep(add(this.#nu, mul(gradient, this.#gamma))) as Tensor1D
    })
    this.#nu.dispose()
    this.#nu = next
    this.#constraints?.advance(levels.upper, this.#gamma)
    this.#gamma *= cGamma
    this.#lambda *= cLambda
    this.#eps *= cEpsilon
    levels.decayRates(lrDecay)
  }

  save(): SolverState {
    return {
      numbers: { gamma: this.#gamma, lambda: this.#lambda, eps: this.#eps },
      arrays: {
        nu: Float32Array.from(this.#nu.dataSync()),
        ...(this.#constraints ? { constraintMultipliers: this.#constraints.multipliers.slice() } : {})
      }
    }
  }

  restore(state: SolverState): void {
    this.#gamma = numberOf(state, 'gamma')
    this.#lambda = numberOf(state, 'lambda')
    this.#eps = numberOf(state, 'eps')
    this.#nu.dispose()
    this.#nu = keep(tensor1d(float32(state, 'nu')))
    this.#constraints?.multipliers.set(float32(state, 'constraintMultipliers'))
  }

  dispose(): void {
    this.#nu.dispose()
  }
}

export const PENALTY: MethodDefinition<PenaltySettings> = {
  remedy: 'Take smaller learning rates (--lr-lower, --lr-upper) or a smaller --gamma.',
  takesConstraints: true,
  begin: (levels, settings) => new Penalty(levels, settings)
}

/** The problem's own evaluations, or else those from f, g and products with g's second derivatives. */
function programOf<B>(
  problem: BilevelProblem<B>,
  u: Tensor1D,
  batch: B,
  weights: PenaltyWeights
): PenaltyProgram {
  return problem.penaltyProgram?.(u, batch, weights) ?? plainProgram(problem, u, batch, weights)
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
      const total = upperGradient && mixed ? add(upperGradient, mixed) : (upperGradient ?? mixed)
      if (!total) throw new Error('Neither f nor g of this problem depends on u.')
      return {
        f: upper.value,
        g: lower.value,
        along: total as Tensor1D,
        gradNormG: deviceNorm(lower.gradient),
        // tfjs's own dot goes by a stack of matrices, ten times slower.
        multiplierTerm: sum(mul(nu, lower.gradient)) as Scalar
      }
    }
  }
}

function upperDirection({ multiplierTerm, ...direction }: PenaltyUpper): UpperDirection<'multiplierTerm'> {
  return { ...direction, more: { multiplierTerm } }
}
