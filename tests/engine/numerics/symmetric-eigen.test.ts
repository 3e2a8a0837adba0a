import { expect, test } from 'vitest'
import { symmetricEigen } from '@engine/numerics/symmetric-eigen'
import { Random } from '@shared/numerics/random'

test('eigenvalues and eigenvectors of a Gram matrix of lower rank', () => {
  const [size, rank] = [7, 4]
  const random = new Random(1)
  const rows = Array.from({ length: size }, () => Array.from({ length: rank }, () => random.normal()))
  const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((total, value, i) => total + value * b[i]!, 0)
  const matrix = rows.map((a) => rows.map((b) => inner(a, b)))
  const { values, vectors } = symmetricEigen(matrix.flat(), size)
  const columns = Array.from({ length: size }, (_, k) => matrix.map((_, i) => vectors[i * size + k]!))
  columns.forEach((column, k) => {
    columns.forEach((other, l) => expect(inner(column, other)).toBeCloseTo(Number(k === l), 9))
    matrix.forEach((row, i) => expect(inner(row, column)).toBeCloseTo(values[k]! * column[i]!, 8))
  })
  expect(values.filter((value) => Math.abs(value) > 1e-8)).toHaveLength(rank)
})
