import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compareVersions, datasetVersions } from '@main/api/dataset-versions'
import { inspectChoice } from '@main/api/inspect-choice'
import type { DatasetFormat } from '@shared/domain/dataset'
import { rangesOf, rowsOfRanges } from '@shared/domain/row-ranges'
import { storedZip } from '@support/array-files'
import { handledWorkspace } from '@support/handled-workspace'
import { exportsOf, reviewsOf } from '@support/procedures'
import { seededRun } from '@support/seeded-run'

/** Rows 0..5 are cats, 6..11 dogs; of photographs as of rows. */
const COUNT = 12
const GIVEN = Array.from({ length: COUNT }, (_, row) => (row < 6 ? 'cat' : 'dog'))

let it: ReturnType<typeof handledWorkspace>
beforeEach(() => {
  it = handledWorkspace()
})
afterEach(() => it.close())

async function importTable(): Promise<string> {
  const file = path.join(it.dir, 'animals.csv')
  const lines = GIVEN.map((label, row) => `${(row * 37) % 11},${label}`)
  writeFileSync(file, ['size,label', ...lines, ''].join('\n'))
  return (await it.context.datasets.importFrom(file)).id
}

async function importPhotographs(): Promise<string> {
  for (const [row, label] of GIVEN.entries()) {
    const folder = path.join(it.dir, 'animals', label)
    mkdirSync(folder, { recursive: true })
    const picture = sharp({
      create: { width: 8, height: 8, channels: 3, background: { r: 20 * row, g: 9, b: 90 } }
    })
    await picture.png().toFile(path.join(folder, `${String(row).padStart(2, '0')}.png`))
  }
  return (await it.context.datasets.importFrom(path.join(it.dir, 'animals'))).id
}

/** A run that flags some rows, of which some are decided by Ada. */
async function reviewed(dataset: string): Promise<string> {
  const run = await seededRun(
    it.context,
    dataset,
    GIVEN.map((given, row) => ({
      given,
      predicted: given === 'cat' ? 'dog' : 'cat',
      flagged: [1, 3, 7, 8].includes(row)
    }))
  )
  const changes = [
    { row: 1, decision: { action: 'relabel' as const, label: 1 } },
    { row: 3, decision: { action: 'drop' as const } },
    { row: 7, decision: { action: 'keep' as const } }
  ]
  for (const change of changes)
    await reviewsOf(it.context).decide({ run, by: 'Ada', changes: [change], summary: 'one' })
  return run
}

async function exported(order: {
  run?: string
  dataset?: string
  format?: DatasetFormat
  where?: string
  name?: string
}): Promise<string> {
  const { format = 'table', name = 'copy', ...rest } = order
  const out = path.join(it.dir, name)
  for await (const _ of await exportsOf(it.context).write({ ...rest, format, out, undecided: 'keep' }));
  return out
}

const compare = (dataset: string, ...rest: [string?, object?]) =>
  compareVersions(it.context, dataset, rest[0], rest[1] ?? {})

describe('a version of a dataset', () => {
  test.each([
    ['a table', importTable, 'table'],
    ['photographs, whose folders change with their labels', importPhotographs, 'images']
  ] as const)('%s: is compared decision by decision', async (_, importIt, format) => {
    const dataset = await importIt()
    const out = await exported({ run: await reviewed(dataset), format })
    const version = await it.context.datasets.importFrom(out, { versionOf: dataset })
    expect(version).toMatchObject({ name: 'animals v2', count: 11, version: { of: dataset } })
    const { counts, changes, before, after, run } = await compare(version.id)
    expect({ before: before.name, after: after.name, run }).toEqual({
      before: 'animals',
      after: 'animals v2',
      run: null
    })
    expect(counts).toEqual({ kept: 10, decidedKept: 2, relabelled: 1, removed: 1, added: 0, doubted: 0 })
    const given = { at: expect.any(String), later: null }
    // Row 8 was flagged, and kept by the rule that was chosen for what is undecided.
    expect(changes).toMatchObject([
      { ...given, row: 1, given: 'cat', label: 'dog', change: 'relabelled', by: 'Ada', decidedBy: 'review' },
      { ...given, row: 3, now: null, given: 'cat', label: null, change: 'removed', by: 'Ada' },
      { ...given, row: 7, given: 'dog', label: 'dog', change: 'kept', by: 'Ada' },
      { ...given, row: 8, given: 'dog', label: 'dog', change: 'kept', decidedBy: 'rule' }
    ])
    const selection = it.context.datasets.openAsGiven(version.id)
    expect(selection.classNames[selection.givenLabels[changes[0]!.now!]!]).toBe('dog')
    selection.close()
    const removed = await compare(version.id, undefined, { kind: 'removed' })
    expect({ rows: removed.changes.map(({ row }) => row), total: removed.total }).toEqual({
      rows: [3],
      total: 1
    })
  })

  test('what a later run and its review say of it stands beside it, and versions follow one another', async () => {
    const dataset = await importTable()
    const second = await it.context.datasets.importFrom(await exported({ run: await reviewed(dataset) }), {
      versionOf: dataset
    })
    // Of the eleven that are left: row 1 is the corrected one, row 5 was row 6.
    const later = await seededRun(
      it.context,
      second.id,
      Array.from({ length: 11 }, (_, row) => ({
        given: row === 0 || (row > 1 && row < 5) ? 'cat' : 'dog',
        predicted: 'cat',
        flagged: row === 1 || row === 5
      }))
    )
    await reviewsOf(it.context).decide({
      run: later,
      by: 'Ben',
      changes: [
        { row: 1, decision: { action: 'relabel', label: 0 } },
        { row: 0, decision: { action: 'drop' } }
      ],
      summary: 'two'
    })
    const { changes, counts } = await compare(second.id, dataset, { kind: 'doubted' })
    expect(counts.doubted).toBe(2)
    expect(changes).toMatchObject([
      {
        row: 1,
        now: 1,
        change: 'relabelled',
        later: { flagged: true, suggested: 'cat', decision: 'relabel' }
      },
      { row: 6, now: 5, change: 'kept', by: null, later: { flagged: true, suggested: 'cat', decision: null } }
    ])

    const third = await it.context.datasets.importFrom(await exported({ run: later, name: 'again' }), {
      versionOf: second.id
    })
    expect(third.name).toBe('animals v3')
    // Back to cat, over two versions: nothing of it is left to see but that it was decided.
    const over = await compare(third.id, dataset)
    expect(over.counts).toMatchObject({ kept: 10, relabelled: 0, removed: 2 })
    expect(over.changes.find(({ row }) => row === 1)).toMatchObject({ change: 'kept', by: 'Ben' })
    // The other way round, what was removed is new.
    expect((await compare(dataset, third.id)).counts).toMatchObject({ kept: 10, removed: 0, added: 2 })

    const versions = await datasetVersions(it.context, second.id)
    expect(
      versions.map(({ name, of, changed, run }) => ({ name, of, changed, flagged: run?.flagged }))
    ).toEqual([
      { name: 'animals', of: null, changed: null, flagged: 4 },
      {
        name: 'animals v2',
        of: dataset,
        changed: { kept: 10, relabelled: 1, removed: 1, added: 0 },
        flagged: 2
      },
      {
        name: 'animals v3',
        of: second.id,
        changed: { kept: 9, relabelled: 1, removed: 1, added: 0 },
        flagged: undefined
      }
    ])
    // Without the one in between the line ends there.
    it.context.datasets.remove(second.id)
    expect((await datasetVersions(it.context, third.id)).map(({ name }) => name)).toEqual(['animals v3'])
    await expect(compare(third.id)).rejects.toMatchObject({ code: 'not-found' })
    await expect(compare(third.id, dataset)).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('what was not exported was not removed; what nobody asked for was', async () => {
    const dataset = await importTable()
    const part = await seededRun(
      it.context,
      'animals[2:12]',
      GIVEN.slice(2).map((given) => ({ given, predicted: given, flagged: false }))
    )
    const out = await exported({ run: part, where: 'row != 2 and row != 11' })
    const version = await it.context.datasets.importFrom(out, { versionOf: 'animals', name: 'part' })
    const { counts, changes } = await compare(version.id, dataset)
    expect(counts).toMatchObject({ kept: 8, removed: 2, added: 0 })
    expect(changes.map(({ row, by }) => [row, by])).toEqual([
      [2, null],
      [11, null]
    ])
  })

  test('a zip of an export, as it is downloaded, says of what it can become a version, and becomes one', async () => {
    const dataset = await importPhotographs()
    const out = await exported({ run: await reviewed(dataset), format: 'images' })
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    const inside = files.map(({ parentPath, name }) => path.join(parentPath, name)).sort()
    for (const around of ['copy/', '']) {
      const zip = path.join(it.dir, `sent${around.length}.zip`)
      const entry = (file: string): [string, Buffer] => [
        `${around}${path.relative(out, file)}`,
        readFileSync(file)
      ]
      writeFileSync(zip, storedZip(Object.fromEntries(inside.map(entry))))
      const found = await inspectChoice(it.context, { source: zip })
      expect(found.exportOf).toEqual([{ dataset, name: 'animals' }])
      expect((await inspectChoice(it.context, { source: zip, versionOf: dataset })).count).toBe(11)
      const version = await it.context.datasets.importFrom(zip, { versionOf: dataset })
      const { counts } = await compare(version.id)
      expect(counts).toMatchObject({ kept: 10, relabelled: 1, removed: 1, added: 0 })
    }
    const other = await inspectChoice(it.context, { source: path.join(it.dir, 'animals') })
    expect(other.exportOf).toBeUndefined()
    // A folder that was removed here is nothing to be a version of.
    it.context.datasets.discard(dataset)
    expect((await inspectChoice(it.context, { source: out })).exportOf).toBeUndefined()
  })

  test('a table that was edited elsewhere is compared row by row, whatever became of order, columns and way of writing', async () => {
    const file = path.join(it.dir, 'people.csv')
    const rows = Array.from({ length: COUNT }, (_, row) => `${row % 4},town ${row % 3},p${100 + row}`)
    const lines = rows.map((cells, row) => `${cells},${GIVEN[row]}`)
    writeFileSync(file, ['size,place,id,label', ...lines, ''].join('\n'))
    const dataset = await it.context.datasets.importFrom(file)
    // Sorted the other way, a column put before, numbers written anew; row 2 relabelled, 5 removed, 7 edited, one added.
    const edited = lines
      .map((line, row) =>
        line.replace(/^(\d),/, '$1.0,').replace(/(cat|dog)$/, (label) => (row === 2 ? 'dog' : label))
      )
      .map((line, row) => (row === 7 ? line.replace('town 1', 'village') : line))
      .filter((_, row) => row !== 5)
      .reverse()
    const other = path.join(it.dir, 'edited.csv')
    writeFileSync(
      other,
      [
        'note,size,place,id,label',
        ...[...edited, '9.0,city,p999,dog'].map((line) => `seen,${line}`),
        ''
      ].join('\n')
    )
    const seen = await inspectChoice(it.context, { source: other })
    expect(seen).toMatchObject({ likeOf: [{ dataset: dataset.id, name: 'people' }] })
    expect(seen.exportOf).toBeUndefined()
    const version = await it.context.datasets.importFrom(other, { versionOf: 'people' })
    expect(version.name).toBe('people v2')
    const { counts, changes } = await compare(version.id)
    expect(counts).toMatchObject({ kept: 10, relabelled: 1, removed: 1, added: 1 })
    expect(changes.map(({ row, now, change }) => [row, now, change])).toEqual([
      [2, 8, 'relabelled'],
      [5, null, 'removed'],
      [null, 11, 'added']
    ])
  })

  test('photographs whose folders were put in order elsewhere are known by their pixels, else by their names', async () => {
    const dataset = await importPhotographs()
    const folder = path.join(it.dir, 'animals')
    renameSync(path.join(folder, 'cat', '01.png'), path.join(folder, 'dog', 'was-a-cat.png'))
    rmSync(path.join(folder, 'cat', '03.png'))
    const touched = await sharp(path.join(folder, 'cat', '04.png'))
      .negate()
      .png()
      .toBuffer()
    writeFileSync(path.join(folder, 'cat', '04.png'), touched)
    const version = await it.context.datasets.importFrom(folder, { versionOf: dataset })
    const { counts, changes } = await compare(version.id)
    expect(counts).toMatchObject({ kept: 10, relabelled: 1, removed: 1, added: 0 })
    expect(changes.map(({ row, change }) => [row, change])).toEqual([
      [1, 'relabelled'],
      [3, 'removed']
    ])
  })

  test('an export that was sorted or cut elsewhere goes by its rows, and its decisions stay', async () => {
    const dataset = await importTable()
    const out = await exported({ run: await reviewed(dataset) })
    const [file] = readdirSync(out).filter((name) => name.endsWith('.csv'))
    const [head, ...lines] = readFileSync(path.join(out, file!), 'utf8').trim().split('\n')
    for (const edited of [lines.toReversed(), lines.slice(1)]) {
      writeFileSync(path.join(out, file!), [head, ...edited, ''].join('\n'))
      const version = await it.context.datasets.importFrom(out, { versionOf: dataset })
      const { counts, changes } = await compare(version.id)
      expect(counts).toMatchObject({ relabelled: 1, removed: 12 - edited.length, added: 0 })
      expect(changes.find(({ row }) => row === 1)).toMatchObject({ change: 'relabelled', by: 'Ada' })
    }
  })

  test('what has no example in common is no version, and what has few says so', async () => {
    const dataset = await importTable()
    const other = path.join(it.dir, 'other.csv')
    const list = () => it.context.datasets.list().map(({ name }) => name)
    writeFileSync(other, ['size,label', '50,cat', '60,dog', '70,dog', ''].join('\n'))
    await expect(it.context.datasets.importFrom(other, { versionOf: dataset })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('No example of')
    })
    expect(list()).toEqual(['animals'])
    writeFileSync(other, ['size,label', '50,cat', '60,dog', '0,cat', ''].join('\n'))
    const few = await it.context.datasets.importFrom(other, { versionOf: dataset })
    expect(few.warnings?.join()).toContain('Only 1 of 3 examples')
  })

  test('an export of something else and a damaged one are refused, and nothing is kept', async () => {
    const dataset = await importTable()
    const out = await exported({ dataset })
    const other = await it.context.datasets.importFrom(path.join(it.dir, 'animals.csv'), { name: 'other' })
    const { importFrom, list } = {
      importFrom: (source: string, versionOf: string) =>
        it.context.datasets.importFrom(source, { versionOf }),
      list: () => it.context.datasets.list().map(({ name }) => name)
    }
    await expect(importFrom(out, other.id)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('was not exported from "other"')
    })
    await expect(importFrom(out, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
    const manifest = path.join(out, 'manifest.json')
    const given = JSON.parse(readFileSync(manifest, 'utf8')) as { rows: string }
    expect(given.rows).toBe('0-11')
    for (const rows of ['0-99999999', '0-1-2', 'x', '5-2', '0-10']) {
      writeFileSync(manifest, JSON.stringify({ ...given, rows }))
      await expect(importFrom(out, dataset)).rejects.toMatchObject({ code: 'bad-input' })
    }
    expect(list()).toEqual(['animals', 'other'])
  })
})

test('rows as a short text', () => {
  expect(rangesOf([0, 1, 2, 7, 5, 6, 0])).toBe('0-2,7,5-6,0')
  expect(rowsOfRanges('0-2,7,5-6,0', 7)).toEqual([0, 1, 2, 7, 5, 6, 0])
  expect(rowsOfRanges('0-2,7,5-6,0', 6)).toBeUndefined()
  expect([rangesOf([]), rowsOfRanges('', 0)]).toEqual(['', []])
})
