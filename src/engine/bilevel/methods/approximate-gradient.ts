import { add, divNoNan, dot, fill, keep, mul, sub, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import { DeviceAdam } from '../adam'
import type { Levels } from '../levels'
import { deviceNorm } from '../norm'
import type { LowerEvaluation } from '../problem'
import { adamNamed, adamOf, float32, joined } from '../solver-state'
import type { SolverState } from '../solver-state'
import type { MeasuredStep, Method, MethodDefinition, MethodSettings, Step } from './method'

/**
 * ApproxGrad: the implicit hypergradient with the inverse replaced by an approximate solution of a linear
 * system (Pedregosa 2016, "Hyperparameter optimization with approximate gradient"; Mehra and Hamm 2021):
 *
 *   T Adam steps on v of g
 *   p ~ argmin ||(H_vv + sigma I) p - grad_v f||²     (T steps)
 *   u <- u - lr_u (grad_u f - J_uv' p)
 *
 * The authors take T Adam steps on p, from the p of the step before; conjugate gradients on the same least
 * squares (CGLS, Hestenes and Stiefel 1952) need no learning rate and also bear an indefinite or singular H.
 * Both cost two Hessian-vector products a step. Where the minimiser of g is not unique, v stays at whichever
 * one it reached first: the method cannot choose the one that serves f.
 */
export interface ApproximateGradientSettings extends MethodSettings {
  readonly linearSolver: 'adam' | 'cg'
  /** Steps on p. */
  readonly linearSteps: number
  /** Adam's learning rate on p. */
  readonly lrLinear: number
  readonly sigma: number
}

/** The authors' regularisation of the linear system. */
export const SIGMA = 1e-10

class ApproximateGradient<B> implements Method<B> {
  readonly #levels: Levels<B>
  readonly #settings: ApproximateGradientSettings
  readonly #linearAdam: DeviceAdam
  #p: Tensor1D

  constructor(levels: Levels<B>, settings: ApproximateGradientSettings) {
    const { lowerSize } = levels.problem
    this.#levels = levels
    this.#settings = settings
    this.#linearAdam = new DeviceAdam(lowerSize)
    this.#p = keep(fill([lowerSize], 0)) as Tensor1D
  }

  measure({ batch, rows, u }: Step<B>): MeasuredStep {
    const levels = this.#levels
    const { problem } = levels
    const batchTensors = problem.batchTensors?.(batch)
    const gradNormLower = levels.repeatLower(
      this.#settings.lowerSteps,
      (v) => problem.lower({ u, v }, batch).gradient,
      batchTensors && [u, ...batchTensors]
    )
    const measured = levels.measureUpper(rows, ['linearResidual'], () => {
      const upper = problem.upper(levels.point(u), batch, { upperGradient: true })
      const lower = problem.lower(levels.point(u), batch)
      const residual = this.#solve(lower, upper.lowerGradient)
      const { mixed } = lower.product(this.#p, { mixed: true })
      const indirect = mixed && (mul(mixed, -1) as Tensor1D)
      const along =
        upper.upperGradient && indirect
          ? (add(upper.upperGradient, indirect) as Tensor1D)
          : (upper.upperGradient ?? indirect)
      const numbers = { f: upper.value, g: lower.value, gradNormG: deviceNorm(lower.gradient) }
      return { along, ...numbers, more: { linearResidual: dot(residual, residual) as Scalar } }
    })
    return { ...measured, gradNormLower, numbers: measured.more }
  }

  /**
   * Improve p; it replaces the one kept.
   * @returns (H_vv + sigma I) p - grad_v f before the last step, [lowerSize]
   */
  #solve(lower: LowerEvaluation, target: Tensor1D): Tensor1D {
    return this.#settings.linearSolver === 'cg'
      ? this.#conjugateGradients(lower, target)
      : this.#adam(lower, target)
  }

  /** Gradient of the squared residual r: 2 (H + sigma I) r. */
  #adam(lower: LowerEvaluation, target: Tensor1D): Tensor1D {
    let residual = target
    for (let step = 0; step < this.#settings.linearSteps; step++) {
      const [r, gradient] = tidy(() => {
        const r = sub(this.#times(lower, this.#p), target) as Tensor1D
        return [r, mul(this.#times(lower, r), 2) as Tensor1D]
      }) as [Tensor1D, Tensor1D]
      if (step > 0) residual.dispose()
      residual = r
      this.#p = this.#linearAdam.step(this.#p, gradient, this.#settings.lrLinear)
      gradient.dispose()
    }
    return residual
  }

  /** CGLS from the p of the step before; everything stays on the device. */
  #conjugateGradients(lower: LowerEvaluation, target: Tensor1D): Tensor1D {
    const [p, residual] = tidy(() => {
      let p: Tensor1D = this.#p
      let residual = sub(target, this.#times(lower, p)) as Tensor1D
      let slope = this.#times(lower, residual)
      let direction = slope
      let square = dot(slope, slope)
      for (let step = 0; step < this.#settings.linearSteps; step++) {
        const image = this.#times(lower, direction)
        // Once solved, 0/0 is taken as a step of 0.
        const length = divNoNan(square, dot(image, image))
        p = add(p, mul(direction, length)) as Tensor1D
        residual = sub(residual, mul(image, length)) as Tensor1D
        slope = this.#times(lower, residual)
        const next = dot(slope, slope)
        direction = add(slope, mul(direction, divNoNan(next, square))) as Tensor1D
        square = next
      }
      return [keep(p), residual]
    }) as [Tensor1D, Tensor1D]
    this.#p.dispose()
    this.#p = p
    return residual
  }

  /** (H_vv + sigma I) p */
  #times(lower: LowerEvaluation, p: Tensor1D): Tensor1D {
    return add(lower.product(p, { hessian: true }).hessian!, mul(p, this.#settings.sigma)) as Tensor1D
  }

  save(): SolverState {
    const linearSolution = Float32Array.from(this.#p.dataSync())
    return joined({ numbers: {}, arrays: { linearSolution } }, adamNamed('linear', this.#linearAdam.save()))
  }

  restore(state: SolverState): void {
    this.#p.dispose()
    this.#p = keep(tensor1d(float32(state, 'linearSolution')))
    this.#linearAdam.restore(adamOf(state, 'linear'))
  }

  dispose(): void {
    this.#linearAdam.dispose()
    this.#p.dispose()
  }
}

export const APPROXIMATE_GRADIENT: MethodDefinition<ApproximateGradientSettings> = {
  remedy: 'Take smaller learning rates (--lr-lower, --lr-upper), or --linear-solver cg.',
  begin: (levels, settings) => new ApproximateGradient(levels, settings)
}
