import { expect, test } from 'vitest'
import { amongAll, amongKnown, knownClasses } from '@shared/numerics/known-classes'

const ints = (...values: number[]): Int32Array => Int32Array.from(values)
const floats = (...values: number[]): Float32Array => Float32Array.from(values)
const rounded = (values: Float32Array): number[] => Array.from(values, (value) => Number(value.toFixed(5)))

test('classes are known where a trusted example is of them, and all are where none that occurs is missing', () => {
  expect(knownClasses(ints(0, 2), ints(0, 1, 2), 4)).toEqual(Uint8Array.of(1, 0, 1, 0))
  // The fourth class has no example at all.
  expect(knownClasses(ints(0, 1, 2), ints(0, 1, 2), 4)).toBeUndefined()
  // Nothing trusted says nothing of any class.
  expect(knownClasses(ints(), ints(0, 1), 2)).toBeUndefined()
})

test('among known classes probabilities sum to 1, the others have none', () => {
  const known = Uint8Array.of(1, 0, 1)
  expect(rounded(amongKnown(floats(0.2, 0.5, 0.3), known))).toEqual([0.4, 0, 0.6])
  const all = floats(0.2, 0.5, 0.3)
  expect(amongKnown(all, undefined)).toBe(all)
})

test('what an example is that may be of an unknown class, others say; of which known one, the classifier does', () => {
  const known = Uint8Array.of(1, 0, 1)
  const said = floats(0.9, 0, 0.1, 0.9, 0, 0.1)
  const others = floats(0.3, 0.2, 0.5, 0.05, 0.9, 0.05)
  expect(rounded(amongAll(said, known, others))).toEqual([0.72, 0.2, 0.08, 0.09, 0.9, 0.01])
  expect(rounded(amongAll(said.subarray(0, 3), known, undefined))).toEqual([0.6, 0.33333, 0.06667])
})
