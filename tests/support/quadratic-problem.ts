import { add, dot, matMul, mul, reshape, sub, tensor2d } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { BilevelProblem, LowerEvaluation, Point, UpperEvaluation } from '@engine/bilevel/problem'

/**
 * f = ||u - a||² / 2 + ||v - b||² / 2, g = ||v - M u||² / 2: v*(u) = M u, so u* solves
 * (I + M' M) u = a + M' b.
 */
export class QuadraticProblem implements BilevelProblem<null> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly #m: Tensor2D

  constructor(
    readonly m: readonly (readonly number[])[],
    readonly a: readonly number[],
    readonly b: readonly number[]
  ) {
    this.lowerSize = m.length
    this.upperSize = m[0]!.length
    this.#m = tensor2d(m.map((row) => [...row]))
  }

  initialUpper(): Float32Array {
    return new Float32Array(this.upperSize)
  }

  initialLower(): Float32Array {
    return new Float32Array(this.lowerSize).fill(0.5)
  }

  upper({ u, v }: Point): UpperEvaluation {
    const du = sub(u, [...this.a]) as Tensor1D
    const dv = sub(v, [...this.b]) as Tensor1D
    return { value: mul(0.5, add(dot(du, du), dot(dv, dv))) as Scalar, lowerGradient: dv, upperGradient: du }
  }

  lower({ u, v }: Point): LowerEvaluation {
    const residual = sub(v, this.#times(u)) as Tensor1D
    const backwards = (t: Tensor1D): Tensor1D => mul(this.#timesTransposed(t), -1)
    return {
      value: mul(0.5, dot(residual, residual)) as Scalar,
      gradient: residual,
      upperGradient: () => backwards(residual),
      product: (direction) => ({
        tangent: dot(residual, direction) as Scalar,
        hessian: direction,
        mixed: backwards(direction)
      })
    }
  }

  #times(u: Tensor1D): Tensor1D {
    return reshape(matMul(this.#m, reshape(u, [-1, 1])), [this.lowerSize])
  }

  #timesTransposed(v: Tensor1D): Tensor1D {
    return reshape(matMul(this.#m, reshape(v, [-1, 1]), true), [this.upperSize])
  }
}
