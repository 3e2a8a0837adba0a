import { expect, test } from 'vitest'
import { bytes, counted, duration, percent } from '@shared/words/numbers'
import { methodName } from '@shared/domain/method'

test.for([
  [0.4, '0 s'],
  [59.6, '1 min 0 s'],
  [75, '1 min 15 s'],
  [3599.6, '1 h 0 min'],
  [4000, '1 h 6 min'],
  // Rounded minutes would be sixty.
  [7199, '1 h 59 min']
] as const)('%d seconds are %s', ([seconds, text]) => expect(duration(seconds)).toBe(text))

test('shares, counts and sizes', () => {
  expect([percent(0.9123), percent(0.5, 0), percent(null)]).toEqual(['91.2 %', '50 %', '–'])
  expect([counted(1, 'label'), counted(1200, 'label')]).toEqual(['1 label', '1,200 labels'])
  expect([bytes(100), bytes(1536), bytes(20 * 1024 ** 3)]).toEqual(['100 B', '1.5 KiB', '20 GiB'])
})

test('a method that this version does not know keeps its name', () => {
  expect([methodName('rmd'), methodName('sama')]).toEqual(['RMD', 'sama'])
})
