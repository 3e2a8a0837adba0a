import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { exportDataset, inspectSource, sourceFormat, verifyExport } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { allRows, failureOf, select, temporaryStore } from '@support/datasets'

/** Rows without a label at the start, amid the others and at the end. */
const ROWS = ['1,a,', '2,b,x', '3,c,y', '4,d,  ', '5,e,NA', '6,f,x', '7,g,z', '8,h,']
const TABLE = `n,kind,label\n${ROWS.join('\n')}\n`
/** As a user asks for it. */
const SKIPPED = { skipUnlabelled: true, column: ['kind=category'] }

function csv(text = TABLE): string {
  const file = path.join(temporaryFolder(), 't.csv')
  writeFileSync(file, text)
  return file
}

describe('rows of a table without a label', () => {
  it('end the import, which says how to leave them out', async () => {
    const failure = await failureOf(() => select(temporaryStore(), csv()))
    expect(failure.message).toMatch(/row 1 \(line 2\), column "label": the label is empty/)
    expect(failure.remedy).toMatch(/--skip-unlabelled/)
  })

  it('are left out and told', async () => {
    const selection = await select(temporaryStore(), csv(), SKIPPED)
    expect(allRows(selection).map((row) => selection.classNames[selection.labels[row]!])).toEqual([
      ...['x', 'y', 'x', 'z']
    ])
    expect(allRows(selection).map((row) => selection.cellsOf(row)?.[0]?.text)).toEqual(['2', '3', '6', '7'])
    expect(selection.metas[0]?.warnings?.join(' ')).toContain(
      'Left out for want of a label: 4 rows, the first of them row 1.'
    )
  })

  it('are told by a look at the table', async () => {
    const found = await inspectSource(csv())
    expect(found.warnings).toContain(
      'Without a label: 3 rows, the first of them row 1. Leave them out with --skip-unlabelled.'
    )
    const skipping = await inspectSource(csv(), SKIPPED)
    expect(skipping.count).toBe(4)
    expect(skipping.warnings).toContain('Left out for want of a label: 4 rows, the first of them row 1.')
  })

  it('are those called NA too where there is one such, which is a class otherwise', async () => {
    const text = 'n,label\n1,NA\n2,x\n3,y\n'
    const kept = await select(temporaryStore(), csv(text))
    expect(kept.classNames).toEqual(['NA', 'x', 'y'])
    expect(kept.metas[0]?.warnings?.join(' ')).toMatch(/"NA" is a class here;.*--skip-unlabelled/)
    const skipped = await select(temporaryStore(), csv(text), { skipUnlabelled: true })
    expect(skipped.classNames).toEqual(['x', 'y'])
  })

  it('of a table with none else are refused', async () => {
    const failure = await failureOf(() =>
      select(temporaryStore(), csv('n,kind,label\n1,a,\n2,b,\n'), SKIPPED)
    )
    expect(failure.message).toMatch(/t\.csv has 2 rows, none with a label/)
  })

  it('stay out of a copy whose other rows are as they stood', async () => {
    const selection = await select(temporaryStore(), csv(), SKIPPED)
    const z = selection.classNames.indexOf('z')
    const request = {
      selection,
      keep: Int32Array.from([0, 2, 3]),
      // The second of them takes the spelling of a row behind two that are left out.
      labels: selection.labels.map((label, row) => (row === 2 ? z : label))
    }
    const out = path.join(temporaryFolder(), 'copy')
    const result = await exportDataset(request, { format: sourceFormat(selection), out })
    expect(readFileSync(path.join(out, 't.csv'), 'utf8')).toBe('n,kind,label\n2,b,x\n6,f,z\n7,g,z\n')
    expect(await verifyExport(request, result)).toEqual({ examples: 3, largestDifference: 0 })
  })

  it('stay out of a copy of a Parquet file', async () => {
    const file = path.join(temporaryFolder(), 't.parquet')
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(
      `COPY (SELECT * FROM (VALUES (1, 'a', NULL), (2, 'b', 'x'), (3, 'c', 'y'), (4, 'd', NULL), (5, 'e', 'x'), (6, 'f', 'y')) t(n, kind, label)) TO '${file}' (FORMAT parquet)`
    )
    connection.closeSync()
    const selection = await select(temporaryStore(), file, SKIPPED)
    expect(selection.count).toBe(4)
    const request = {
      selection,
      keep: Int32Array.from([1, 2]),
      labels: Int32Array.from(selection.labels, (label) => 1 - label)
    }
    const out = path.join(temporaryFolder(), 'copy')
    const result = await exportDataset(request, { format: sourceFormat(selection), out })
    const copy = await select(temporaryStore(), path.join(out, 't.parquet'))
    expect(allRows(copy).map((row) => copy.cellsOf(row)?.map(({ text }) => text))).toEqual([
      ['3', 'c'],
      ['5', 'e']
    ])
    expect(Array.from(copy.labels, (label) => copy.classNames[label])).toEqual(['x', 'y'])
    expect(await verifyExport(request, result)).toEqual({ examples: 2, largestDifference: 0 })
  })
})
