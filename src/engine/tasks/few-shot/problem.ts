import { keep, reshape, slice, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { BilevelProblem, LowerEvaluation, Point, UpperEvaluation } from '../../bilevel/problem'
import type { Network, NetworkPass } from '../../models/network'
import { FeaturesOfOneLength } from './feature-length'
import { HeadCoordinates } from './head-coordinates'
import { LinearHeads, asHeads, fitHeads, withConstant } from '../../numerics/linear-heads'

/** A meta-batch of tasks, examples class after class within a task; the batch's owner disposes it. */
export interface FewShotBatch {
  /** [tasks * ways * shots, ...shape] */
  readonly support: Tensor
  /** [tasks * ways * queries, ...shape] */
  readonly query: Tensor
  /** One-hot, [tasks * ways * shots, ways] */
  readonly supportTargets: Tensor2D
  /** One-hot, [tasks * ways * queries, ways] */
  readonly queryTargets: Tensor2D
  /** Seed of this batch's dropout masks: all its T steps see the same network. */
  readonly maskSeed: number
  /** Features at the u of this step, which its T lower steps share; left out, they are computed each time. */
  features?: { readonly support: Tensor3D; readonly query: Tensor3D }
  /** What v stands for in this batch; left out, v is the heads themselves. */
  coordinates?: HeadCoordinates
}

export interface FewShotSize {
  readonly tasks: number
  readonly ways: number
  /** L2 strength of the heads: few examples leave them undetermined without it. */
  readonly headL2: number
  /**
   * Length of every example's features, so that the heads' entries, which Adam moves in steps of one size, are
   * neither tiny nor huge, and T steps find them however the network's weights grow.
   */
  readonly featureLength: number
}

/**
 * Few-shot learning (paper, "Few-shot learning"): u holds the weights of a network shared by all tasks, v one
 * linear head a task;
 *
 *   g(u, v) = mean over tasks of the cross-entropy on the support set + l2 ||v_task||² / 2
 *   f(u, v) = mean over tasks of the cross-entropy on the query set
 *
 * Given the features, g is a convex problem of a few hundred variables a task, and the network is only run
 * backwards for grad_u: J_uv' p is the network's backward pass of grad_features <grad_v g, p>.
 */
export class FewShotProblem implements BilevelProblem<FewShotBatch> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly #network: Network
  readonly #initialUpper: Float32Array
  readonly #size: FewShotSize

  /** @param initialUpper weights of the network, [network.layout.size] */
  constructor(network: Network, initialUpper: Float32Array, size: FewShotSize) {
    this.#network = network
    this.#initialUpper = initialUpper
    this.#size = size
    this.upperSize = network.layout.size
    this.lowerSize = size.tasks * this.#width * size.ways
  }

  /** Features and the constant. */
  get #width(): number {
    return this.#network.outputSize + 1
  }

  initialUpper(): Float32Array {
    return this.#initialUpper
  }

  initialLower(): Float32Array {
    return new Float32Array(this.lowerSize)
  }

  /**
   * Compute a new batch's features at u, once for all its lower steps, and where its heads begin: at the minimum
   * of g, because tasks that have never been seen have no heads to go on from. From there v counts in coordinates
   * of these tasks, until `release`.
   * @returns v, [lowerSize]
   */
  prepare(upper: Float32Array, batch: FewShotBatch): Float32Array {
    batch.features = tidy(() => {
      const u = tensor1d(upper)
      return {
        support: keep(this.#phi(this.#pass(u, batch.support, batch.maskSeed))),
        query: keep(this.#phi(this.#pass(u, batch.query, batch.maskSeed + 1000)))
      }
    })
    const heads = fitHeads(batch.features.support, batch.supportTargets, this.#size.headL2)
    batch.coordinates = new HeadCoordinates(batch.features.support, heads, this.#size.headL2)
    return this.initialLower()
  }

  release(batch: FewShotBatch): void {
    batch.features?.support.dispose()
    batch.features?.query.dispose()
    batch.features = undefined
    batch.coordinates?.dispose()
    batch.coordinates = undefined
  }

  upper({ u, v }: Point, batch: FewShotBatch, want: { upperGradient: boolean }): UpperEvaluation {
    const pass =
      want.upperGradient || !batch.features ? this.#pass(u, batch.query, batch.maskSeed + 1000) : undefined
    const loss = new LinearHeads(
      pass ? this.#phi(pass) : batch.features!.query,
      this.#heads(v, batch),
      batch.queryTargets
    )
    return {
      value: loss.value,
      lowerGradient: this.#flat(loss.gradient(), batch),
      upperGradient: want.upperGradient ? this.#backward(pass!, loss.featureGradient()) : undefined
    }
  }

  lower({ u, v }: Point, batch: FewShotBatch): LowerEvaluation {
    let remembered: NetworkPass | undefined
    const pass = (): NetworkPass => (remembered ??= this.#pass(u, batch.support, batch.maskSeed))
    const phi = batch.features?.support ?? this.#phi(pass())
    const loss = new LinearHeads(phi, this.#heads(v, batch), batch.supportTargets, this.#size.headL2)
    return {
      value: loss.value,
      gradient: this.#flat(loss.gradient(), batch),
      upperGradient: () => this.#backward(pass(), loss.featureGradient()),
      product: (direction, want) => {
        const along = loss.along(this.#direction(direction, batch))
        return {
          tangent: along.tangent,
          hessian: want.hessian ? this.#flat(along.hessian(), batch) : undefined,
          mixed: want.mixed ? this.#backward(pass(), along.featureGradient()) : undefined
        }
      }
    }
  }

  #pass(u: Tensor1D, x: Tensor, seed: number): NetworkPass {
    let next = seed
    return this.#network.forward(u, x as Tensor4D, { training: true, nextSeed: () => next++ })
  }

  #phi(pass: NetworkPass): Tensor3D {
    return withConstant(this.#scaled(pass).value, this.#size.tasks)
  }

  #scaled(pass: NetworkPass): FeaturesOfOneLength {
    return new FeaturesOfOneLength(pass.output as Tensor2D, this.#size.featureLength)
  }

  #heads(v: Tensor1D, { coordinates }: FewShotBatch): Tensor3D {
    return coordinates ? coordinates.heads(this.#grouped(v)) : this.#grouped(v)
  }

  #direction(p: Tensor1D, { coordinates }: FewShotBatch): Tensor3D {
    return coordinates ? coordinates.times(this.#grouped(p)) : this.#grouped(p)
  }

  /** The gradient of v from that of the heads. */
  #flat(gradient: Tensor3D, { coordinates }: FewShotBatch): Tensor1D {
    const own = coordinates ? coordinates.times(gradient) : gradient
    return reshape(own, [own.size])
  }

  #grouped(v: Tensor1D): Tensor3D {
    return asHeads(v, this.#size.tasks, this.#width, this.#size.ways)
  }

  /** The network's weights' gradient from that of its features, [tasks, examples, features + 1]. */
  #backward(pass: NetworkPass, featureGradient: Tensor): Tensor1D {
    const [tasks, examples, width] = featureGradient.shape as [number, number, number]
    const own = slice(featureGradient, [0, 0, 0], [tasks, examples, width - 1])
    const scaled = reshape(own, [tasks * examples, width - 1]) as Tensor2D
    return pass.backward(this.#scaled(pass).backward(scaled)).flat
  }
}
