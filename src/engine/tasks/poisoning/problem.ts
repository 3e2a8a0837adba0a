import { add, mean, mul, neg, reshape, square, sum } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { box } from '../../bilevel/constraints'
import type { BilevelProblem, LowerEvaluation, Point, UpperEvaluation } from '../../bilevel/problem'
import { CrossEntropy } from '../../models/cross-entropy'
import type { Network } from '../../models/network'
import { classificationGradient } from '../shared/classification-gradient'
import type { LabelledBatch } from '../shared/resident-examples'

/** One step's data. A batch of training examples stands for all of them. */
export interface PoisoningBatch {
  readonly train: LabelledBatch
  /** Untargeted: validation examples; targeted: those to be misread, labelled as they shall be read. */
  readonly validation: LabelledBatch
  /** Targeted: validation examples of the other classes, with their own labels. */
  readonly spared?: LabelledBatch
}

export interface PoisoningSetting {
  readonly network: Network
  /** N: examples of the clean training set. */
  readonly trainCount: number
  /** Poisons to start from, [count, ...shape] flattened, in [0, 1]. */
  readonly start: Float32Array
  /** One-hot labels of the poisons, [count, classes]; fixed. */
  readonly targets: Tensor2D
  /** Where v starts, [layout.size]. */
  readonly initialLower: Float32Array
  /** Weight of ||v||² in g. */
  readonly l2: number
  /** 1: raise the validation loss (untargeted, f = -CE); -1: lower it (targeted, f = CE). */
  readonly direction: 1 | -1
  /** Weight of the loss on the classes to be spared (0: f is the paper's). */
  readonly spareWeight: number
}

/**
 * Training-data poisoning by added points (paper, "Training-data poisoning"): u holds the pixels of P points
 * in the box [0, 1], their labels are fixed;
 *
 *   g(u, v) = [ sum over train of l_i(v) + sum over poisons of l_j(u_j, v) ] / (N + P) + l2 ||v||²
 *   f(v)    = -mean cross-entropy on validation (untargeted), or
 *           = mean cross-entropy on examples labelled as they shall be read (targeted)
 *             + spareWeight * mean cross-entropy on the other classes, so that the attack does not show there
 *
 * J_uv' p is the gradient of s = <grad_v g, p> with respect to the network's input: the tangent pass through
 * the poisons alone, run backwards down to the pixels. Dropout is off in both losses: the lower problem has
 * to be one function for T steps.
 */
export class PoisoningProblem implements BilevelProblem<PoisoningBatch> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly project = box(0, 1)
  readonly #count: number

  constructor(private readonly setting: PoisoningSetting) {
    this.#count = setting.targets.shape[0]
    this.upperSize = setting.start.length
    this.lowerSize = setting.network.layout.size
  }

  initialUpper(): Float32Array {
    return this.setting.start
  }

  initialLower(): Float32Array {
    return this.setting.initialLower
  }

  batchTensors({ train, validation, spared }: PoisoningBatch): readonly Tensor[] {
    return [train, validation, ...(spared ? [spared] : [])].flatMap(({ x, targets }) => [x, targets])
  }

  upper({ v }: Point, batch: PoisoningBatch): UpperEvaluation {
    const { network, direction, spareWeight } = this.setting
    const { value, gradient } = classificationGradient(network, v, batch.validation)
    if (direction === 1) return { value: neg(value) as Scalar, lowerGradient: neg(gradient) as Tensor1D }
    if (!batch.spared || spareWeight === 0) return { value, lowerGradient: gradient }
    const spared = classificationGradient(network, v, batch.spared)
    return {
      value: add(value, mul(spared.value, spareWeight)) as Scalar,
      lowerGradient: add(gradient, mul(spared.gradient, spareWeight)) as Tensor1D
    }
  }

  lower({ u, v }: Point, batch: PoisoningBatch): LowerEvaluation {
    const { network, trainCount, targets, l2 } = this.setting
    const total = trainCount + this.#count
    const poisons = reshape(u, [this.#count, ...network.inputShape])
    const parts = [
      lossPart(network, v, batch.train.x, batch.train.targets, trainCount / total),
      lossPart(network, v, poisons, targets, this.#count / total)
    ]
    const [, poisoned] = parts
    const losses = parts.map(({ value }) => value).reduce((a, b) => add(a, b) as Scalar)
    const gradients = parts.map(({ backward }) => backward.flat).reduce((a, b) => add(a, b) as Tensor1D)
    return {
      value: add(losses, mul(l2, sum(square(v)))) as Scalar,
      gradient: add(gradients, mul(v, 2 * l2)) as Tensor1D,
      upperGradient: () => flatOf(poisoned!.pass.backward(poisoned!.dOutput, true).input!),
      product: (direction, want) => {
        const tangents = parts.map(({ pass, loss, weight }) => {
          const tangent = pass.tangent(direction)
          return { tangent, value: mul(mean(loss.tangent(tangent.output!)), weight) as Scalar }
        })
        const regularisation = mul(2 * l2, sum(mul(v, direction)))
        let hessian: Tensor1D | undefined
        if (want.hessian) {
          hessian = parts
            .map((part, i) => part.curvature(tangents[i]!.tangent, part.backward).flat)
            .reduce((a, b) => add(a, b) as Tensor1D)
          hessian = add(hessian, mul(direction, 2 * l2)) as Tensor1D
        }
        let mixed: Tensor1D | undefined
        if (want.mixed) {
          // Only here is the gradient of the input wanted, and only that of the poisons.
          const primal = poisoned!.pass.backward(poisoned!.dOutput, true)
          mixed = flatOf(poisoned!.curvature(tangents[1]!.tangent, primal, true).input!)
        }
        return {
          tangent: add(
            regularisation,
            tangents.map(({ value }) => value).reduce((a, b) => add(a, b) as Scalar)
          ) as Scalar,
          hessian,
          mixed
        }
      }
    }
  }
}

type Pass = ReturnType<Network['forward']>
type Backward = ReturnType<Pass['backward']>
type Tangent = ReturnType<Pass['tangent']>

interface LossPart {
  readonly pass: Pass
  readonly loss: CrossEntropy
  /** weight * mean cross-entropy */
  readonly value: Scalar
  readonly weight: number
  /** Its gradient with respect to the logits. */
  readonly dOutput: Tensor2D
  readonly backward: Backward
  curvature(tangent: Tangent, primal: Backward, wantInput?: boolean): { flat: Tensor1D; input?: Tensor }
}

/** weight times the mean cross-entropy of one set of examples, with what its derivatives need. */
function lossPart(network: Network, v: Tensor1D, x: Tensor, targets: Tensor2D, weight: number): LossPart {
  const pass = network.forward(v, x)
  const loss = new CrossEntropy(pass.output, targets)
  const each = weight / x.shape[0]!
  const dOutput = loss.gradient(each)
  return {
    pass,
    loss,
    weight,
    value: mul(mean(loss.losses), weight) as Scalar,
    dOutput,
    backward: pass.backward(dOutput),
    curvature: (tangent, primal, wantInput = false) =>
      tangent.backward(primal, loss.gradientTangent(each, tangent.output!), wantInput)
  }
}

function flatOf(t: Tensor): Tensor1D {
  return reshape(t, [t.size])
}
