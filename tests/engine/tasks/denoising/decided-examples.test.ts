import { describe, expect, it } from 'vitest'
import { joinDecided } from '@engine/tasks/denoising/decided-examples'
import { asRows } from '@engine/tasks/denoising/pooled-pictures'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { termRows } from '@shared/numerics/term-rows'
import { heldRows } from '@support/held-rows'

function source(values: readonly number[], labels: readonly number[], shape = [2]): ExampleSource {
  return heldRows(Float32Array.from(values), Int32Array.from(labels), ['a', 'b'], shape)
}

describe('what a person decided is trusted', () => {
  const trusted = source([1, 2, 3, 4], [0, 1])
  const train = source([3, 4, 5, 6, 7, 8, 3, 4], [1, 0, 0, 1])

  it('joins the trusted examples with the label that was decided, once', () => {
    const decided = Int32Array.of(1, 0, 1, 0)
    const { source: all, twins } = joinDecided(trusted, train, decided, new Set([2, 0]))
    // Row 0 is the trusted row 1 already; row 2 is new, as class b.
    expect([...twins]).toEqual([
      [0, { row: 1 }],
      [2, { row: 2, given: 0 }]
    ])
    expect(Array.from(all.labels)).toEqual([0, 1, 1])
    expect(Array.from(all.readRows([2, 0, 1]))).toEqual([7, 8, 1, 2, 3, 4])
  })

  it('keeps the terms of its texts in the order asked for', () => {
    const withTerms = (of: ExampleSource, first: number): ExampleSource => ({
      ...of,
      readTerms: (rows) => termRows(Array.from(rows, (row) => [first + row, 99]))
    })
    const decided = Int32Array.of(1, 0, 1, 0)
    const both = joinDecided(withTerms(trusted, 10), withTerms(train, 20), decided, new Set([2])).source
    expect(Array.from(both.readTerms!([2, 0], 'words').ids)).toEqual([22, 99, 10, 99])
    expect(joinDecided(trusted, withTerms(train, 20), decided, new Set([2])).source.readTerms).toBeUndefined()
  })

  it('is another example where its label is another', () => {
    const { source: all, twins } = joinDecided(trusted, train, Int32Array.of(1, 0, 0, 0), new Set([3]))
    expect([...twins]).toEqual([[3, { row: 2, given: 1 }]])
    expect(Array.from(all.labels)).toEqual([0, 1, 0])
  })

  it('changes nothing where nothing is decided', () => {
    expect(joinDecided(trusted, train, train.labels, new Set()).source).toBe(trusted)
  })
})

describe('pictures as rows of numbers', () => {
  const picture = source([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [0], [4, 4, 1])

  it('are as they are where they are small', () => {
    const rows = asRows(picture)
    expect(rows.shape).toEqual([16])
    expect(Array.from(rows.readRows([0]))).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
  })

  it('are means of blocks where they are larger', () => {
    const rows = asRows(picture, 4)
    expect(rows.shape).toEqual([4])
    expect(Array.from(rows.readRows([0]))).toEqual([3.5, 5.5, 11.5, 13.5])
  })
})
