import { Random } from '../../shared/numerics/random'

/** Rows, one after the other. */
export interface Rows {
  readonly values: Float32Array
  readonly count: number
  readonly width: number
}

/** A mean and orthonormal directions, the one with the most variance first. */
export interface Components {
  readonly mean: Float64Array
  /** Row-major, [count, width]. */
  readonly directions: Float64Array
  readonly count: number
}

/** Rounds of the subspace iteration: what is found of components that are nearly equal does not matter here. */
const ROUNDS = 40

/**
 * The first principal components of rows, by subspace iteration on their covariance (Golub and Van Loan, section 8.2).
 * @param most how many at most
 */
export function principalComponents({ values, count, width }: Rows, most: number, seed: number): Components {
  const mean = new Float64Array(width)
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) mean[j]! += values[i * width + j]! / count
  const covariance = covarianceOf({ values, count, width }, mean)
  const size = Math.min(most, width, Math.max(1, count - 1))
  const random = Random.derive(seed, 'principal components')
  let basis = Float64Array.from({ length: size * width }, () => random.uniform() - 0.5)
  orthonormalise(basis, size, width)
  for (let round = 0; round < ROUNDS; round++) {
    basis = productOf(basis, covariance, size, width)
    orthonormalise(basis, size, width)
  }
  return { mean, directions: inOrder(basis, covariance, size, width), count: size }
}

/** Rows in the coordinates of components, [count, components]. */
export function project({ values, count, width }: Rows, components: Components): Float32Array {
  const { mean, directions, count: size } = components
  const out = new Float32Array(count * size)
  const centred = new Float64Array(width)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) centred[j] = values[i * width + j]! - mean[j]!
    for (let k = 0; k < size; k++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += directions[k * width + j]! * centred[j]!
      out[i * size + k] = sum
    }
  }
  return out
}

function covarianceOf({ values, count, width }: Rows, mean: Float64Array): Float64Array {
  const out = new Float64Array(width * width)
  const centred = new Float64Array(width)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) centred[j] = values[i * width + j]! - mean[j]!
    for (let j = 0; j < width; j++) {
      const value = centred[j]! / count
      if (value === 0) continue
      for (let k = j; k < width; k++) out[j * width + k]! += value * centred[k]!
    }
  }
  for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) out[j * width + k] = out[k * width + j]!
  return out
}

function productOf(
  basis: Float64Array,
  matrix: Float64Array,
  size: number,
  width: number
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(size * width)
  for (let k = 0; k < size; k++) {
    for (let j = 0; j < width; j++) {
      const value = basis[k * width + j]!
      for (let l = 0; l < width; l++) out[k * width + l]! += value * matrix[j * width + l]!
    }
  }
  return out
}

/** Gram-Schmidt, twice each, so that rounding leaves nothing. A direction without variance becomes zero. */
function orthonormalise(basis: Float64Array, size: number, width: number): void {
  for (let k = 0; k < size; k++) {
    const own = basis.subarray(k * width, (k + 1) * width)
    const before = Math.sqrt(dot(own, own))
    for (let pass = 0; pass < 2; pass++) {
      for (let l = 0; l < k; l++) {
        const other = basis.subarray(l * width, (l + 1) * width)
        const along = dot(own, other)
        for (let j = 0; j < width; j++) own[j]! -= along * other[j]!
      }
    }
    const norm = Math.sqrt(dot(own, own))
    const factor = norm > 1e-10 * before ? 1 / norm : 0
    for (let j = 0; j < width; j++) own[j]! *= factor
  }
}

function inOrder(basis: Float64Array, covariance: Float64Array, size: number, width: number): Float64Array {
  const image = productOf(basis, covariance, size, width)
  const at = (of: Float64Array, k: number): Float64Array => of.subarray(k * width, (k + 1) * width)
  const order = Array.from({ length: size }, (_, k) => ({ k, variance: dot(at(basis, k), at(image, k)) }))
  order.sort((a, b) => b.variance - a.variance || a.k - b.k)
  const out = new Float64Array(size * width)
  order.forEach(({ k }, place) => {
    const own = at(basis, k)
    // The sign of a direction is nobody's: the largest entry is positive.
    const largest = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
    for (let j = 0; j < width; j++) out[place * width + j] = largest < 0 ? -own[j]! : own[j]!
  })
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
