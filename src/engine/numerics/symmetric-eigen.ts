/** Sweeps after which Jacobi's method has long converged. */
const SWEEPS = 30

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix (cyclic Jacobi; Golub and Van Loan, section 8.5).
 * @param matrix row-major, [size, size]
 * @returns values, [size], in no order; vectors, row-major, [size, size], the k-th in column k
 */
export function symmetricEigen(
  matrix: ArrayLike<number>,
  size: number
): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix)
  const vectors = new Float64Array(size * size)
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0
    let all = 0
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        all += a[i * size + j]! ** 2
        if (i !== j) off += a[i * size + j]! ** 2
      }
    }
    if (off <= 1e-20 * all) break
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q)
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]!), vectors }
}

/** Turn rows and columns p and q so that a[p][q] vanishes. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!
  if (apq === 0) return
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq)
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cos = 1 / Math.sqrt(t * t + 1)
  const sin = t * cos
  const turn = (m: Float64Array, i: number, j: number): void => {
    const [x, y] = [m[i]!, m[j]!]
    m[i] = cos * x - sin * y
    m[j] = sin * x + cos * y
  }
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q)
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k)
  for (let k = 0; k < size; k++) turn(vectors, k * size + p, k * size + q)
}
