import { expect, it } from 'vitest'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { present } from '@main/runs/worker/without-left-out'
import { termRows } from '@shared/numerics/term-rows'

const all: ExampleSource = {
  count: 4,
  shape: [1],
  classNames: ['a', 'b'],
  labels: Int32Array.of(0, 1, 0, 1),
  readRows: (rows) => Float32Array.from(rows, (row) => row / 10),
  readTerms: (rows, kind) => termRows(Array.from(rows, (row) => [row, kind === 'words' ? 50 : 60]))
}

it('reads the features and the terms of those that are not left out, by their place among them', () => {
  const source = present({ ...all, leftOut: new Set([1]) })
  expect(Array.from(source.labels)).toEqual([0, 0, 1])
  expect(source.readRows([2, 1])).toEqual(Float32Array.of(0.3, 0.2))
  expect(Array.from(source.readTerms!([2, 1], 'words').ids)).toEqual([3, 50, 2, 50])
  const bare: ExampleSource = { ...all, readTerms: undefined }
  expect(present({ ...bare, leftOut: new Set([1]) }).readTerms).toBeUndefined()
})
