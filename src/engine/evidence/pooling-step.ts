const LARGEST_WEIGHT = 12
/** Pull of the weights to their mean. */
const RIDGE = 1

/** What the pull to their mean costs weights. */
export function ridge(weights: Float64Array): number {
  const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length
  return RIDGE * weights.reduce((sum, w) => sum + (w - mean) ** 2, 0)
}

/** A step on the opinions' weights w by gradient and curvature of sum_i sum_k target_ik log q_k(w), with q as in channel.ts. */
export class NewtonStep {
  readonly #gradient: Float64Array
  readonly #curvature: Float64Array

  constructor(private readonly size: number) {
    this.#gradient = new Float64Array(size)
    this.#curvature = new Float64Array(size * size)
  }

  add(
    opinions: readonly Float64Array[],
    row: number,
    q: Float64Array,
    target: Float64Array,
    importance: number
  ): void {
    const size = this.size
    const base = row * q.length
    const means = new Float64Array(size)
    for (let m = 0; m < size; m++) {
      for (let k = 0; k < q.length; k++) means[m]! += q[k]! * opinions[m]![base + k]!
    }
    for (let m = 0; m < size; m++) {
      let slope = -means[m]!
      for (let k = 0; k < q.length; k++) slope += target[k]! * opinions[m]![base + k]!
      this.#gradient[m]! += importance * slope
      for (let n = 0; n <= m; n++) {
        let product = 0
        for (let k = 0; k < q.length; k++) {
          product += q[k]! * opinions[m]![base + k]! * opinions[n]![base + k]!
        }
        const covariance = importance * (product - means[m]! * means[n]!)
        this.#curvature[m * size + n]! += covariance
        if (n < m) this.#curvature[n * size + m]! += covariance
      }
    }
  }

  move(weights: Float64Array): void {
    const size = this.size
    const mean = weights.reduce((sum, w) => sum + w, 0) / size
    const gradient = this.#gradient.map((slope, m) => slope - 2 * RIDGE * (weights[m]! - mean))
    for (let m = 0; m < size; m++) {
      this.#curvature[m * size + m]! += 2 * RIDGE + 1e-6
    }
    const step = solve(this.#curvature, gradient)
    for (let m = 0; m < size; m++) {
      // A step is short: the targets move with the weights.
      const moved = weights[m]! + Math.max(-1, Math.min(1, step[m]!))
      weights[m] = Math.min(LARGEST_WEIGHT, Math.max(0, moved))
    }
  }
}

/** x of A x = b for a small symmetric positive A, by elimination. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length
  const a = matrix.slice()
  const x = right.slice()
  for (let p = 0; p < size; p++) {
    for (let r = p + 1; r < size; r++) {
      const factor = a[r * size + p]! / a[p * size + p]!
      for (let c = p; c < size; c++) a[r * size + c]! -= factor * a[p * size + c]!
      x[r]! -= factor * x[p]!
    }
  }
  for (let p = size - 1; p >= 0; p--) {
    for (let c = p + 1; c < size; c++) x[p]! -= a[p * size + c]! * x[c]!
    x[p]! /= a[p * size + p]!
  }
  return x
}
