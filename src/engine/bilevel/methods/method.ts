import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { StepNumbers } from '../../../shared/domain/run-event'
import type { LevelOptions, Levels } from '../levels'
import type { UpperMeasurement } from '../measurement'
import type { SolverState } from '../solver-state'

/** Settings that every method has. */
export interface MethodSettings extends LevelOptions {
  /** T: steps on v for each step on u. */
  readonly lowerSteps: number
}

/** How a method starts on a problem, what it needs, and what helps when it diverges. */
export interface MethodDefinition<Settings extends MethodSettings> {
  /** What to change when its numbers are no longer finite. */
  readonly remedy: string
  /** Whether it takes inequality constraints on u. */
  readonly takesConstraints?: true
  /** Whether it keeps a second lower variable at the minimum of g, which u must not outrun. */
  readonly hasFollower?: true
  begin<B>(levels: Levels<B>, settings: Settings): Method<B>
}

/** The directions of a method on one problem, and what it keeps from step to step. */
export interface Method<B> {
  /** T steps on v, then the direction of u at the v they have reached; u itself stays. */
  measure(step: Step<B>): MeasuredStep
  /** u has moved along a direction that was finite. @returns whether the method has converged */
  advance?(step: Step<B>): boolean
  /** v has been replaced: forget what belonged to the one before. */
  restart?(lower: Float32Array): void
  /** Of the method alone, where it keeps anything; the levels are saved beside it. */
  save?(): SolverState
  restore?(state: SolverState): void
  dispose?(): void
}

/** One step's batch, and the entries of u that belong to it. */
export interface Step<B> {
  readonly batch: B
  /** Entries of u; all of them when undefined. */
  readonly rows: Int32Array | undefined
  /** [rows], the solver's. */
  readonly u: Tensor1D
}

export interface MeasuredStep extends UpperMeasurement {
  /** ||grad_v h|| at the last lower step */
  readonly gradNormLower: number
  /** What this method tells beside the numbers that all have. */
  readonly numbers?: Partial<StepNumbers>
}
