import { expect, test } from 'vitest'
import { suggestedData } from '@renderer/ui/references'
import type { DatasetMeta } from '@shared/domain/dataset'

const meta = {
  name: 'photos',
  splits: [
    { name: 'train', from: 0, to: 3 },
    { name: 'test', from: 3, to: 4 }
  ]
} as unknown as DatasetMeta

test('a run with marks is suggested once half of the classes that occur have one, else a first look', () => {
  // The third class has no example: it needs no mark.
  const given = [0, 1, 0, 1]
  expect(suggestedData(meta, given, [2, 1, 0])).toEqual({
    train: 'photos#train',
    trusted: 'photos#trusted',
    test: 'photos#test'
  })
  const trusted = 'photos#trusted'
  expect(suggestedData(meta, [0, 1, 2, 3, 4], [2, 1, 0, 4])).toMatchObject({ trusted })
  expect(suggestedData(meta, [0, 1, 2, 3, 4], [2, 1])).toMatchObject({ none: 'trusted' })
  for (const classCounts of [[0, 0, 0], [3, 0, 0], []]) {
    expect(suggestedData(meta, given, classCounts)).toEqual({
      train: 'photos#train',
      none: 'trusted',
      test: 'photos#test'
    })
  }
})

test('a dataset that is all one test split is learned from as a whole, and measured by nothing of it', () => {
  const entire = { ...meta, splits: [{ name: 'test', from: 0, to: 4 }] } as DatasetMeta
  expect(suggestedData(entire, [0, 1], [])).toEqual({ train: 'photos', none: 'trusted' })
})
