import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { featureValues } from '@main/api/feature-values'
import { alignColumns, exportDataset, verifyExport } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { failureOf, filesBelow, select, temporaryStore } from '@support/datasets'
import { csv, everyKind, HEAD, rows, SHADES } from '@support/role-tables'

describe('encoded values', () => {
  const HEADER = ['size', 'shade', 'day', 'label']
  const TRAIN = [
    ['1', 'red', '1970-01-11', 'x'],
    ['', 'blue', '1970-01-21', 'y'],
    ['3', '', '', 'x'],
    ['8', 'red', '1970-01-31', 'y']
  ]

  it('of a small table', async () => {
    const selection = await select(temporaryStore(), csv(TRAIN, HEADER))
    expect(selection.columns).toEqual([
      'size',
      'size is empty',
      'shade = blue',
      'shade = red',
      'shade is empty',
      'day',
      'day is empty'
    ])
    expect(rows(selection)).toEqual([
      [1, 0, 0, 1, 0, 10, 0],
      [3, 1, 1, 0, 0, 20, 0],
      [3, 0, 0, 0, 1, 20, 1],
      [8, 0, 0, 1, 0, 30, 0]
    ])
    expect(featureValues(selection, 2)).toEqual([
      { name: 'size', text: '3', role: 'number', isFeature: true },
      { name: 'shade', text: '', role: 'category', isFeature: true },
      { name: 'day', text: '', role: 'date', isFeature: true }
    ])
  })

  it('of a second table are those of the first: other order, unknown levels, another notation', async () => {
    const store = temporaryStore()
    const train = await select(store, csv(TRAIN, HEADER))
    const file = path.join(temporaryFolder(), 'test.csv')
    writeFileSync(
      file,
      'label;day;extra;shade;size\nx;31.01.1970;1;red;2,5\ny;;2;violet;\nx;11.01.1970;3;blue;4,5\n'
    )
    const test = await select(store, file)
    const [, aligned] = alignColumns([train, test])
    expect(aligned!.columns).toEqual(train.columns)
    expect(rows(aligned!)).toEqual([
      [2.5, 0, 0, 1, 0, 30, 0],
      [3, 1, 0, 0, 0, 20, 1],
      [4.5, 0, 1, 0, 0, 10, 0]
    ])
  })

  it('of joined tables are those of the larger one', async () => {
    const store = temporaryStore()
    const [train, more] = [csv(TRAIN, HEADER), csv([['5', 'red', '1970-01-02', 'x']], HEADER, 'm.csv')]
    const selection = await select(store, `${more}+${train}`)
    expect(rows(selection)[0]).toEqual([5, 0, 0, 1, 0, 1, 0])
    expect(rows(selection)[4]).toEqual([8, 0, 0, 1, 0, 30, 0])
  })

  it('rare levels share a feature where there are many rows', async () => {
    const shades = Array.from({ length: 200 }, (_, i) => (i < 3 ? `rare${i}` : SHADES[i % 3]!))
    const file = csv(
      shades.map((shade, i) => [shade, i % 2 ? 'x' : 'y']),
      ['shade', 'label']
    )
    const selection = await select(temporaryStore(), file)
    expect(selection.columns).toEqual(['shade = blue', 'shade = green', 'shade = red', 'shade is another'])
    expect(rows(selection)[1]).toEqual([0, 0, 0, 1])
  })

  it('a table that lacks a column is refused by its name', async () => {
    const store = temporaryStore()
    const train = await select(store, csv(TRAIN, HEADER))
    const test = await select(
      store,
      csv(
        [
          ['1', 'x'],
          ['2', 'y']
        ],
        ['size', 'label'],
        'test.csv'
      )
    )
    const failure = await failureOf(() => alignColumns([train, test]))
    expect([failure.code, failure.message]).toEqual([
      'bad-input',
      expect.stringMatching(/test\.csv has no column "shade", which .*t\.csv has; it has "size"\./)
    ])
  })

  it('a single row, and a table whose own cells say little, are read as the other', async () => {
    const store = temporaryStore()
    const train = await select(store, csv(everyKind()))
    const one = await select(store, csv(everyKind().slice(3, 4), HEAD, 'one.csv'))
    const [, aligned] = alignColumns([train, one])
    expect(rows(aligned!)).toEqual(rows(train).slice(3, 4))
  })
})

describe('exports', () => {
  it('keep the bytes of the rows that are kept, whatever they hold', async () => {
    const file = csv(everyKind())
    const selection = await select(temporaryStore(), file)
    const out = path.join(temporaryFolder(), 'out')
    const keep = Int32Array.from([0, 1, 2, 5, 6, 20])
    const result = await exportDataset({ selection, keep }, { format: 'table', out })
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(readFileSync(path.join(out, 't.csv'), 'utf8')).toBe(
      `${[lines[0], ...Array.from(keep, (row) => lines[row + 1])].join('\n')}\n`
    )
    expect((await verifyExport({ selection, keep }, result)).largestDifference).toBe(0)
  })

  it('written anew hold the cells, and are read with the same roles', async () => {
    const selection = await select(temporaryStore(), csv(everyKind()), {
      column: ['zip=number', 'ill=ignore']
    })
    const out = path.join(temporaryFolder(), 'out')
    const request = { selection, truth: selection.labels }
    const result = await exportDataset(request, { format: 'table', out })
    expect((await verifyExport(request, result)).largestDifference).toBe(0)
    expect(filesBelow(out)).toContain('column-roles.txt')
    const [head, first] = readFileSync(path.join(out, 't.csv'), 'utf8').split('\n')
    expect(head).toBe(`${HEAD.join(',')},true_label`)
    expect(first).toBe(`${everyKind()[0]!.join(',')},y`)
    const again = await select(temporaryStore(), out)
    expect(again.columns).toEqual(selection.columns)
    expect(rows(again)).toEqual(rows(selection))
  })

  it('with examples of other kinds hold the features, which a run reads beside the table itself', async () => {
    const selection = await select(temporaryStore(), csv(everyKind()))
    const out = path.join(temporaryFolder(), 'out')
    const extra = {
      rows: Float32Array.from({ length: selection.shape[0] }, (_, i) => i / 8),
      labels: Int32Array.of(1)
    }
    await exportDataset({ selection, extra }, { format: 'table', out })
    const changed = await select(temporaryStore(), out, { leaveOut: [] })
    const [, aligned] = alignColumns([selection, changed])
    expect(rows(aligned!).at(-1)).toEqual(Array.from(extra.rows))
    const own = rows(selection)
    const encoded = await select(temporaryStore(), out, { leaveOut: [] })
    const [, reversed] = alignColumns([encoded, selection])
    expect(rows(reversed!)).toEqual(own)
  })
})
