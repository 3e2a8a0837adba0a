import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import type { StepProgram } from '../tensors/kernels'

/**
 * min over u of f(u, v*(u)), v*(u) in argmin over v of g(u, v); optionally u in a set U.
 *
 * The upper variables live on the host as Float32Array: they change once in T lower steps, each example's
 * optimiser state must follow the example, and projections are plain loops. The lower variables live on the
 * device as one flat tensor. `B` is a batch: whatever the task needs to evaluate both losses.
 */
export interface BilevelProblem<B> {
  readonly upperSize: number
  readonly lowerSize: number
  initialUpper(): Float32Array
  initialLower(): Float32Array
  /**
   * The entries of u that this batch's losses depend on; all of them when absent. Points and gradients then
   * carry only those entries, in this order.
   */
  upperRows?(batch: B): Int32Array
  /** f and its gradients at a point. */
  upper(point: Point, batch: B, want: { readonly upperGradient: boolean }): UpperEvaluation
  /** g, its gradient and products with its second derivatives at a point. */
  lower(point: Point, batch: B): LowerEvaluation
  /**
   * The tensors of a batch, always in the same order, where both losses and their products depend on the batch
   * through nothing but these: then the ops of one batch serve for all. Undefined where a batch brings something
   * else, such as the masks of dropout.
   */
  batchTensors?(batch: B): readonly Tensor[] | undefined
  /** Penalty's evaluations of a batch at this u, where there is a shorter way than through `upper` and `lower`. */
  penaltyProgram?(u: Tensor1D, batch: B, penalty: PenaltyWeights): PenaltyProgram
  /** Bring u back into U after a step (box, norm ball, simplex), in place. */
  project?(upper: Float32Array): void
  /** Inequality constraints h(u) <= 0 (see constraints.ts). */
  readonly constraints?: InequalityConstraints
}

export interface Point {
  /** The entries of u at upperRows(batch), [rows]. */
  readonly u: Tensor1D
  /** [lowerSize] */
  readonly v: Tensor1D
}

/** The weights of Penalty's objective (penalty.ts) over the T lower steps of one batch. */
export interface PenaltyWeights {
  /** [lowerSize] */
  readonly nu: Tensor1D
  readonly gamma: Scalar
  readonly lambda: Scalar
  /** T */
  readonly steps: number
}

/**
 * Steps along grad_v [f + lambda g + <grad_v g, p>] and what follows them, with p = nu + gamma grad_v g held constant.
 * What is made with the program belongs to the caller's tidy scope,
 * what a call makes to the scope of the call.
 */
export interface PenaltyProgram extends StepProgram {
  upper(v: Tensor1D): PenaltyUpper
}

export interface PenaltyUpper {
  readonly f: Scalar
  readonly g: Scalar
  /** grad_u [f + <grad_v g, p>], [rows] */
  readonly along: Tensor1D
  /** ||grad_v g|| */
  readonly gradNormG: Scalar
  /** nu . grad_v g */
  readonly multiplierTerm: Scalar
}

/** Tensors belong to the caller's tidy scope. */
export interface UpperEvaluation {
  readonly value: Scalar
  /** grad_v f, [lowerSize] */
  readonly lowerGradient: Tensor1D
  /** grad_u f, [rows]; undefined when f does not depend on u */
  readonly upperGradient?: Tensor1D
}

/**
 * g at a point, with its forward pass remembered: the tangent s(p) = <grad_v g, p> and both products with the
 * second derivatives need no further forward pass of the primal.
 */
export interface LowerEvaluation {
  readonly value: Scalar
  /** grad_v g, [lowerSize] */
  readonly gradient: Tensor1D
  /** grad_u g, [rows] (first-order value-function methods need it); undefined when g does not depend on u */
  upperGradient(): Tensor1D | undefined
  /** @param direction p, [lowerSize] */
  product(
    direction: Tensor1D,
    want: { readonly hessian?: boolean; readonly mixed?: boolean }
  ): SecondOrderProduct
}

export interface SecondOrderProduct {
  /** s = <grad_v g, p> */
  readonly tangent: Scalar
  /** H_vv p, [lowerSize], where asked for */
  readonly hessian?: Tensor1D
  /** J_uv' p = grad_u s, [rows], where asked for and where g depends on u */
  readonly mixed?: Tensor1D
}

/** h(u) <= 0, m constraints, on the host. */
export interface InequalityConstraints {
  readonly count: number
  values(upper: Float32Array): Float64Array
  /** J_h(u)' y for y of length count, added to `into`. */
  addTransposedJacobian(upper: Float32Array, y: Float64Array, into: Float32Array): void
}
