import { add, dot, matMul, mul, neg, ones, reshape, sub, tensor3d } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import type { SyntheticProblemName } from '../../../shared/domain/task-spec'
import { box } from '../../bilevel/constraints'
import type { BilevelProblem, LowerEvaluation, Point, UpperEvaluation } from '../../bilevel/problem'

/**
 * One of the paper's quadratic problems (Mehra and Hamm 2021, section 3.1). With r = u + v - 1 ("sum") or
 * r = v - u ("difference") and a matrix M:
 *
 *   sum:         f = ||u||² + ||v||²         g = r'M r
 *   difference:  f = ||v||² - r'M r          g = r'M r
 *
 * M is the identity, or A'A with A of half as many rows as columns: then the Hessian of g, 2M, is singular and
 * every v + null(A) minimises g as well. The directions of A's rows are random, the nonzero eigenvalues of A'A
 * evenly spaced in their logarithms around 1 (the authors draw one A with standard normal entries; its scale
 * and its condition, about 35, then depend on the draw).
 */
export interface SyntheticDefinition {
  readonly residual: 'sum' | 'difference'
  readonly singular: boolean
  /** For people: what it is, in one line. */
  readonly formula: string
  /** Number of the problem in the authors' code. */
  readonly published: number
}

export const SYNTHETIC_DEFINITIONS: Readonly<Record<SyntheticProblemName, SyntheticDefinition>> = {
  sum: {
    residual: 'sum',
    singular: false,
    formula: 'f = ||u||² + ||v||², g = ||1 - u - v||²',
    published: 20
  },
  difference: {
    residual: 'difference',
    singular: false,
    formula: 'f = ||v||² - ||u - v||², g = ||u - v||²',
    published: 21
  },
  'sum-singular': {
    residual: 'sum',
    singular: true,
    formula: "f = ||u||² + ||v||², g = (1 - u - v)' A'A (1 - u - v)",
    published: 24
  },
  'difference-singular': {
    residual: 'difference',
    singular: true,
    formula: "f = ||v||² - (u - v)' A'A (u - v), g = (u - v)' A'A (u - v)",
    published: 23
  }
}

export interface SyntheticOptions {
  readonly trials: number
  readonly dimension: number
  /** Largest over smallest nonzero eigenvalue of A'A. */
  readonly condition: number
  readonly seed: number
}

/** Every variable starts uniformly in this box, and u stays in it. */
const BOUND = 5

/** In the authors' code u and v have two blocks of the given dimension, each with an A of its own. */
export const BLOCKS_PER_TRIAL = 2

/**
 * All trials of one problem as one block problem: u and v are [trials, 2, dimension], flat. Trials share no
 * term of f or g, and Adam works entry by entry, so each trial moves as it would alone; only what looks at
 * norms of the whole (Penalty's schedule, the step lengths of conjugate gradients) sees them together.
 */
export class SyntheticProblem implements BilevelProblem<null> {
  readonly upperSize: number
  readonly lowerSize: number
  readonly project = box(-BOUND, BOUND)
  readonly #definition: SyntheticDefinition
  readonly #blocks: number
  readonly #dimension: number
  readonly #initialUpper: Float32Array
  readonly #initialLower: Float32Array
  /** 2 M of each block, [blocks, dimension, dimension]; undefined where M is the identity. */
  readonly #hessian: Tensor3D | undefined
  readonly #ones: Tensor1D
  /** Orthonormal rows that span the rows of each block's A, [blocks, rows, dimension]; undefined without an A. */
  readonly rowSpace: Float64Array | undefined

  constructor(name: SyntheticProblemName, options: SyntheticOptions) {
    const { trials, dimension, condition, seed } = options
    this.#definition = SYNTHETIC_DEFINITIONS[name]
    this.#dimension = dimension
    this.#blocks = trials * BLOCKS_PER_TRIAL
    this.upperSize = this.lowerSize = this.#blocks * dimension
    this.#ones = ones([this.lowerSize])
    const random = Random.derive(seed, `synthetic ${name}`)
    const uniform = (): number => BOUND * (2 * random.uniform() - 1)
    this.#initialUpper = Float32Array.from({ length: this.upperSize }, uniform)
    this.#initialLower = Float32Array.from({ length: this.lowerSize }, uniform)
    if (!this.#definition.singular) return
    const rows = Math.ceil(dimension / 2)
    this.rowSpace = orthonormalRows(random, this.#blocks, rows, dimension)
    const eigenvalues = Float64Array.from({ length: rows }, (_, k) =>
      rows === 1 ? 1 : condition ** (k / (rows - 1) - 0.5)
    )
    const shape: [number, number, number] = [this.#blocks, dimension, dimension]
    this.#hessian = tensor3d(hessians(this.rowSpace, eigenvalues, this.#blocks, dimension), shape)
  }

  initialUpper(): Float32Array {
    return this.#initialUpper
  }

  initialLower(): Float32Array {
    return this.#initialLower
  }

  batchTensors(): readonly Tensor[] {
    return []
  }

  // At this size every operation counts: values are getters, as a lower step needs only gradients, and no
  // constant is uploaded (2 t is t + t).

  upper({ u, v }: Point): UpperEvaluation {
    if (this.#definition.residual === 'sum') {
      return {
        get value(): Scalar {
          return add(dot(u, u), dot(v, v)) as Scalar
        },
        lowerGradient: add(v, v) as Tensor1D,
        get upperGradient(): Tensor1D {
          return add(u, u) as Tensor1D
        }
      }
    }
    const residual = this.#residual(u, v)
    const gradient = this.#timesHessian(residual)
    return {
      get value(): Scalar {
        return sub(dot(v, v), mul(dot(residual, gradient), 0.5)) as Scalar
      },
      lowerGradient: sub(add(v, v), gradient) as Tensor1D,
      upperGradient: gradient
    }
  }

  lower({ u, v }: Point): LowerEvaluation {
    const residual = this.#residual(u, v)
    const gradient = this.#timesHessian(residual)
    const throughUpper = (t: Tensor1D): Tensor1D => (this.#definition.residual === 'sum' ? t : neg(t))
    return {
      get value(): Scalar {
        return mul(dot(residual, gradient), 0.5) as Scalar
      },
      gradient,
      upperGradient: () => throughUpper(gradient),
      product: (direction) => {
        const hessian = this.#timesHessian(direction)
        return {
          get tangent(): Scalar {
            return dot(gradient, direction) as Scalar
          },
          hessian,
          get mixed(): Tensor1D {
            return throughUpper(hessian)
          }
        }
      }
    }
  }

  dispose(): void {
    this.#ones.dispose()
    this.#hessian?.dispose()
  }

  #residual(u: Tensor1D, v: Tensor1D): Tensor1D {
    return (this.#definition.residual === 'sum' ? sub(add(u, v), this.#ones) : sub(v, u)) as Tensor1D
  }

  /** 2 M t, block by block. */
  #timesHessian(t: Tensor1D): Tensor1D {
    if (!this.#hessian) return add(t, t) as Tensor1D
    const rows = reshape(t, [this.#blocks, this.#dimension, 1])
    return reshape(matMul(this.#hessian, rows), [this.lowerSize])
  }
}

/** Gaussian rows made orthonormal (Gram and Schmidt, twice for accuracy) within each block. */
function orthonormalRows(random: Random, blocks: number, rows: number, columns: number): Float64Array {
  const out = Float64Array.from({ length: blocks * rows * columns }, () => random.normal())
  for (let block = 0; block < blocks; block++) {
    const row = (k: number): Float64Array =>
      out.subarray((block * rows + k) * columns, (block * rows + k + 1) * columns)
    for (let k = 0; k < rows; k++) {
      const own = row(k)
      for (let pass = 0; pass < 2; pass++) {
        for (let before = 0; before < k; before++) {
          const other = row(before)
          const overlap = own.reduce((total, value, i) => total + value * other[i]!, 0)
          own.forEach((value, i) => (own[i] = value - overlap * other[i]!))
        }
      }
      const norm = Math.hypot(...own)
      own.forEach((value, i) => (own[i] = value / norm))
    }
  }
  return out
}

/** 2 A'A, A'A = sum of eigenvalue times q q' over the rows q of each block, flat. */
function hessians(
  rowSpace: Float64Array,
  eigenvalues: Float64Array,
  blocks: number,
  columns: number
): Float32Array {
  const out = new Float32Array(blocks * columns * columns)
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        out[(block * columns + i) * columns + j] = eigenvalues.reduce((total, eigenvalue, k) => {
          const row = (block * eigenvalues.length + k) * columns
          return total + 2 * eigenvalue * rowSpace[row + i]! * rowSpace[row + j]!
        }, 0)
      }
    }
  }
  return out
}
