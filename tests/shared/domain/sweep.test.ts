import { describe, expect, test } from 'vitest'
import { axesIn, axisOf, pointsOf } from '@shared/domain/sweep'
import { denoisingSpec } from '@shared/domain/task-spec'

const named = (field: string): string => `line 1: ${field}`

describe('values of a field as typed', () => {
  test('count both ends, part at commas, and at semicolons where a value is a list', () => {
    expect(axisOf(denoisingSpec, 'seed', '0..2, 7')).toEqual({ field: 'seed', values: [0, 1, 2, 7] })
    expect(axisOf(denoisingSpec, 'method', 'penalty, gd').values).toEqual(['penalty', 'gd'])
    expect(axisOf(denoisingSpec, 'lr-upper', '0.1,1e-3')).toEqual({ field: 'lrUpper', values: [0.1, 0.001] })
    expect(axisOf(denoisingSpec, 'hidden-sizes', '50; 100,50').values).toEqual([[50], [100, 50]])
    expect(axisOf(denoisingSpec, 'momentsPerExample', 'true,false').values).toEqual([true, false])
  })

  test.each([
    ['seed', '5..2', 'Count upwards'],
    ['seed', '0..99999', 'Count upwards'],
    ['seed', '1,1', 'Name each value once'],
    ['seed', 'x', 'Give numbers'],
    ['seed', ' , ', 'Name at least one'],
    ['nonsense', '1', 'Take a field']
  ])('%s as "%s" is refused', (field, text, remedy) => {
    expect(() => axisOf(denoisingSpec, field, text)).toThrow(
      expect.objectContaining({ code: 'bad-input', remedy: expect.stringContaining(remedy) as string })
    )
  })
})

test('fields of a file that are lists vary, those that are lists anyway where they are lists of lists', () => {
  const { fixed, axes } = axesIn(
    denoisingSpec,
    { task: 'denoising', train: ['a', 'b'], trusted: 'c', hiddenSizes: [50], dropped: [1, 2], seed: [0, 1] },
    named
  )
  expect(fixed).toEqual({ task: 'denoising', trusted: 'c', hiddenSizes: [50], dropped: [1, 2] })
  expect(axes).toEqual([
    { field: 'train', values: ['a', 'b'] },
    { field: 'seed', values: [0, 1] }
  ])
  expect(axesIn(denoisingSpec, { hiddenSizes: [[50], [9, 9]] }, named).axes[0]?.values).toEqual([
    [50],
    [9, 9]
  ])
})

test('points are all combinations, the last axis the fastest, within the limit', () => {
  const axes = [
    { field: 'method', values: ['gd', 'rmd'] },
    { field: 'seed', values: [0, 1] }
  ]
  expect(pointsOf(axes)).toEqual([
    { method: 'gd', seed: 0 },
    { method: 'gd', seed: 1 },
    { method: 'rmd', seed: 0 },
    { method: 'rmd', seed: 1 }
  ])
  const many = { field: 'seed', values: Array.from({ length: 501 }, (_, i) => i) }
  expect(() => pointsOf([axes[0]!, many])).toThrow('1002 runs')
})
