import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { StepNumbers } from '../../../shared/domain/run-event'
import type { StepProgram } from '../../tensors/kernels'
import type { LevelOptions, Levels } from '../levels'
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
  /** Of the method alone; the levels are saved beside it. */
  save(): SolverState
  restore(state: SolverState): void
  dispose(): void
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

/** A method's step on one batch, as one program. */
export interface MethodProgram<Name extends string> extends StepProgram {
  /** At the v that the steps have reached. */
  upper(v: Tensor1D): UpperDirection<Name>
}

/** What a method found at the end of its lower steps; tensors of the caller's tidy scope. */
export interface UpperDirection<Name extends string = never> {
  /** Direction to descend, [rows]; undefined where the method sees no dependence on u. */
  readonly along: Tensor1D | undefined
  readonly f: Scalar
  readonly g: Scalar
  /** ||grad_v g|| */
  readonly gradNormG: Scalar
  /** Numbers of the method's own, by the names that it declares. */
  readonly more: Readonly<Record<Name, Scalar>>
}

/** The same on the host. */
export interface UpperMeasurement<Name extends string = never> {
  /** [rows] */
  readonly gradient: Float32Array
  readonly f: number
  readonly g: number
  readonly gradNormG: number
  /** Bytes of all tensors where the step holds most of its own. */
  readonly tensorBytes: number
  readonly more: Readonly<Record<Name, number>>
}
