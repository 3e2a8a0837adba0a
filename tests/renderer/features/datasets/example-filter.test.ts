import { describe, expect, test } from 'vitest'
import { filteredRows } from '@renderer/features/datasets/example-filter'
import type { ExampleFilter } from '@renderer/features/datasets/example-filter'
import type { DatasetMeta } from '@shared/domain/dataset'

const meta: DatasetMeta = {
  schema: 1,
  id: 'd',
  name: 'd',
  createdAt: '2026-01-01T00:00:00.000Z',
  format: 'npz',
  source: 'd.npz',
  count: 8,
  shape: [2, 2, 1],
  dtype: 'uint8',
  classNames: ['cat', 'dog'],
  splits: [
    { name: 'train', from: 0, to: 5 },
    { name: 'test', from: 5, to: 8 }
  ],
  hasTruth: true,
  hasFiles: false,
  poisoned: false,
  layout: {}
}
const given = [0, 1, 0, 1, 0, 1, 1, 0]
const truth = [0, 0, 0, 1, 1, 1, 0, 0]
const marks = new Map([
  [1, 0],
  [3, 1],
  [7, 0]
])
const all: ExampleFilter = { split: null, label: null, state: 'all' }
const rows = (filter: Partial<ExampleFilter>, known: readonly number[] | null = truth): number[] =>
  filteredRows({ meta, given, truth: known, marks }, { ...all, ...filter })

describe('rows that a filter lets through', () => {
  test('all of them, in order, without one', () => {
    expect(rows({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('by split; a split that is gone is none', () => {
    expect(rows({ split: 'train' })).toEqual([0, 1, 2, 3, 4])
    expect(rows({ split: 'test' })).toEqual([5, 6, 7])
    expect(rows({ split: 'validation' })).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('by the label that stands: a corrected one instead of the given one', () => {
    expect(rows({ label: 0 })).toEqual([0, 1, 2, 4, 7])
    expect(rows({ label: 1 })).toEqual([3, 5, 6])
    expect(rows({ state: 'corrected' })).toEqual([1])
  })

  test('by what is trusted', () => {
    expect(rows({ state: 'trusted' })).toEqual([1, 3, 7])
    expect(rows({ state: 'not-trusted' })).toEqual([0, 2, 4, 5, 6])
  })

  test('by what the truth says, where it is known', () => {
    expect(rows({ state: 'wrong' })).toEqual([4, 6])
    expect(rows({ state: 'wrong' }, null)).toEqual([])
  })

  test('all conditions together', () => {
    expect(rows({ split: 'train', label: 0, state: 'wrong' })).toEqual([4])
    expect(rows({ split: 'test', label: 0, state: 'trusted' })).toEqual([7])
    expect(rows({ split: 'test', label: 1, state: 'trusted' })).toEqual([])
  })
})
