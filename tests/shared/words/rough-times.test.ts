import { describe, expect, test } from 'vitest'
import { rangeOfTimes, roughTime } from '@shared/words/numbers'

describe('times that are not known to the second', () => {
  test('are told as finely as they are known', () => {
    expect([0, 4, 7, 49, 55, 89, 91, 742].map(roughTime)).toEqual([
      '5 s',
      '5 s',
      '10 s',
      '50 s',
      '1 min',
      '1 min',
      '2 min',
      '12 min'
    ])
    expect([3600, 4000, 7150, 90_000].map(roughTime)).toEqual(['1 h', '1 h 10 min', '2 h', '25 h'])
  })

  test('have one unit where both ends have it', () => {
    expect(rangeOfTimes(130, 700)).toBe('2 to 12 min')
    expect(rangeOfTimes(20, 45)).toBe('20 to 45 s')
    expect(rangeOfTimes(20, 300)).toBe('20 s to 5 min')
    expect(rangeOfTimes(61, 65)).toBe('about 1 min')
    expect(rangeOfTimes(4000, 7200)).toBe('1 h 10 min to 2 h')
  })
})
