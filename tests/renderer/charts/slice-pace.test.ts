import { expect, it } from 'vitest'
import { SlicePace } from '@renderer/charts/slice-pace'

it('takes as many points into a slice as its time allows, by what points have cost', () => {
  const pace = new SlicePace(6)
  const first = pace.next()
  pace.took(first, first / 1000)
  expect(pace.next()).toBe(6000)
  // Twice as dear as before: the mean of the two counts.
  pace.took(6000, 12)
  expect(pace.next()).toBe(4000)
})

it('grows step by step where points cost next to nothing, and never stops where they are dear', () => {
  const quick = new SlicePace(6)
  const first = quick.next()
  quick.took(first, 0)
  expect(quick.next()).toBe(4 * first)
  const slow = new SlicePace(6)
  slow.took(slow.next(), 60_000)
  expect(slow.next()).toBe(1024)
})
