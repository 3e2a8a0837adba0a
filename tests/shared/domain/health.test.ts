import { expect, it } from 'vitest'
import { groupEstimate } from '@shared/domain/health'

it('sums probabilities; certain ones leave only the interval of all', () => {
  expect(groupEstimate([1, 1, 1, 1, 0, 0], { expected: 10, low: 5, high: 20 })).toEqual({
    expected: 4,
    low: 2,
    high: 6
  })
})

it('has the chance of each label in its interval', () => {
  const { expected, low, high } = groupEstimate(new Array<number>(400).fill(0.1), {
    expected: 40,
    low: 40,
    high: 40
  })
  // 40 and 1.645 standard deviations of a binomial: 6.
  expect(expected).toBeCloseTo(40)
  expect([low, high]).toEqual([30, 50])
})

it('is nothing where nothing is seen', () => {
  expect(groupEstimate([], { expected: 3, low: 1, high: 5 })).toEqual({ expected: 0, low: 0, high: 0 })
})
