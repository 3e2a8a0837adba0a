import { dot, fill, matMul, reshape } from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { describeNumerics } from '@support/numerics-suite'

await describeNumerics('wasm')

test('a vector of parameters times itself is right after its use as a matrix of weights', () => {
  const v = fill([640], 1)
  const product = matMul(fill([24, 64], 1), reshape(v, [64, 10]))
  expect([...product.dataSync()]).toEqual(new Array(240).fill(64))
  expect(dot(v, v).dataSync()[0]).toBe(640)
  // And the other way round.
  const w = fill([12], 2)
  expect(dot(w, w).dataSync()[0]).toBe(48)
  expect([...matMul(fill([1, 3], 1), reshape(w, [3, 4])).dataSync()]).toEqual([6, 6, 6, 6])
})
