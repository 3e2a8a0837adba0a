import { expect, test } from 'vitest'
import { holdingWords, previewCells } from '@renderer/features/datasets/card-preview'
import type { DatasetMeta } from '@shared/domain/dataset'

function table(roles: readonly string[], count = 100): DatasetMeta {
  const columns = roles.map((role, i) => ({ role, name: `column ${i}` }))
  return {
    format: 'table',
    shape: [7],
    count,
    layout: {},
    representation: { columns }
  } as unknown as DatasetMeta
}

test('a card of a table shows its cells, of texts the texts, and never what tells rows apart only', () => {
  expect(previewCells(table(['identifier', 'number', 'category', 'constant']))).toEqual({
    rows: [0, 50],
    columns: [1, 2]
  })
  expect(previewCells(table(['number', 'text']))?.columns).toEqual([1])
  expect(previewCells(table(['number'], 1))?.rows).toEqual([0])
})

test('pictures, and arrays whose columns have no names, are shown as pictures', () => {
  expect(previewCells({ ...table([]), representation: undefined } as DatasetMeta)).toBeUndefined()
  expect(previewCells({ ...table(['number']), shape: [8, 8, 1] } as DatasetMeta)).toBeUndefined()
})

test('what a dataset holds is said as its owner would', () => {
  expect(holdingWords(table(['text']))).toBe('texts')
  expect(holdingWords(table(['number', 'category']))).toBe('2 columns')
  expect(holdingWords({ ...table([]), shape: [28, 28, 1] } as DatasetMeta)).toBe('28 × 28, gray')
})
