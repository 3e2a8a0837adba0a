import { add, mul, sub, sum } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { softmaxCrossEntropy } from '../tensors/kernels'

/**
 * Softmax cross-entropy of logits z against target distributions e, with everything its tangents need.
 * For coefficients c (one an example) the loss is sum_i c_i l_i with l_i = -sum_k e_ik log p_ik:
 *   dz_i  = c_i (p_i - e_i)
 *   lt_i  = <p_i - e_i, zt_i>                       tangent of l_i
 *   dzt_i = c_i (p_i * zt_i - p_i <p_i, zt_i>)       tangent of dz_i
 */
export class CrossEntropy {
  /** l_i, [batch] */
  readonly losses: Tensor1D
  /** p - e, [batch, classes] */
  readonly residual: Tensor2D
  readonly #targets: Tensor2D

  /**
   * @param logits [batch, classes]
   * @param targets [batch, classes], rows sum to 1 (one-hot for labels)
   */
  constructor(logits: Tensor2D, targets: Tensor2D) {
    const { losses, residual } = softmaxCrossEntropy(logits, targets)
    this.losses = losses
    this.residual = residual
    this.#targets = targets
  }

  /** dz for coefficients c [batch, 1], or one for all. */
  gradient(coefficients: Tensor | number): Tensor2D {
    return mul(this.residual, coefficients) as Tensor2D
  }

  /** lt for a tangent of the logits, [batch]. */
  tangent(logitsTangent: Tensor2D): Tensor1D {
    return sum(mul(this.residual, logitsTangent), 1) as Tensor1D
  }

  /** dzt for coefficients c [batch, 1], or one for all. */
  gradientTangent(coefficients: Tensor | number, logitsTangent: Tensor2D): Tensor2D {
    const probabilities = add(this.residual, this.#targets)
    const weighted = mul(probabilities, logitsTangent)
    return mul(sub(weighted, mul(probabilities, sum(weighted, 1, true))), coefficients) as Tensor2D
  }
}
