import { add, keep, matMul, mul, sub, tensor3d } from '@tensorflow/tfjs-core'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import { computed } from '../../tensors/computed'
import { symmetricEigen } from '../../numerics/symmetric-eigen'

/** Curvature of softmax cross-entropy in its logits where a few examples have been fitted: p (1 - p), about. */
const LOGIT_CURVATURE = 0.1

/** Gram values below this are rounding: such a direction is none. */
const LEAST_SQUARE = 1e-6

/**
 * Coordinates w of the heads in which their loss curves about alike in all directions. A task's few support examples
 * leave most directions to the L2 strength alone, so that the curvatures of g differ a hundredfold and those of
 * Penalty's ||grad_v g||² by the square of that, which Adam's steps of one size do not solve. With the support
 * features phi [examples, width] and H = (c phi' phi / examples + l2) / tasks, about the second derivative of g,
 *
 *   v = v0 + D w,   D = H^(-1/2) = (I - phi' U diag((1 - sqrt(h0 / h_i)) / sigma_i) U' phi) / sqrt(h0)
 *
 * where phi phi' = U diag(sigma) U', h0 = l2 / tasks and h_i the curvature along direction i. D is symmetric and never
 * formed: only the Gram matrix of the support examples is decomposed. The hypergradient does not depend on how v is
 * written, as long as D is held constant; c only has to be about right.
 */
export class HeadCoordinates {
  readonly #phi: Tensor3D
  readonly #start: Tensor3D
  readonly #inner: Tensor3D
  readonly #scale: number

  /**
   * @param phi support features, [tasks, examples, width]; they stay the caller's
   * @param start v0, [tasks, width, ways]; disposed with the coordinates
   * @param l2 above 0
   */
  constructor(phi: Tensor3D, start: Tensor3D, l2: number) {
    const [tasks, examples] = phi.shape
    this.#phi = phi
    this.#start = start
    const floor = l2 / tasks
    this.#scale = 1 / Math.sqrt(floor)
    const gram = computed(() => matMul(phi, phi, false, true))
    const inner = new Float32Array(gram.length)
    for (let task = 0; task < tasks; task++) {
      const from = task * examples * examples
      const { values, vectors } = symmetricEigen(gram.subarray(from, from + examples * examples), examples)
      for (let k = 0; k < examples; k++) {
        const sigma = values[k]!
        if (sigma < LEAST_SQUARE) continue
        const curvature = floor + (LOGIT_CURVATURE * sigma) / (examples * tasks)
        const weight = (1 - Math.sqrt(floor / curvature)) / sigma
        for (let i = 0; i < examples; i++) {
          for (let j = 0; j < examples; j++) {
            inner[from + i * examples + j]! +=
              weight * vectors[i * examples + k]! * vectors[j * examples + k]!
          }
        }
      }
    }
    this.#inner = keep(tensor3d(inner, [tasks, examples, examples]))
  }

  /** v0 + D w, [tasks, width, ways] */
  heads(w: Tensor3D): Tensor3D {
    return add(this.#start, this.times(w))
  }

  /** D w, [tasks, width, ways]: a direction of w as one of the heads, or the heads' gradient as that of w */
  times(w: Tensor3D): Tensor3D {
    const along = matMul(this.#phi, matMul(this.#inner, matMul(this.#phi, w)), true)
    return mul(sub(w, along), this.#scale) as Tensor3D
  }

  dispose(): void {
    this.#inner.dispose()
    this.#start.dispose()
  }
}
