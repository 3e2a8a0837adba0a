import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { BilevelProblem } from './problem'
import type { BilevelSolver, SolverOptions, SolverState, StepResult } from './solver'
import { SolverCore, deviceNorm } from './solver-core'

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
export class GradientDescentSolver<B> implements BilevelSolver<B> {
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
    const ofBatch = this.problem.batchTensors?.(batch)
    const measured = core.descend(
      rows,
      this.#lowerSteps,
      () => ({
        direction: (v) => this.problem.lower({ u, v }, batch).gradient,
        upper: (v) => {
          const { value, upperGradient } = this.problem.upper({ u, v }, batch, { upperGradient: true })
          const lower = this.problem.lower({ u, v }, batch)
          return { along: upperGradient, f: value, g: lower.value, gradNormG: deviceNorm(lower.gradient) }
        }
      }),
      ofBatch && [u, ...ofBatch]
    )
    u.dispose()
    return core.conclude(
      measured,
      measured.gradNormLower,
      rows,
      'Take smaller learning rates (--lr-lower, --lr-upper).'
    )
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
