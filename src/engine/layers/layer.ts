import type { Tensor } from '@tensorflow/tfjs-core'
import type { ParameterSpec } from '../tensors/flat-layout'
import type { Random } from '../../shared/numerics/random'

/**
 * One layer y = L(w, x) with four maps, all analytic, so that no tape is recorded and no gradient kernel of a
 * gradient kernel is ever needed:
 *
 *   forward          y
 *   backward         dx = L_x' dy,                 dw = L_w' dy
 *   tangent          yt = L_x xt + L_w wt           (directional derivative, "R-operator": Pearlmutter 1994)
 *   tangentBackward  dxt = d/dt [L_x' dy],          dwt = d/dt [L_w' dy]  along (xt, wt, dyt)
 *
 * Running all four through a network gives the exact Hessian-vector product (dwt) and mixed products (dxt) of
 * any loss on its output. A tangent that is absent (undefined) is zero, and costs nothing.
 */
export interface Layer {
  readonly kind: string
  /** Parameters in the order in which the maps take them; empty for activations and pooling. */
  readonly parameters: readonly ParameterSpec[]
  /** Shape of one output example, without the batch. */
  readonly outputShape: readonly number[]
  /** Initial values, one array a parameter. */
  initialise(random: Random): Float32Array[]
  forward(x: Tensor, weights: readonly Tensor[], mode: ForwardMode): LayerPass
  /** The mask of a batch while training, for layers that have one. @param count examples */
  drawMask?(count: number, seed: number): Tensor
}

export interface ForwardMode {
  /** Dropout acts only while training; scoring always runs without it. */
  readonly training: boolean
  /** Seeds of the dropout masks; these or the masks are needed while training a network that has dropout. */
  readonly nextSeed?: () => number
  /** Masks drawn before (Network.dropoutMasks), in the order of the layers. */
  readonly nextMask?: () => Tensor
}

/** What a layer remembers of one forward pass. Tensors belong to the caller's tidy scope. */
export interface LayerPass {
  readonly y: Tensor
  /**
   * @param wantInput whether anything needs dx (the first layer's rarely does)
   * @param wantWeights false where the weights are fixed; dw is then empty
   */
  backward(dy: Tensor, wantInput: boolean, wantWeights?: boolean): Gradients
  /** Directional derivative; `weightTangents` are undefined where the direction is zero. */
  tangent(xt: Tensor | undefined, weightTangents: readonly (Tensor | undefined)[]): TangentPass
}

export interface Gradients {
  readonly dx?: Tensor
  readonly dw: readonly Tensor[]
}

export interface TangentPass {
  /** Undefined when it is zero. */
  readonly yt: Tensor | undefined
  /**
   * Derivative of `backward` along the tangent.
   * @param dy what `backward` received; undefined when it is zero
   * @param dyt its own derivative; undefined when it is zero
   */
  backward(dy: Tensor, dyt: Tensor | undefined, wantInput: boolean): TangentGradients
}

export interface TangentGradients {
  readonly dxt?: Tensor
  /** Undefined entries are zero. */
  readonly dwt: readonly (Tensor | undefined)[]
}
