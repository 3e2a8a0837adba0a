import { describe, expect, test } from 'vitest'
import { poisonedIn } from '@renderer/features/new-run/poisoned-choice'
import type { DatasetMeta } from '@shared/domain/dataset'

const datasets = [
  { id: 'a-1', name: 'clean', poisoned: false },
  { id: 'b-2', name: 'bad', poisoned: true }
] as DatasetMeta[]

describe('a poisoned choice', () => {
  test('is found in any part of a reference, by name or id', () => {
    expect(poisonedIn('clean#train+bad#train[0:5]', datasets)).toEqual(['bad'])
    expect(poisonedIn('b-2', datasets)).toEqual(['b-2'])
    expect(poisonedIn('bad#a+bad#b', datasets)).toEqual(['bad'])
  })

  test('is no alarm for clean data, nor for what is being typed', () => {
    expect(poisonedIn('clean#train', datasets)).toEqual([])
    expect(poisonedIn('', datasets)).toEqual([])
    expect(poisonedIn('bad#', datasets)).toEqual([])
  })
})
