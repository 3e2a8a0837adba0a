import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { featureValues } from '@main/api/feature-values'
import { alignColumns, exportDataset, inspectSource, verifyExport, type ImportOptions } from '@main/datasets'
import type { ExampleSelection } from '@main/datasets'
import { dateOf } from '@main/datasets/table/date-cells'
import { givenRoles, partedRoles } from '@shared/domain/table-columns'
import {
  allRows,
  failureOf,
  filesBelow,
  select,
  temporaryFolder,
  temporaryStore
} from '../../support/datasets'

const SHADES = ['red', 'green', 'blue']
const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Flo', 'Gus', 'Hal', 'Ivy', 'Jon', 'Kay', 'Leo']

/** A table with a column of every kind, 24 rows. */
function everyKind(): string[][] {
  return Array.from({ length: 24 }, (_, i) => [
    `P-${String(100 + i)}`,
    String(20 + ((i * 7) % 30)),
    i === 5 ? '' : (i / 4 + 0.5).toFixed(2),
    SHADES[i % 3]!,
    `0${2100 + (i % 4)}`,
    `2024-${String(1 + (i % 12)).padStart(2, '0')}-15`,
    i % 2 ? 'true' : 'false',
    'spring',
    `${NAMES[i % 12]} wrote this sentence number ${i} by hand`,
    '',
    i % 3 ? 'x' : 'y'
  ])
}

const HEAD = ['patient_id', 'age', 'size', 'shade', 'zip', 'day', 'ill', 'season', 'note', 'gap', 'label']
const ROLES = {
  patient_id: 'identifier',
  age: 'number',
  size: 'number',
  shade: 'category',
  zip: 'category',
  day: 'date',
  ill: 'number',
  season: 'constant',
  note: 'text',
  gap: 'constant',
  label: 'label'
}

function csv(rows: readonly (readonly string[])[], head: readonly string[] = HEAD, name = 't.csv'): string {
  const file = path.join(temporaryFolder(), name)
  const line = (fields: readonly string[]): string =>
    fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
  writeFileSync(file, `${[head, ...rows].map(line).join('\n')}\n`)
  return file
}

async function rolesOf(file: string, options: ImportOptions = {}): Promise<Record<string, string>> {
  const { tableColumns = [] } = await inspectSource(file, options)
  return Object.fromEntries(tableColumns.map(({ name, role }) => [name, role]))
}

async function parquet(query: string): Promise<string> {
  const file = path.join(temporaryFolder(), 't.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  return file
}

function rows(selection: ExampleSelection): number[][] {
  const width = selection.shape[0]
  const values = Array.from(selection.readRows(allRows(selection)))
  return allRows(selection).map((row) => values.slice(row * width, (row + 1) * width))
}

describe('roles of columns', () => {
  it('are found by what the cells are, and said with a reason and counts', async () => {
    const file = csv(everyKind())
    expect(await rolesOf(file)).toEqual(ROLES)
    const { tableColumns = [], shape, warnings } = await inspectSource(file)
    const size = tableColumns.find(({ name }) => name === 'size')
    expect(size).toMatchObject({ rows: 24, empty: 1, distinct: 23, isMore: false, features: 2 })
    // age, size, size is empty, three shades, four codes, day, ill
    expect(shape).toEqual([12])
    expect(warnings.join('\n')).toMatch(
      /patient_id \(identifier: .*season \(constant: every cell is "spring"\).*note \(text: .*--column/s
    )
    expect(warnings.join('\n')).toMatch(/Empty cells: size \(1\)\..*the median/)
  })

  it('are the same in Parquet, by its own types too', async () => {
    const from = `(SELECT *, CAST(age AS INTEGER) AS years FROM read_csv('${csv(everyKind())}', all_varchar = true))`
    const own = `patient_id, years AS age, NULLIF(size, '')::DOUBLE AS size, shade, zip, day::DATE AS day, ill::BOOLEAN AS ill, season, note, gap, label`
    const more = `[{'a': 1}] AS nested, ('2024-01-0' || (1 + years % 9) || ' 12:30:00')::TIMESTAMP AS "at", (3.25 + years)::DECIMAL(9, 2) AS cost, (5000000000 + years % 7)::BIGINT AS many`
    const file = await parquet(`SELECT ${own}, ${more} FROM ${from}`)
    expect(await rolesOf(file)).toEqual({
      ...ROLES,
      nested: 'ignore',
      at: 'date',
      cost: 'number',
      many: 'number'
    })
    const selection = await select(temporaryStore(), file)
    const text = await select(temporaryStore(), csv(everyKind()))
    const width = text.shape[0]
    expect(rows(selection).map((row) => row.slice(0, width))).toEqual(rows(text))
    expect(selection.metas[0]?.warnings?.join('\n')).toMatch(/nested \(left out: it holds STRUCT/)
  })

  it.each([
    ['counts the rows', Array.from({ length: 30 }, (_, i) => String(i + 5)), 'identifier'],
    [
      'years follow each other but are no row numbers',
      Array.from({ length: 30 }, (_, i) => String(1990 + i)),
      'number',
      'year'
    ],
    ['few whole numbers', Array.from({ length: 30 }, (_, i) => String(i % 3)), 'number'],
    [
      'an id that several rows share',
      Array.from({ length: 30 }, (_, i) => String(i % 5)),
      'category',
      'shop_id'
    ],
    ['dates with the day first', Array.from({ length: 30 }, (_, i) => `${i + 1}.03.2024`), 'date'],
    [
      'days as eight digits',
      Array.from({ length: 28 }, (_, i) => String(20240201 + i)),
      'date',
      'start_date'
    ],
    ['names of files', Array.from({ length: 30 }, (_, i) => `pictures/${i % 29}.png`), 'identifier'],
    ['thousands parted by commas', Array.from({ length: 30 }, (_, i) => `1,2${i % 10}5,000`), 'number'],
    [
      'numbers with a few texts',
      Array.from({ length: 100 }, (_, i) => (i === 50 ? 'low' : String(i / 8))),
      'number'
    ],
    [
      'texts with a few numbers',
      Array.from({ length: 30 }, (_, i) => (i % 4 ? SHADES[i % 3]! : '7')),
      'category'
    ],
    ['another word in each row', Array.from({ length: 30 }, (_, i) => `w${i * 37}k`), 'identifier']
  ])('%s', async (_, cells, role, name = 'c') => {
    const file = csv(
      cells.map((cell, i) => [cell, String(i / 8), i % 2 ? 'x' : 'y']),
      [name, 'other', 'label']
    )
    expect((await rolesOf(file))[name]).toBe(role)
  })

  it('are changed by name, also by options of a reference and back again', async () => {
    const file = csv(everyKind())
    const column = ['zip=number', 'age=category', 'season=category', 'patient_id=ignore', 'shade=ignore']
    expect(await rolesOf(file, { column })).toEqual({
      ...ROLES,
      zip: 'number',
      age: 'category',
      season: 'category',
      patient_id: 'ignore',
      shade: 'ignore'
    })
    const selection = await select(temporaryStore(), file, { column: ['shade=label', 'label=ignore'] })
    expect(selection.classNames).toEqual(['blue', 'green', 'red'])
  })

  it('are written as name=role, whatever stands in a name', () => {
    expect([...givenRoles(['a,b=c=number', '=date'])]).toEqual([
      ['a,b=c', 'number'],
      ['', 'date']
    ])
    expect(partedRoles('a=number, b,c=category,d=date')).toEqual(['a=number', 'b,c=category', 'd=date'])
  })
})

describe('dates', () => {
  it.each([
    ['1970-01-02', 1],
    ['2024-02-29', 19782],
    ['2024-02-30', undefined],
    ['2024-02-29T06:00:00Z', 19782.25],
    ['2024-02-29 06:00:00+06:00', 19782],
    ['29.02.2024', 19782],
    ['29 Feb 2024', 19782],
    ['February 29, 2024 6:00 pm', 19782.75],
    ['20240229', 19782],
    ['13/13/2024', undefined],
    ['2/3/2024', 19784]
  ])('%s', (text, days) => {
    expect(dateOf(text, 'dmy')).toBe(days)
  })

  it('with the month first', () => {
    expect(dateOf('2/29/2024', 'mdy')).toBe(19782)
  })
})

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
    const extra = { rows: Float32Array.from({ length: 12 }, (_, i) => i / 8), labels: Int32Array.of(1) }
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

describe('tables of other kinds', () => {
  it.each([
    ['one feature', 'a,label\n1,x\n2,y\n', ['a']],
    ['categories alone', 'a,label\nred,x\nblue,y\nred,x\n', ['a = blue', 'a = red']],
    [
      'cells of several lines',
      'a,note,label\n1,"two\nlines",x\n2,"of\nthem",y\n',
      ['a', 'note = of\nthem', 'note = two\nlines']
    ],
    ['a mark, and labels that are numbers', '\ufeffa,label\n1.5,3\n2.5,4\n', ['a']],
    ['decimal commas', 'a;b;label\n1,5;red;x\n2,25;blue;y\n', ['a', 'b = blue', 'b = red']],
    ['an empty column', 'a,b,label\n1,,x\n2,,y\n', ['a']]
  ])('%s', async (_, text, columns) => {
    const file = path.join(temporaryFolder(), 't.csv')
    writeFileSync(file, text)
    expect((await select(temporaryStore(), file)).columns).toEqual(columns)
  })

  it('constants among plain numbers are no features, and come back in an export', async () => {
    const text = `a,c,label\n${Array.from({ length: 12 }, (_, i) => `${i / 4},7,${i % 2 ? 'x' : 'y'}\n`).join('')}`
    const file = path.join(temporaryFolder(), 't.csv')
    writeFileSync(file, text)
    const selection = await select(temporaryStore(), file)
    expect(selection.columns).toEqual(['a'])
    expect(rows(selection).map(([a]) => a)).toEqual(Array.from({ length: 12 }, (_, i) => i / 4))
    expect(featureValues(selection, 3).map(({ name, text: cell }) => [name, cell])).toEqual([
      ['a', '0.75'],
      ['c', '7']
    ])
  })

  it('of 2,000 columns', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `c${i}`)
    const lines = Array.from({ length: 12 }, (_, i) =>
      [
        ...names.map((__, j) => (j % 2 ? SHADES[(i + j) % 3]! : String((i * j) % 11))),
        i % 2 ? 'x' : 'y'
      ].join(',')
    )
    const file = path.join(temporaryFolder(), 'wide.csv')
    writeFileSync(file, `${names.join(',')},label\n${lines.join('\n')}\n`)
    const selection = await select(temporaryStore(), file)
    // The levels of a thousand categories are bounded together.
    expect(selection.shape[0]).toBeLessThanOrEqual(1000 + 4096)
    expect(selection.count).toBe(12)
  })
})
