import { add, keep, mul, scalar, tensor1d } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { Recordings } from '../../tensors/recordings'
import { constantRate, DeviceAdam } from '../adam'
import type { Levels } from '../levels'
import { adamNamed, adamOf, float32, joined, numberOf } from '../solver-state'
import type { SolverState } from '../solver-state'
import { gapDirection } from '../value-gap'
import type { MeasuredStep, Method, MethodDefinition, MethodSettings, Step } from './method'

/**
 * Value-function penalty, first order: the lower problem becomes g(u, v) - min_w g(u, w) <= 0, a penalty that
 * needs no second derivative at all (V-PBGD: Shen and Chen, ICML 2023). F2SA (f2sa.ts) is its sibling with plain
 * steps and a schedule of its own.
 *
 *   w <- w - lr_v grad_v g(u, w)                               (T steps)
 *   v <- v - lr_v [grad_v f(u, v) + gamma grad_v g(u, v)]      (T steps)
 *   u <- u - lr_u [grad_u f(u, v) + gamma (grad_u g(u, v) - grad_u g(u, w))]
 *
 * w follows the lower minimiser, v the minimiser of f + gamma g; gamma grows by a factor a step up to a cap.
 * The bias of the fixed point falls with 1/gamma, its conditioning worsens with gamma.
 */
export interface ValueFunctionSettings extends MethodSettings {
  readonly gamma: number
  /** Factor on gamma at each upper step. */
  readonly gammaGrowth: number
  readonly gammaMax: number
}

export const VALUE_FUNCTION_DEFAULTS = { gamma: 10, gammaGrowth: 1.002, gammaMax: 100 }

class ValueFunction<B> implements Method<B> {
  readonly #levels: Levels<B>
  readonly #settings: ValueFunctionSettings
  readonly #followerAdam: DeviceAdam
  readonly #recordings = new Recordings()
  /** w, [lowerSize] */
  #follower: Tensor1D
  #gamma: number

  constructor(levels: Levels<B>, settings: ValueFunctionSettings) {
    this.#levels = levels
    this.#settings = settings
    this.#followerAdam = new DeviceAdam(levels.problem.lowerSize)
    this.#follower = keep(tensor1d(levels.problem.initialLower()))
    this.#gamma = settings.gamma
  }

  restart(lower: Float32Array): void {
    this.#follower.dispose()
    this.#follower = keep(tensor1d(lower))
    this.#followerAdam.reset()
  }

  measure({ batch, rows, u }: Step<B>): MeasuredStep {
    const levels = this.#levels
    const { problem } = levels
    const gamma = keep(scalar(this.#gamma))
    const batchTensors = problem.batchTensors?.(batch)
    const inputs = batchTensors && [u, gamma, ...batchTensors]
    this.#descendFollower(u, batch, inputs)
    const direction = (v: Tensor1D): Tensor1D => {
      const { lowerGradient } = problem.upper({ u, v }, batch, { upperGradient: false })
      const { gradient } = problem.lower({ u, v }, batch)
      return add(lowerGradient, mul(gradient, gamma)) as Tensor1D
    }
    const gradNormLower = levels.repeatLower(this.#settings.lowerSteps, direction, inputs)
    gamma.dispose()
    const measured = levels.measureUpper(rows, ['gap'], () =>
      gapDirection(levels, u, this.#follower, this.#gamma, batch)
    )
    const numbers = { penaltyTerm: this.#gamma * measured.more.gap, gamma: this.#gamma }
    return { ...measured, gradNormLower, numbers }
  }

  advance(): boolean {
    this.#gamma = Math.min(this.#gamma * this.#settings.gammaGrowth, this.#settings.gammaMax)
    return false
  }

  #descendFollower(u: Tensor1D, batch: B, inputs: readonly Tensor[] | undefined): void {
    const { v: follower, last } = this.#followerAdam.descend(
      this.#follower,
      () => ({ direction: (v) => this.#levels.problem.lower({ u, v }, batch).gradient }),
      constantRate(this.#levels.lrLower, this.#settings.lowerSteps),
      inputs && { name: 'follower', inputs, recordings: this.#recordings }
    )
    this.#follower = follower
    last.dispose()
  }

  save(): SolverState {
    const follower = Float32Array.from(this.#follower.dataSync())
    const own = { numbers: { gamma: this.#gamma }, arrays: { follower } }
    return joined(own, adamNamed('follower', this.#followerAdam.save()))
  }

  restore(state: SolverState): void {
    this.#gamma = numberOf(state, 'gamma')
    this.#follower.dispose()
    this.#follower = keep(tensor1d(float32(state, 'follower')))
    this.#followerAdam.restore(adamOf(state, 'follower'))
  }

  dispose(): void {
    this.#followerAdam.dispose()
    this.#follower.dispose()
    this.#recordings.dispose()
  }
}

export const VALUE_FUNCTION: MethodDefinition<ValueFunctionSettings> = {
  hasFollower: true,
  remedy: 'Take smaller learning rates (--lr-lower, --lr-upper) or a smaller --gamma.',
  begin: (levels, settings) => new ValueFunction(levels, settings)
}
