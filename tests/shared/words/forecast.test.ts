import { expect, it } from 'vitest'
import { secondsLeft } from '@shared/words/forecast'

it('forecasts by the share that is done', () => {
  expect(secondsLeft(2, 0.1)).toBeCloseTo(18)
  expect(secondsLeft(30, 0.75)).toBeCloseTo(10)
  expect(secondsLeft(12, 1)).toBe(0)
})

it('says nothing at once, nor from the first hundredth of what may only have begun slowly', () => {
  expect(secondsLeft(0.5, 0.5)).toBeUndefined()
  expect(secondsLeft(1.2, 0.01)).toBeUndefined()
  expect(secondsLeft(5, 0)).toBeUndefined()
  expect(secondsLeft(20, 0.01)).toBeCloseTo(1980)
})
