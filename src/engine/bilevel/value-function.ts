import { add, keep, mul, scalar, sub, tensor1d } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { Recordings } from '../autodiff/recordings'
import { DeviceAdam } from './adam'
import type { BilevelProblem, Point } from './problem'
import type { BilevelSolver, SolverOptions, SolverState, StepResult } from './solver'
import { SolverCore, deviceNorm, float32, numberOf } from './solver-core'
import type { UpperDirection } from './solver-core'

/**
 * Value-function penalty, first order: the lower problem becomes g(u, v) - min_w g(u, w) <= 0, a penalty that
 * needs no second derivative at all (V-PBGD: Shen and Chen, ICML 2023; F2SA: Kwon et al., ICML 2023).
 *
 *   w <- w - lr_v grad_v g(u, w)                               (T steps)
 *   v <- v - lr_v [grad_v f(u, v) + gamma grad_v g(u, v)]      (T steps)
 *   u <- u - lr_u [grad_u f(u, v) + gamma (grad_u g(u, v) - grad_u g(u, w))]
 *
 * w follows the lower minimiser, v the minimiser of f + gamma g; gamma grows by a factor a step up to a cap,
 * as in F2SA. The bias of the fixed point falls with 1/gamma, its conditioning worsens with gamma.
 */
export interface ValueFunctionSettings extends SolverOptions {
  readonly gamma: number
  /** Factor on gamma at each upper step. */
  readonly gammaGrowth: number
  readonly gammaMax: number
}

export const VALUE_FUNCTION_DEFAULTS = { gamma: 10, gammaGrowth: 1.002, gammaMax: 100 }

const REMEDY = 'Take smaller learning rates (--lr-lower, --lr-upper) or a smaller --gamma.'

export class ValueFunctionSolver<B> implements BilevelSolver<B> {
  readonly problem: BilevelProblem<B>
  readonly #settings: ValueFunctionSettings
  readonly #core: SolverCore<B>
  readonly #followerAdam: DeviceAdam
  readonly #recordings = new Recordings()
  /** w, [lowerSize] */
  #follower: Tensor1D
  #gamma: number

  constructor(problem: BilevelProblem<B>, settings: ValueFunctionSettings) {
    this.problem = problem
    this.#settings = settings
    this.#core = new SolverCore(problem, settings)
    this.#followerAdam = new DeviceAdam(problem.lowerSize)
    this.#follower = keep(tensor1d(problem.initialLower()))
    this.#gamma = settings.gamma
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
    this.#follower.dispose()
    this.#follower = keep(tensor1d(values))
    this.#followerAdam.reset()
  }

  step(batch: B): StepResult {
    const core = this.#core
    const rows = core.rows(batch)
    const u = core.upload(rows)
    const gamma = keep(scalar(this.#gamma))
    const ofBatch = this.problem.batchTensors?.(batch)
    const inputs = ofBatch && [u, gamma, ...ofBatch]
    this.#descendFollower(u, batch, inputs)
    const direction = (v: Tensor1D): Tensor1D => {
      const { lowerGradient } = this.problem.upper({ u, v }, batch, { upperGradient: false })
      const { gradient } = this.problem.lower({ u, v }, batch)
      return add(lowerGradient, mul(gradient, gamma)) as Tensor1D
    }
    const lowerNorm = core.repeatLower(this.#settings.lowerSteps, direction, inputs)
    gamma.dispose()
    const measured = core.measureUpper(rows, () => this.#upperDirection(u, batch))
    u.dispose()
    const result = core.conclude(measured, lowerNorm, rows, REMEDY, {
      penaltyTerm: this.#gamma * measured.more['gap']!,
      gamma: this.#gamma
    })
    if (result.ok) {
      this.#gamma = Math.min(this.#gamma * this.#settings.gammaGrowth, this.#settings.gammaMax)
    }
    return result
  }

  #descendFollower(u: Tensor1D, batch: B, inputs: readonly Tensor[] | undefined): void {
    const { v: follower, last } = this.#followerAdam.descend(
      this.#follower,
      () => ({ direction: (v) => this.problem.lower({ u, v }, batch).gradient }),
      this.#settings.lowerSteps,
      this.#core.lrLower,
      inputs && { name: 'follower', inputs, recordings: this.#recordings }
    )
    this.#follower = follower
    last.dispose()
  }

  #followerPoint(u: Tensor1D): Point {
    return { u, v: this.#follower }
  }

  #upperDirection(u: Tensor1D, batch: B): UpperDirection {
    const point = this.#core.point(u)
    const upper = this.problem.upper(point, batch, { upperGradient: true })
    const lower = this.problem.lower(point, batch)
    const follower = this.problem.lower(this.#followerPoint(u), batch)
    const [atLower, atFollower] = [lower.upperGradient(), follower.upperGradient()]
    const indirect =
      atLower && atFollower ? (mul(sub(atLower, atFollower), this.#gamma) as Tensor1D) : undefined
    const along =
      upper.upperGradient && indirect
        ? (add(upper.upperGradient, indirect) as Tensor1D)
        : (upper.upperGradient ?? indirect)
    return {
      along,
      f: upper.value,
      g: lower.value,
      gradNormG: deviceNorm(lower.gradient),
      more: { gap: sub(lower.value, follower.value) as Scalar }
    }
  }

  save(): SolverState {
    const core = this.#core.save()
    const adam = this.#followerAdam.save()
    return {
      numbers: { ...core.numbers, gamma: this.#gamma, followerAdamSteps: adam.steps },
      arrays: {
        ...core.arrays,
        follower: Float32Array.from(this.#follower.dataSync()),
        followerAdamFirst: adam.first,
        followerAdamSecond: adam.second
      }
    }
  }

  restore(state: SolverState): void {
    this.#core.restore(state)
    this.#gamma = numberOf(state, 'gamma')
    this.#follower.dispose()
    this.#follower = keep(tensor1d(float32(state, 'follower')))
    this.#followerAdam.restore({
      first: float32(state, 'followerAdamFirst'),
      second: float32(state, 'followerAdamSecond'),
      steps: numberOf(state, 'followerAdamSteps')
    })
  }

  dispose(): void {
    this.#core.dispose()
    this.#followerAdam.dispose()
    this.#follower.dispose()
    this.#recordings.dispose()
  }
}
