import {
  add,
  concat,
  div,
  keep,
  matMul,
  mean,
  mul,
  ones,
  reshape,
  square,
  sub,
  sum,
  tidy,
  zeros
} from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { CrossEntropy } from '../models/cross-entropy'

/** Features with a constant beside them, so that a head's last row is its bias: [tasks, examples, features + 1]. */
export function withConstant(features: Tensor2D, tasks: number): Tensor3D {
  const [count, width] = features.shape
  const grouped = reshape(features, [tasks, count / tasks, width])
  return concat([grouped, ones([tasks, count / tasks, 1])], 2) as Tensor3D
}

/**
 * One linear softmax classifier a task, all tasks at once. With features phi [tasks, examples, width] and heads
 * V [tasks, width, ways] the loss is the mean over tasks and examples of the cross-entropy, plus
 * l2 ||V||² / (2 tasks). Analytic like the layers' maps; with p a direction and z = phi V, zt = phi p:
 *
 *   grad_V     = phi' dz + l2 V / tasks         dz  = c (softmax(z) - e), c = 1 / (tasks * examples)
 *   H p        = phi' dzt + l2 p / tasks        dzt = derivative of dz along zt
 *   grad_phi   = dz V'
 *   grad_phi s = dz p' + dzt V'                 s = <grad_V, p>
 */
export class LinearHeads {
  readonly value: Scalar
  readonly logits: Tensor2D
  readonly #phi: Tensor3D
  readonly #heads: Tensor3D
  readonly #loss: CrossEntropy
  readonly #share: number
  readonly #l2: number
  readonly #dz: Tensor3D

  /**
   * @param phi [tasks, examples, width]
   * @param heads [tasks, width, ways]
   * @param targets [tasks * examples, ways]
   */
  constructor(phi: Tensor3D, heads: Tensor3D, targets: Tensor2D, l2 = 0) {
    const [tasks, examples] = phi.shape
    this.#phi = phi
    this.#heads = heads
    this.#l2 = l2 / tasks
    this.#share = 1 / (tasks * examples)
    this.logits = this.#flat(matMul(phi, heads))
    this.#loss = new CrossEntropy(this.logits, targets)
    this.#dz = this.#grouped(this.#loss.gradient(this.#share))
    const fit = mean(this.#loss.losses)
    this.value = (l2 === 0 ? fit : add(fit, mul(this.#l2 / 2, sum(square(heads))))) as Scalar
  }

  /** [tasks, width, ways] */
  gradient(): Tensor3D {
    return this.#shrunk(matMul(this.#phi, this.#dz, true), this.#heads)
  }

  /** [tasks, examples, width] */
  featureGradient(): Tensor {
    return matMul(this.#dz, this.#heads, false, true)
  }

  /** Along p [tasks, width, ways]. */
  along(p: Tensor3D): { tangent: Scalar; hessian(): Tensor3D; featureGradient(): Tensor } {
    const zt = this.#flat(matMul(this.#phi, p))
    const dzt = (): Tensor => this.#grouped(this.#loss.gradientTangent(this.#share, zt))
    const fit = mean(this.#loss.tangent(zt))
    return {
      tangent: add(fit, mul(this.#l2, sum(mul(this.#heads, p)))) as Scalar,
      hessian: () => this.#shrunk(matMul(this.#phi, dzt(), true), p),
      featureGradient: () => add(matMul(this.#dz, p, false, true), matMul(dzt(), this.#heads, false, true))
    }
  }

  #shrunk(gradient: Tensor, heads: Tensor3D): Tensor3D {
    return (this.#l2 === 0 ? gradient : add(gradient, mul(heads, this.#l2))) as Tensor3D
  }

  #flat(t: Tensor): Tensor2D {
    const [tasks, examples, ways] = t.shape as [number, number, number]
    return reshape(t, [tasks * examples, ways])
  }

  #grouped(t: Tensor2D): Tensor3D {
    const [tasks, examples] = this.#phi.shape
    return reshape(t, [tasks, examples, t.shape[1]])
  }
}

/** Steps of accelerated gradient descent from zero; the loss is smooth and strongly convex, so these are many. */
const FIT_STEPS = 60

/**
 * Heads at the minimum of the loss above, from zero (Nesterov 1983, with each task's own step 1 / L,
 * L <= mean ||phi||² / 2 + l2).
 * @returns [tasks, width, ways], kept
 */
export function fitHeads(phi: Tensor3D, targets: Tensor2D, l2: number, steps = FIT_STEPS): Tensor3D {
  const [tasks, , width] = phi.shape
  const ways = targets.shape[1]
  const rate = tidy(() => {
    const size = reshape(mean(sum(square(phi), 2), 1), [tasks, 1, 1])
    // The loss is a mean over tasks: a task's own curvature is `tasks` times that of the whole.
    return keep(div(tasks, add(mul(size, 0.5), l2)))
  })
  let heads = keep(zeros([tasks, width, ways])) as Tensor3D
  let ahead = keep(heads.clone())
  for (let step = 0; step < steps; step++) {
    const [next, further] = tidy(() => {
      const moved = sub(ahead, mul(rate, new LinearHeads(phi, ahead, targets, l2).gradient()))
      const momentum = step / (step + 3)
      return [keep(moved), keep(add(moved, mul(sub(moved, heads), momentum)))] as Tensor3D[]
    })
    heads.dispose()
    ahead.dispose()
    heads = next!
    ahead = further!
  }
  ahead.dispose()
  rate.dispose()
  return heads
}

export function asHeads(v: Tensor1D, tasks: number, width: number, ways: number): Tensor3D {
  return reshape(v, [tasks, width, ways])
}
