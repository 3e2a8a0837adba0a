import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { featureValues } from '@main/api/feature-values'
import { inspectSource } from '@main/datasets'
import { dateOf } from '@main/datasets/table/date-cells'
import { givenRoles, partedRoles } from '@shared/domain/table-columns'
import { temporaryFolder } from '@support/command'
import { select, temporaryStore } from '@support/datasets'
import { csv, everyKind, parquet, ROLES, rolesOf, rows, SHADES } from '@support/role-tables'

describe('roles of columns', () => {
  it('are found by what the cells are, and said with a reason and counts', async () => {
    const file = csv(everyKind())
    expect(await rolesOf(file)).toEqual(ROLES)
    const { tableColumns = [], shape, warnings } = await inspectSource(file)
    const size = tableColumns.find(({ name }) => name === 'size')
    expect(size).toMatchObject({ rows: 24, empty: 1, distinct: 23, isMore: false, features: 2 })
    // age, size, size is empty, three shades, four codes, day, ill, and the 18 words that several notes hold
    expect(shape).toEqual([30])
    expect(warnings.join('\n')).toMatch(
      /patient_id \(identifier: .*season \(constant: every cell is "spring"\).*--column/s
    )
    expect(warnings.join('\n')).toContain('Of note (18 words) the most frequent words are features.')
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
