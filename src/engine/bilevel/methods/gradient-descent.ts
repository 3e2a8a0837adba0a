import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { Levels } from '../levels'
import { deviceNorm } from '../norm'
import type { MeasuredStep, Method, MethodDefinition, MethodSettings, Step } from './method'

/**
 * GD: alternate T steps on v along grad_v g and one on u along grad_u f, as if v did not depend on u
 * (the baseline "GD" of Mehra and Hamm, ACML 2021, section 3.1):
 *
 *   v <- v - lr_v grad_v g(u, v)   (T times)
 *   u <- u - lr_u grad_u f(u, v)
 *
 * It solves the game in which neither level foresees the other, which is the bilevel problem only by chance.
 * Where f does not depend on u directly (importance weights, hyperparameters) u never moves.
 */
class GradientDescent<B> implements Method<B> {
  readonly #levels: Levels<B>
  readonly #lowerSteps: number

  constructor(levels: Levels<B>, { lowerSteps }: MethodSettings) {
    this.#levels = levels
    this.#lowerSteps = lowerSteps
  }

  measure({ batch, rows, u }: Step<B>): MeasuredStep {
    const { problem } = this.#levels
    const batchTensors = problem.batchTensors?.(batch)
    return this.#levels.descend(
      rows,
      this.#lowerSteps,
      [],
      () => ({
        direction: (v: Tensor1D) => problem.lower({ u, v }, batch).gradient,
        upper: (v: Tensor1D) => {
          const { value, upperGradient } = problem.upper({ u, v }, batch, { upperGradient: true })
          const lower = problem.lower({ u, v }, batch)
          const gradNormG = deviceNorm(lower.gradient)
          return { along: upperGradient, f: value, g: lower.value, gradNormG, more: {} }
        }
      }),
      batchTensors && [u, ...batchTensors]
    )
  }
}

export const GRADIENT_DESCENT: MethodDefinition<MethodSettings> = {
  remedy: 'Take smaller learning rates (--lr-lower, --lr-upper).',
  begin: (levels, settings) => new GradientDescent(levels, settings)
}
