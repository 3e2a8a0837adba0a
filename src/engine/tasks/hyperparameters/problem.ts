import { add, exp, mean, mul, square, sum } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import type { BilevelProblem, LowerEvaluation, Point, UpperEvaluation } from '../../bilevel/problem'
import { CrossEntropy } from '../../models/cross-entropy'
import type { Network } from '../../models/network'
import { withMasks } from '../../layers/dropout'
import { classificationGradient } from '../shared/classification-gradient'
import type { Regulariser } from './regulariser'
import type { LabelledBatch } from '../shared/resident-examples'

/** One step's data. */
export interface RegularisationBatch {
  readonly train: LabelledBatch
  readonly validation: LabelledBatch
  /** Of dropout, one a layer that has it: all T steps on this batch see the same network. */
  readonly masks: readonly Tensor[]
}

/** Strengths stay within e^-16 (no regularisation to speak of) and e^5 (nothing is learned). */
const LEAST = -16
const LARGEST = 5

/**
 * Hyperparameter tuning (paper, section 1): u holds the logarithms of L2 strengths, v the model's parameters;
 *
 *   g(u, v) = mean cross-entropy on training examples + sum_l exp(u_l) ||v_l||² / 2
 *   f(v)    = mean cross-entropy on validation examples
 *
 * so H_vv p = (cross-entropy's product) + exp(u) p and J_uv' p = exp(u_l) <v_l, p_l>, both analytic.
 */
export class RegularisationProblem implements BilevelProblem<RegularisationBatch> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly #initialLower: Float32Array

  /**
   * @param initialStrengths strengths (not their logarithms) above 0, [regulariser.count]
   * @param initialLower [network.layout.size]
   */
  constructor(
    private readonly network: Network,
    private readonly regulariser: Regulariser,
    private readonly initialStrengths: Float32Array,
    initialLower: Float32Array
  ) {
    this.#initialLower = initialLower
    this.upperSize = regulariser.count
    this.lowerSize = network.layout.size
  }

  initialUpper(): Float32Array {
    const upper = this.initialStrengths.map((strength) => Math.log(strength))
    this.project(upper)
    return upper
  }

  initialLower(): Float32Array {
    return this.#initialLower
  }

  project(upper: Float32Array): void {
    for (let i = 0; i < upper.length; i++) upper[i] = Math.min(Math.max(upper[i]!, LEAST), LARGEST)
  }

  batchTensors({ train, validation, masks }: RegularisationBatch): readonly Tensor[] {
    return [train.x, train.targets, validation.x, validation.targets, ...masks]
  }

  upper({ v }: Point, batch: RegularisationBatch): UpperEvaluation {
    const { value, gradient } = classificationGradient(this.network, v, batch.validation)
    return { value, lowerGradient: gradient }
  }

  lower({ u, v }: Point, batch: RegularisationBatch): LowerEvaluation {
    const regulariser = this.regulariser
    const pass = this.network.forward(v, batch.train.x, withMasks(batch.masks))
    const loss = new CrossEntropy(pass.output, batch.train.targets)
    const share = 1 / batch.train.x.shape[0]!
    const backward = pass.backward(loss.gradient(share))
    const strengths = regulariser.spread(exp(u))
    const shrinking = mul(strengths, v) as Tensor1D
    return {
      value: add(mean(loss.losses), regulariser.value(strengths, v)) as Scalar,
      gradient: add(backward.flat, shrinking) as Tensor1D,
      upperGradient: () => regulariser.gather(mul(mul(strengths, square(v)), 0.5) as Tensor1D),
      product: (direction, want) => {
        const tangent = pass.tangent(direction)
        const alongShrinking = mul(shrinking, direction) as Tensor1D
        return {
          tangent: add(mean(loss.tangent(tangent.output!)), sum(alongShrinking)) as Scalar,
          hessian: want.hessian
            ? (add(
                tangent.backward(backward, loss.gradientTangent(share, tangent.output!)).flat,
                mul(strengths, direction)
              ) as Tensor1D)
            : undefined,
          mixed: want.mixed ? regulariser.gather(alongShrinking) : undefined
        }
      }
    }
  }
}
