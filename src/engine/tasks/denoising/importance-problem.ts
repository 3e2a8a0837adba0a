import { div, expandDims, mean, mul, sigmoid, sub, sum } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import type {
  BilevelProblem,
  LowerEvaluation,
  PenaltyProgram,
  PenaltyWeights,
  Point
} from '../../bilevel/problem'
import { CrossEntropy } from '../../models/cross-entropy'
import type { Network } from '../../models/network'
import { penaltyProgram } from '../../models/penalty-program'
import { withMasks } from '../../layers/dropout'
import { classificationGradient } from '../shared/classification-gradient'
import { tensorsOf } from '../shared/resident-examples'
import type { LabelledBatch } from '../shared/resident-examples'

/** One step's data: a batch of doubtful examples with their rows in u, and a batch of trusted ones. */
export interface ImportanceBatch {
  readonly rows: Int32Array
  readonly train: LabelledBatch
  readonly trusted: LabelledBatch
  /** Of dropout on the doubtful examples (Network.dropoutMasks): all T steps see the same network. */
  readonly masks: readonly Tensor[]
}

/** Weights never reach 0 or 1, where tanh has no slope (paper: clip to [1e-5, 1 - 1e-5]). */
const SMALLEST_WEIGHT = 1e-5
const LARGEST_U = Math.atanh(1 - 2 * SMALLEST_WEIGHT)

export function weightOf(u: number): number {
  return (Math.tanh(u) + 1) / 2
}

function upperOf(weight: number): number {
  const clipped = Math.min(Math.max(weight, SMALLEST_WEIGHT), 1 - SMALLEST_WEIGHT)
  return Math.atanh(2 * clipped - 1)
}

/**
 * Importance learning (paper, "Data denoising"): u holds one variable an example, its weight is
 * w = (tanh(u) + 1) / 2;
 *
 *   g(u, v) = sum_i w_i l_i(v) / sum_i w_i     on a batch of doubtful examples
 *   f(v)    = mean cross-entropy               on a batch of trusted examples, among the classes that they are of
 *
 * so s = <grad_v g, p> = sum_i w_i lt_i / sum_i w_i with lt_i the tangent of l_i along p, and
 * ds/dw_i = (lt_i - s) / sum w: the mixed product costs nothing beyond the tangent.
 */
export class ImportanceProblem implements BilevelProblem<ImportanceBatch> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly #network: Network
  readonly #initialWeights: Float32Array
  readonly #initialLower: Float32Array

  /**
   * @param initialWeights w in (0, 1), one an example
   * @param initialLower classifier parameters, [network.layout.size]
   */
  constructor(network: Network, initialWeights: Float32Array, initialLower: Float32Array) {
    this.#network = network
    this.#initialWeights = initialWeights
    this.#initialLower = initialLower
    this.upperSize = initialWeights.length
    this.lowerSize = network.layout.size
  }

  initialUpper(): Float32Array {
    return this.#initialWeights.map(upperOf)
  }

  initialLower(): Float32Array {
    return this.#initialLower
  }

  upperRows(batch: ImportanceBatch): Int32Array {
    return batch.rows
  }

  project(upper: Float32Array): void {
    for (let i = 0; i < upper.length; i++) upper[i] = Math.min(Math.max(upper[i]!, -LARGEST_U), LARGEST_U)
  }

  upper({ v }: Point, batch: ImportanceBatch): { value: Scalar; lowerGradient: Tensor1D } {
    const loss = classificationGradient(this.#network, v, batch.trusted)
    return {
      get value(): Scalar {
        return loss.value
      },
      get lowerGradient(): Tensor1D {
        return loss.gradient
      }
    }
  }

  batchTensors({ train, trusted, masks }: ImportanceBatch): readonly Tensor[] | undefined {
    return [...tensorsOf(train), ...tensorsOf(trusted), ...masks]
  }

  penaltyProgram(u: Tensor1D, batch: ImportanceBatch, penalty: PenaltyWeights): PenaltyProgram {
    const { train, trusted } = batch
    const { weights, shares } = weighed(u)
    const f = { ...trusted, coefficients: 1 / trusted.x.shape[0]!, mode: () => ({ training: false }) }
    const g = { ...train, coefficients: expandDims(shares, 1), mode: () => withMasks(batch.masks) }
    const program = penaltyProgram(this.#network, f, g, penalty)
    return {
      ...program,
      upper: (v) => {
        const { lossesOfF, lossesOfG, tangents, ...numbers } = program.upper(v)
        return {
          ...numbers,
          f: mean(lossesOfF),
          g: average(lossesOfG, shares),
          along: throughWeights(tangents, weights, shares)
        }
      }
    }
  }

  lower({ u, v }: Point, batch: ImportanceBatch): LowerEvaluation {
    const pass = this.#network.forward(v, batch.train.x, withMasks(batch.masks))
    const loss = new CrossEntropy(pass.output, batch.train.targets)
    const { weights, shares } = weighed(u)
    const coefficients = expandDims(shares, 1)
    const backward = pass.backward(loss.gradient(coefficients))
    return {
      get value(): Scalar {
        return average(loss.losses, shares)
      },
      gradient: backward.flat,
      upperGradient: () => throughWeights(loss.losses, weights, shares),
      product: (direction, want) => {
        const tangent = pass.tangent(direction)
        const lossTangents = (): Tensor1D => loss.tangent(tangent.output!)
        return {
          get tangent(): Scalar {
            return average(lossTangents(), shares)
          },
          hessian: want.hessian
            ? tangent.backward(backward, loss.gradientTangent(coefficients, tangent.output!)).flat
            : undefined,
          mixed: want.mixed ? throughWeights(lossTangents(), weights, shares) : undefined
        }
      }
    }
  }
}

/** w = (tanh(u) + 1) / 2, and w / sum w. */
function weighed(u: Tensor1D): { weights: Tensor1D; shares: Tensor1D } {
  const weights = sigmoid(mul(u, 2)) as Tensor1D
  return { weights, shares: div(weights, sum(weights)) as Tensor1D }
}

function average(a: Tensor1D, shares: Tensor1D): Scalar {
  return sum(mul(shares, a))
}

/** d/du of sum_i w_i a_i / sum_i w_i: dw/du is 2 w (1 - w). */
function throughWeights(a: Tensor1D, weights: Tensor1D, shares: Tensor1D): Tensor1D {
  return mul(mul(sub(a, average(a, shares)), mul(shares, 2)), sub(1, weights)) as Tensor1D
}
