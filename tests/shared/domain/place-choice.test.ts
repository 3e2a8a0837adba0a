import { expect, test } from 'vitest'
import { proposePlace } from '@shared/domain/place-choice'

const small = { seconds: 60, memoryMiB: 500, freeMiB: 4000 }

test('small runs are proposed here; many, long ones and those that do not fit at the first place', () => {
  const at = (runs: number, estimate: Parameters<typeof proposePlace>[2]): string | undefined =>
    proposePlace(['gpu', 'other'], runs, estimate).place
  expect(at(1, small)).toBeUndefined()
  expect(at(9, small)).toBeUndefined()
  expect(at(10, small)).toBe('gpu')
  expect(at(1, { ...small, seconds: 1801 })).toBe('gpu')
  expect(at(4, { ...small, seconds: 500 })).toBe('gpu')
  expect(at(1, { ...small, memoryMiB: 5000 })).toBe('gpu')
  expect(at(1, null)).toBeUndefined()
  expect(at(1, { seconds: null, memoryMiB: null, freeMiB: 0 })).toBeUndefined()
})

test('without places there is only this machine', () => {
  expect(proposePlace([], 100, { ...small, memoryMiB: 5000 }).place).toBeUndefined()
})
