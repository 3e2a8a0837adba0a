import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findAmong, findRows } from '@main/api/find-rows'
import { resolveReference } from '@main/datasets'
import { handledWorkspace } from '@support/handled-workspace'
import { annotationsOf, exportsOf, reviewsOf, trustOf } from '@support/procedures'
import { seededRun } from '@support/seeded-run'
import { quotedValue } from '@shared/domain/where'

const AGES = [31, 62, 18, 45, 62, 70, 25, 39]
const JOBS = ['clerk', '', 'clerk', 'smith', 'Smith', 'clerk', '', 'judge']
const NAMES = ['no', 'yes', 'no', 'yes', 'no', 'yes', 'no', 'yes']
const LINES = AGES.map((age, row) => `${age},${JOBS[row]},${NAMES[row]}`)

let it: ReturnType<typeof handledWorkspace>
let dataset: string
beforeEach(async () => {
  it = handledWorkspace()
  const file = path.join(it.dir, 'people.csv')
  writeFileSync(file, ['age,job,answer', ...LINES, ''].join('\n'))
  dataset = (await it.context.datasets.importFrom(file, { labelColumn: 'answer' })).id
})
afterEach(() => it.close())

const find = (text: string, of?: string): Promise<number[]> => findRows(it.context, dataset, text, of)
const annotations = () => annotationsOf(it.context)

describe('what can be asked of examples', () => {
  test('columns, as numbers where both are, else as texts', async () => {
    expect(await find('"age" > 60')).toEqual([1, 4, 5])
    expect(await find('"AGE" = 62.0 and "job" = smith')).toEqual([4])
    expect(await find('"job" = ""')).toEqual([1, 6])
    expect(await find('not "job" ~ e')).toEqual([1, 3, 4, 6])
    await expect(find('"height" > 2')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no column "height"'),
      remedy: expect.stringContaining('age, job')
    })
  })

  test('tags and notes, by row, until they are taken off', async () => {
    const { tag, note } = annotations()
    expect(await tag({ dataset, rows: [1, 2, 2], add: ['odd', 'ask Ada'] })).toEqual({ added: 4, removed: 0 })
    expect(await tag({ dataset, rows: [2, 3], add: ['odd'], remove: ['ask Ada'] })).toEqual({
      added: 1,
      removed: 1
    })
    await note({ dataset, row: 5, note: '  looks twice entered ' })
    expect(await find('tag = ODD')).toEqual([1, 2, 3])
    expect(await find('tag = odd and not tag ~ ada')).toEqual([2, 3])
    expect(await find('note ~ twice')).toEqual([5])
    await note({ dataset, row: 5, note: '' })
    expect(await find('note ~ ""')).toEqual([])
    await expect(tag({ dataset, rows: [8], add: ['odd'] })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(tag({ dataset, rows: [1], add: ['a,b'] })).rejects.toThrow()
    it.context.datasets.remove(dataset)
    it.context.datasets.decisions.forget(dataset)
    expect(it.context.workspace.trust.annotations.of(dataset)).toEqual({ tags: [], notes: [], questions: [] })
  })

  test('who decided, in whichever place', async () => {
    await trustOf(it.context).mark({ dataset, marks: [{ row: 1, label: 0 }] })
    const run = await seededRun(
      it.context,
      dataset,
      NAMES.map((given, row) => ({ given, predicted: 'no', flagged: row === 3 }))
    )
    await reviewsOf(it.context).decide({
      run,
      changes: [{ row: 3, decision: { action: 'drop' } }],
      summary: 'one'
    })
    const { user } = it.context.workspace
    expect(await find(`by = "${user}"`)).toEqual([1, 3])
    expect(await find('decision = trusted')).toEqual([1])
    expect(await find('decision = excluded')).toEqual([3])
    expect(await find('by = "nobody else"')).toEqual([])
  })

  test('a stream tells of every change, and of questions that are kept', async () => {
    const { watch, tag, saveQuestion } = annotations()
    const leaving = new AbortController()
    const news = (await watch({ dataset }, { signal: leaving.signal }))[Symbol.asyncIterator]()
    expect((await news.next()).value).toEqual({ tags: [], notes: [], questions: [] })
    await tag({ dataset, rows: [4, 0], add: ['odd'] })
    expect((await news.next()).value).toMatchObject({ tags: [{ tag: 'odd', rows: [0, 4] }] })
    await saveQuestion({ dataset, name: 'elders', where: '"age" > 60' })
    expect((await news.next()).value).toMatchObject({ questions: [{ name: 'elders', where: '"age" > 60' }] })
    await expect(saveQuestion({ dataset, name: 'none', where: 'colour = red' })).rejects.toMatchObject({
      code: 'bad-input'
    })
    leaving.abort()
    await news.return?.()
  })
})

test('two runs side by side: both, only one, neither, by their flags and by their reviews', async () => {
  const runs: string[] = []
  for (const flags of [
    [0, 1, 2],
    [2, 3]
  ]) {
    const run = await seededRun(
      it.context,
      dataset,
      NAMES.map((given, row) => ({ given, predicted: 'no', flagged: flags.includes(row) }))
    )
    runs.push(run)
    const changes = flags.slice(1).map((row) => ({ row, decision: { action: 'keep' as const } }))
    await reviewsOf(it.context).decide({ run, changes, summary: 'some' })
  }
  it.context.workspace.store.update(runs[0]!, { name: 'the "first" run' })
  const first = quotedValue('the "first" run')
  const second = runs[1]!
  for (const [field, both, onlyFirst, onlySecond] of [
    ['flagged', [2], [0, 1], [3]],
    ['reviewed', [], [1, 2], [3]]
  ] as const) {
    expect(await find(`${field} = ${first} and ${field} = ${second}`)).toEqual(both)
    expect(await find(`${field} = ${first} and not ${field} = ${second}`)).toEqual(onlyFirst)
    expect(await find(`${field} = ${second} and not ${field} = ${first}`)).toEqual(onlySecond)
    const any = [...both, ...onlyFirst, ...onlySecond]
    const neither = NAMES.flatMap((_, row) => ((any as number[]).includes(row) ? [] : [row]))
    expect(await find(`not ${field} = ${first} and not ${field} = ${second}`)).toEqual(neither)
  }
  await expect(find('reviewed = nobody')).rejects.toMatchObject({ code: 'not-found' })
  expect(await find('reviewed = yes', runs[0])).toEqual([1, 2])
  await expect(find('reviewed = yes', 'nobody')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('No run "nobody" has looked')
  })
})

describe('of a selection and of a run', () => {
  test('each part is asked by its own dataset, and rows are those of the selection', async () => {
    const reference = 'people[4:8]+people[0:2]'
    const selection = await resolveReference(it.context.datasets, reference)
    try {
      expect(await findAmong(it.context, selection, '"age" > 60')).toEqual([0, 1, 5])
    } finally {
      selection.close()
    }
    const file = path.join(it.dir, 'people.csv')
    const loose = await resolveReference(it.context.datasets, file, { labelColumn: 'answer' })
    try {
      await expect(findAmong(it.context, loose, '"age" > 60')).rejects.toMatchObject({
        code: 'not-found',
        remedy: 'Import it first.'
      })
    } finally {
      loose.close()
    }
  })

  test('a review is narrowed by a question about its own run, and knows where each example lies', async () => {
    const finding = (flagged: readonly number[]) =>
      NAMES.map((given, row) => ({ given, predicted: 'no', flagged: flagged.includes(row) }))
    const first = await seededRun(it.context, dataset, finding([1, 5]))
    await seededRun(it.context, dataset, finding([3]))
    expect(await find('flagged = yes')).toEqual([3])
    expect(await reviewsOf(it.context).find({ run: first, where: 'flagged = yes and "age" > 65' })).toEqual([
      5
    ])
    expect(await annotations().place({ run: first, row: 5 })).toEqual({ dataset, row: 5 })
    expect(await annotations().place({ run: first, row: 8 })).toBeNull()
  })
})

describe('an export of what is asked for', () => {
  const writing = async (out: string, where: string): Promise<void> => {
    const order = { run: null, dataset, format: 'table', out, where } as const
    for await (const news of await exportsOf(it.context).write(order)) void news
  }

  test('holds those rows, and its manifest says of what', async () => {
    const where = '"age" > 60 and class = no'
    const preview = await exportsOf(it.context).preview({ run: null, dataset, where })
    expect(preview).toMatchObject({ kept: 1, dropped: 0, unasked: 7 })
    const out = path.join(it.dir, 'out')
    await writing(out, where)
    const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
      files: { path: string }[]
    }
    expect(manifest).toMatchObject({ examples: 1, kept: 1, dropped: 0, where, unasked: 7 })
    const csv = manifest.files.find(({ path: name }) => name.endsWith('.csv'))!.path
    expect(readFileSync(path.join(out, csv), 'utf8')).toBe(`age,job,answer\n${LINES[4]}\n`)
  })

  test('what a run suspects is written with tags and notes', async () => {
    await annotations().tag({ dataset, rows: [3], add: ['odd', 'ask Ada'] })
    await annotations().note({ dataset, row: 4, note: 'twice, "it" seems' })
    const finding = NAMES.map((given) => ({ given, predicted: 'no', flagged: false }))
    const run = await seededRun(it.context, dataset, finding)
    const out = path.join(it.dir, 'issues')
    for await (const news of await exportsOf(it.context).issues({ run, out })) void news
    const lines = readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split('\n')
    expect(lines[0]).toMatch(/,tags,note$/)
    expect(lines[4]).toContain(',"ask Ada, odd",')
    expect(lines[5]).toContain(',,"twice, ""it"" seems"')
    expect(lines[1]).toMatch(/,,$/)
  })

  test('is refused where nothing answers, and nothing is written', async () => {
    const out = path.join(it.dir, 'nothing')
    await expect(writing(out, '"age" > 99')).rejects.toMatchObject({ code: 'bad-input' })
    expect(existsSync(out)).toBe(false)
  })
})
