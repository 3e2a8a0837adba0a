import {
  add,
  keep,
  matMul,
  mul,
  reshape,
  square,
  sub,
  sum,
  tensor,
  tidy,
  tile,
  transpose
} from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { Projection } from '../../bilevel/constraints'
import type { BilevelProblem, LowerEvaluation, Point, UpperEvaluation } from '../../bilevel/problem'
import { CrossEntropy } from '../../models/cross-entropy'
import { oneHot } from '../../models/one-hot'
import type { FeaturePass, FeatureSpace } from './feature-space'
import { perturbationSet } from '../shared/perturbation'
import type { PerturbationBound } from '../shared/perturbation'

/** The targets that are attacked together, and everything about them that does not change. */
export interface CleanLabelBlock {
  readonly space: FeatureSpace
  /** Number of classes of the heads. */
  readonly classes: number
  /** Features of the targets, row-major [targets, width]. */
  readonly targetFeatures: Float32Array
  /** Class that each target shall be taken for, which is the true class of its poisons. */
  readonly poisonLabels: Int32Array
  /** Base images, row-major [targets * poisons, example size], in 0..1. */
  readonly bases: Float32Array
  /** Poisons for each target. */
  readonly poisons: number
  readonly bound: PerturbationBound
  readonly settings: CleanLabelWeights
}

export interface CleanLabelWeights {
  /** beta: weight of the squared pixel distance to the base. */
  readonly beta: number
  /** Weight of the squared feature distance, of which 1 is that of two training examples on average. */
  readonly featureWeight: number
  /** Mean squared feature distance between training examples. */
  readonly featureDistance: number
  /** L2 weight of the victim: l2 ||v||² */
  readonly l2: number
  /** Training examples in all, of which a batch is a part. */
  readonly trainCount: number
}

/** Features of training examples, on the device. */
export interface FeatureBatch {
  /** [batch, width] */
  readonly features: Tensor2D
  /** One-hot labels, [batch, classes] */
  readonly targets: Tensor2D
}

/**
 * Clean-label poisoning (paper, "Clean-label poisoning") of K targets at once, each with P poisons and a victim
 * of its own: independent blocks of one problem, so that all victims share each product with the training
 * features. u are the poisons' pixels x, v the heads W_k [width, classes] on fixed features phi:
 *
 *   f = sum_k [ CE(phi(t_k) W_k, c_k) + a/P sum_j |phi(x_kj) - phi(t_k)|² + beta/P sum_j |x_kj - b_kj|² ]
 *   g = sum_k [ (sum_i CE(phi_i W_k, y_i) + sum_j CE(phi(x_kj) W_k, c_k)) / (N + P) + l2 |W_k|² ]
 *
 * with c_k the poison's own, true class, b its base and t the target; a scales the squared feature distance so
 * that training examples lie 1 apart on average. Adam acts entry by entry, so the blocks do not mix; only the
 * schedule of Penalty, which looks at the norm over all, is shared.
 */
export class CleanLabelProblem implements BilevelProblem<FeatureBatch> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly project: Projection
  readonly #targets: number
  /** Kept tensors, disposed by dispose. */
  readonly #targetFeatures: Tensor3D
  readonly #targetClasses: Tensor2D
  readonly #poisonClasses: Tensor2D
  readonly #bases: Tensor1D
  readonly #initialLower: Float32Array
  #features: { readonly u: Tensor1D; readonly values: Tensor2D } | undefined
  #pass: { readonly u: Tensor1D; readonly pass: FeaturePass } | undefined

  /** @param initialLower heads, row-major [targets, width, classes] */
  constructor(
    private readonly block: CleanLabelBlock,
    initialLower: Float32Array
  ) {
    const { poisonLabels, poisons, classes, space, bases } = block
    this.#targets = poisonLabels.length
    this.upperSize = bases.length
    this.project = perturbationSet(bases, bases.length / (this.#targets * poisons), block.bound)
    this.lowerSize = this.#targets * space.width * classes
    this.#initialLower = initialLower
    this.#targetFeatures = keep(tensor(block.targetFeatures, [this.#targets, 1, space.width]))
    this.#targetClasses = keep(oneHot(poisonLabels, classes))
    const labels = Int32Array.from(
      { length: this.#targets * poisons },
      (_, i) => poisonLabels[Math.floor(i / poisons)]!
    )
    this.#poisonClasses = keep(oneHot(labels, classes))
    this.#bases = keep(tensor(bases, [bases.length]))
  }

  initialUpper(): Float32Array {
    return this.block.bases
  }

  initialLower(): Float32Array {
    return this.#initialLower
  }

  upper({ u, v }: Point, _batch: FeatureBatch, want: { readonly upperGradient: boolean }): UpperEvaluation {
    const { poisons, settings } = this.block
    const heads = this.#heads(v)
    const logits = reshape(matMul(this.#targetFeatures, heads), [this.#targets, -1]) as Tensor2D
    const loss = new CrossEntropy(logits, this.#targetClasses)
    const lowerGradient = matMul(this.#targetFeatures, this.#byTarget(loss.residual, 1), true)
    const gap = sub(this.#byTarget(this.#featuresOf(u), poisons), this.#targetFeatures)
    const change = sub(u, this.#bases) as Tensor1D
    const near = settings.featureWeight / settings.featureDistance / poisons
    const faithful = settings.beta / poisons
    const value = add(
      sum(loss.losses),
      add(mul(near, sum(square(gap))), mul(faithful, sum(square(change))))
    ) as Scalar
    return {
      value,
      lowerGradient: reshape(lowerGradient, [-1]) as Tensor1D,
      upperGradient: want.upperGradient
        ? (add(
            this.#passOf(u).pullBack(reshape(mul(gap, 2 * near), [-1, this.#width])),
            mul(change, 2 * faithful)
          ) as Tensor1D)
        : undefined
    }
  }

  lower({ u, v }: Point, batch: FeatureBatch): LowerEvaluation {
    const { poisons, classes, settings } = this.block
    const rows = batch.features.shape[0]
    const perExample = 1 / (settings.trainCount + poisons)
    // The batch stands for all training examples.
    const perTrain = (perExample * settings.trainCount) / rows
    const heads = this.#heads(v)
    const own = this.#byTarget(this.#featuresOf(u), poisons)
    const train = new CrossEntropy(
      this.#trainLogits(batch, heads),
      reshape(tile(batch.targets, [1, this.#targets]), [rows * this.#targets, classes])
    )
    const poison = new CrossEntropy(this.#poisonLogits(own, heads), this.#poisonClasses)
    const transposed = (trainPart: Tensor2D, poisonPart: Tensor2D, decay: Tensor1D): Tensor1D => {
      const fromTrain = reshape(matMul(batch.features, reshape(trainPart, [rows, -1]) as Tensor2D, true), [
        this.#width,
        this.#targets,
        classes
      ])
      const fromPoisons = matMul(own, this.#byTarget(poisonPart, poisons), true)
      const flat = reshape(add(transpose(fromTrain, [1, 0, 2]), fromPoisons), [-1])
      return add(flat, mul(decay, 2 * settings.l2)) as Tensor1D
    }
    const residual = poison.gradient(tensor(perExample))
    return {
      value: add(
        add(mul(sum(train.losses), perTrain), mul(sum(poison.losses), perExample)),
        mul(sum(square(v)), settings.l2)
      ) as Scalar,
      gradient: transposed(train.gradient(tensor(perTrain)), residual, v),
      upperGradient: () => this.#passOf(u).pullBack(this.#toFeatures(residual, heads)),
      product: (direction, want) => {
        const along = this.#heads(direction)
        const trainTangent = this.#trainLogits(batch, along)
        const poisonTangent = this.#poisonLogits(own, along)
        const bend = poison.gradientTangent(tensor(perExample), poisonTangent)
        return {
          tangent: add(
            add(
              mul(sum(train.tangent(trainTangent)), perTrain),
              mul(sum(poison.tangent(poisonTangent)), perExample)
            ),
            mul(sum(mul(v, direction)), 2 * settings.l2)
          ) as Scalar,
          hessian: want.hessian
            ? transposed(train.gradientTangent(tensor(perTrain), trainTangent), bend, direction)
            : undefined,
          mixed: want.mixed
            ? this.#passOf(u).pullBack(
                add(this.#toFeatures(bend, heads), this.#toFeatures(residual, along)) as Tensor2D
              )
            : undefined
        }
      }
    }
  }

  dispose(): void {
    this.#features?.values.dispose()
    for (const tensor of [this.#targetFeatures, this.#targetClasses, this.#poisonClasses, this.#bases]) {
      tensor.dispose()
    }
  }

  get #width(): number {
    return this.block.space.width
  }

  #heads(v: Tensor1D): Tensor3D {
    return reshape(v, [this.#targets, this.#width, this.block.classes])
  }

  /** Rows of all targets' examples as [targets, examples of one, columns]. */
  #byTarget(rows: Tensor, each: number): Tensor3D {
    return reshape(rows, [this.#targets, each, -1]) as Tensor3D
  }

  /** Logits of every training example under every head, [batch * targets, classes]. */
  #trainLogits(batch: FeatureBatch, heads: Tensor3D): Tensor2D {
    const side = reshape(transpose(heads, [1, 0, 2]), [this.#width, -1]) as Tensor2D
    return reshape(matMul(batch.features, side), [-1, this.block.classes])
  }

  /** Logits of every poison under the head of its own target, [targets * poisons, classes]. */
  #poisonLogits(features: Tensor3D, heads: Tensor3D): Tensor2D {
    return reshape(matMul(features, heads), [-1, this.block.classes])
  }

  /** dLogits of the poisons, [targets * poisons, classes], as gradients of their features. */
  #toFeatures(dLogits: Tensor2D, heads: Tensor3D): Tensor2D {
    return reshape(matMul(this.#byTarget(dLogits, this.block.poisons), heads, false, true), [-1, this.#width])
  }

  /** Features of the poisons: the same u during all lower steps, so they are computed once for each u. */
  #featuresOf(u: Tensor1D): Tensor2D {
    if (this.#features?.u !== u) {
      this.#features?.values.dispose()
      const values = tidy(() => keep(this.block.space.forward(u).features))
      this.#features = { u, values }
    }
    return this.#features.values
  }

  /** The forward pass behind the features, shared by the gradients asked for in one tidy scope. */
  #passOf(u: Tensor1D): FeaturePass {
    if (this.#pass?.u !== u || this.#pass.pass.features.isDisposed) {
      this.#pass = { u, pass: this.block.space.forward(u) }
    }
    return this.#pass.pass
  }
}
