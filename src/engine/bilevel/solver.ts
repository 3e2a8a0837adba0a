import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { BilevelProblem } from './problem'

/** Settings that every solver shares. Learning rates are those of Adam on both levels. */
export interface SolverOptions {
  /** T: steps on v for each step on u. */
  readonly lowerSteps: number
  readonly lrUpper: number
  readonly lrLower: number
  /** Adam's moments for u belong to the entry (true) or to its place in the batch (false). */
  readonly momentsPerEntry?: boolean
  /**
   * Upper steps over which both learning rates fall to zero along a half cosine; they stay as they are when
   * absent.
   */
  readonly horizon?: number
}

/** What one upper step measured; entries that a method does not have are absent. Symbols are the paper's. */
export interface StepReport {
  readonly f: number
  readonly g: number
  /** ||grad_v g|| */
  readonly gradNormG: number
  /** ||grad_u h|| over the batch's entries, h the method's upper objective */
  readonly gradNormUpper: number
  /** ||grad_v h|| at the last lower step */
  readonly gradNormLower: number
  /** gamma/2 ||grad_v g||² */
  readonly penaltyTerm?: number
  /** nu . grad_v g */
  readonly multiplierTerm?: number
  readonly gamma?: number
  readonly lambda?: number
  readonly eps?: number
  readonly lrUpper: number
  readonly lrLower: number
  /** ||max(0, h(u))||, where the problem has inequality constraints */
  readonly violation?: number
  /** ||H_vv p - grad_v f||² at the end of the linear solver (ApproxGrad) */
  readonly linearResidual?: number
  /** Bytes of all tensors where the step holds most of its own: RMD's grows with T. */
  readonly tensorBytes?: number
}

/** Why a solver cannot go on; a value, not an exception. */
export interface Divergence {
  readonly reason: 'not-finite' | 'exploded'
  /** One sentence with the numbers, and what to change. */
  readonly sentence: string
  readonly remedy: string
}

export type StepResult =
  | { readonly ok: true; readonly report: StepReport; readonly converged: boolean }
  | { readonly ok: false; readonly divergence: Divergence }

/** Everything a solver needs to continue exactly where it stood. */
export interface SolverState {
  readonly numbers: Record<string, number>
  readonly arrays: Record<string, Float32Array | Int32Array>
}

/**
 * A solver holds u, v and its optimisers' states. One `step` is T lower steps and one upper step on one batch.
 * It never leaks tensors and owns those it keeps: call dispose.
 */
export interface BilevelSolver<B> {
  readonly problem: BilevelProblem<B>
  /** u, on the host; the live array, not a copy. */
  readonly upper: Float32Array
  /** v, [lowerSize]; the solver's own, and gone with its next step. */
  readonly lowerOnDevice: Tensor1D
  /** A host copy of v. */
  lower(): Float32Array
  /**
   * Replace v and forget what belonged to the one before (moments, a follower): for a new start, e.g. of tasks
   * that have lower variables of their own.
   */
  setLower(values: Float32Array): void
  step(batch: B): StepResult
  save(): SolverState
  restore(state: SolverState): void
  dispose(): void
}
