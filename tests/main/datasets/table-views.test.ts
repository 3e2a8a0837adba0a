import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { cellsOfRows, headsOf, judgedCells, linesOf, rowsInOrder, rowsWith } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { temporaryStore } from '@support/datasets'

/** 40 people: the young ones live in Bern and are "a", the old ones in Rome and are "b"; one "a" is an old Roman. */
async function people() {
  const lines = ['age,city,note,label']
  for (let i = 0; i < 40; i++) {
    const isOld = i >= 20 || i === 7
    const age = i === 3 ? '' : isOld ? 60 + (i % 20) : 20 + (i % 10)
    lines.push(
      `${age},${isOld ? 'Rome' : 'Bern'},"Wrote: ""number ${i}, ${'x'.repeat(i)}""",${i < 20 ? 'a' : 'b'}`
    )
  }
  const file = path.join(temporaryFolder(), 'people.csv')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const store = temporaryStore()
  const { id } = await store.importFrom(file, { column: ['note=text', 'city=category', 'age=number'] })
  return { store, meta: store.get(id) }
}

describe('a table as its owner knows it', () => {
  it('has heads with distributions and what is empty', async () => {
    const { meta } = await people()
    const heads = await headsOf(meta)
    expect(heads.map(({ name, role, isFeature }) => [name, role, isFeature])).toEqual([
      ['age', 'number', true],
      ['city', 'category', true],
      ['note', 'text', true]
    ])
    const [age, city] = heads
    expect(age).toMatchObject({ rows: 40, empty: 1, levels: null })
    expect([age!.numbers!.low, age!.numbers!.high]).toEqual([20, 79])
    expect(age!.numbers!.bars.reduce((sum, n) => sum + n, 0)).toBe(39)
    expect(city!.levels).toEqual({
      count: 2,
      most: [
        { text: 'Rome', count: 21 },
        { text: 'Bern', count: 19 }
      ]
    })
  })

  it('gives cells as they stand, in the columns asked for', async () => {
    const { meta } = await people()
    expect(cellsOfRows(meta, [25, 3], [1, 0])).toEqual([
      ['Rome', '65'],
      ['Bern', '']
    ])
    expect(() => cellsOfRows(meta, [40], [0])).toThrow('There is no example 40')
  })

  it('is put in order by number and by word, empty cells last either way', async () => {
    const { meta } = await people()
    const up = await rowsInOrder(meta, 0, false)
    expect([up[0], up[38], up[39]]).toEqual([0, 39, 3])
    const down = await rowsInOrder(meta, 0, true)
    expect([down[0], down[1], down[39]]).toEqual([39, 38, 3])
    // Row 20 is 60 years old, row 7 is 67: ties keep the order of the table.
    expect(down.indexOf(7)).toBe(down.indexOf(27) - 1)
    const byCity = await rowsInOrder(meta, 1, true)
    expect(byCity.slice(0, 3)).toEqual([7, 20, 21])
  })

  it('finds texts whatever their case', async () => {
    const { meta } = await people()
    expect(await rowsWith(meta, 'NUMBER 17,')).toEqual([17])
    expect(await rowsWith(meta, 'rome')).toHaveLength(21)
    expect(await rowsWith(meta, 'nobody')).toEqual([])
  })

  it('tells which cells of a row are unusual in its class and how they are in another', async () => {
    const { store, meta } = await people()
    const selection = store.open(meta.id)
    try {
      const [age, city, note] = await judgedCells(selection, 7, { given: 0, suggested: 1 })
      // The oldest of 19 with an age: at least as large is 1 of 19, two-sided 2 of 19.
      expect(age!.text).toBe('67')
      expect(age!.given!.rarity).toBeCloseTo(2 / 19, 9)
      expect(age!.given!.numbers).toMatchObject({ lower: 18 / 19, low: 20, median: 25, high: 67 })
      // Among 60..79 there are 7 lower and 8 at most as large.
      expect(age!.suggested!.rarity).toBeCloseTo((2 * 8) / 20, 9)
      expect(age!.suggested!.share).toBeCloseTo(1 / 20, 9)
      expect(city!.given).toEqual({ rarity: 1 / 20, share: 1 / 20, numbers: null })
      expect(city!.suggested).toEqual({ rarity: 1, share: 1, numbers: null })
      expect([note!.given, note!.suggested]).toEqual([null, null])
      // An empty cell is as rare as empty cells are.
      const [empty] = await judgedCells(selection, 3, { given: 0, suggested: 1 })
      expect([empty!.given!.rarity, empty!.suggested!.rarity]).toEqual([1 / 20, 0])
      expect(linesOf(selection, [3])).toEqual(['Wrote: "number 3, xxx"'])
    } finally {
      selection.close()
    }
  })
})
