import { add, dot, matMul, mul, reshape, sub, tensor2d } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { Projection } from '@engine/bilevel/constraints'
import type {
  BilevelProblem,
  InequalityConstraints,
  LowerEvaluation,
  Point,
  UpperEvaluation
} from '@engine/bilevel/problem'

type Matrix = readonly (readonly number[])[]

export interface QuadraticOptions {
  /** C, symmetric and positive semidefinite; the identity when absent. */
  readonly curvature?: Matrix
  readonly project?: Projection
  readonly constraints?: InequalityConstraints
}

/**
 * f = ||u - a||² / 2 + ||v - b||² / 2, g = r'C r / 2 with r = v - M u. Where C is regular v*(u) = M u, so the
 * hypergradient is (u - a) + M'(M u - b) and u* solves (I + M'M) u = a + M'b.
 */
export class QuadraticProblem implements BilevelProblem<null> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly project?: Projection
  readonly constraints?: InequalityConstraints
  readonly #m: Tensor2D
  readonly #c: Tensor2D | undefined

  constructor(
    readonly m: Matrix,
    readonly a: readonly number[],
    readonly b: readonly number[],
    options: QuadraticOptions = {}
  ) {
    this.lowerSize = m.length
    this.upperSize = m[0]!.length
    this.#m = tensor2d(m.map((row) => [...row]))
    this.#c = options.curvature && tensor2d(options.curvature.map((row) => [...row]))
    if (options.project) this.project = options.project
    if (options.constraints) this.constraints = options.constraints
  }

  initialUpper(): Float32Array {
    return new Float32Array(this.upperSize)
  }

  initialLower(): Float32Array {
    return new Float32Array(this.lowerSize).fill(0.5)
  }

  batchTensors(): readonly [] {
    return []
  }

  upper({ u, v }: Point): UpperEvaluation {
    const du = sub(u, [...this.a]) as Tensor1D
    const dv = sub(v, [...this.b]) as Tensor1D
    return { value: mul(0.5, add(dot(du, du), dot(dv, dv))) as Scalar, lowerGradient: dv, upperGradient: du }
  }

  lower({ u, v }: Point): LowerEvaluation {
    const residual = sub(v, times(this.#m, u)) as Tensor1D
    const curved = (t: Tensor1D): Tensor1D => (this.#c ? times(this.#c, t) : t)
    const backwards = (t: Tensor1D): Tensor1D => mul(times(this.#m, t, true), -1)
    const gradient = curved(residual)
    return {
      value: mul(0.5, dot(residual, gradient)) as Scalar,
      gradient,
      upperGradient: () => backwards(gradient),
      product: (direction) => ({
        tangent: dot(gradient, direction) as Scalar,
        hessian: curved(direction),
        mixed: backwards(curved(direction))
      })
    }
  }

  dispose(): void {
    this.#m.dispose()
    this.#c?.dispose()
  }
}

function times(matrix: Tensor2D, t: Tensor1D, transposed = false): Tensor1D {
  return reshape(matMul(matrix, reshape(t, [-1, 1]), transposed), [-1])
}
