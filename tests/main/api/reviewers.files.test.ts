import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findRows } from '@main/api/find-rows'
import { handledWorkspace } from '@support/handled-workspace'
import { exportsOf, reviewsOf } from '@support/procedures'
import { seededRun } from '@support/seeded-run'
import type { DecisionStream, NewDecision } from '@shared/domain/decision'

/** Every other row is flagged. */
const COUNT = 80
const rowsUpTo = (count: number): number[] => Array.from({ length: count }, (_, row) => row)

let it: ReturnType<typeof handledWorkspace>
let dataset: string
let run: string
beforeEach(async () => {
  it = handledWorkspace()
  const file = path.join(it.dir, 'numbers.csv')
  writeFileSync(
    file,
    ['x,answer', ...rowsUpTo(COUNT).map((row) => `${(row * 37) % 11},${row % 3}`), ''].join('\n')
  )
  dataset = (await it.context.datasets.importFrom(file, { labelColumn: 'answer' })).id
  run = await seededRun(
    it.context,
    dataset,
    rowsUpTo(COUNT).map((row) => ({ given: `${row % 3}`, predicted: '1', flagged: row % 2 === 0 }))
  )
})
afterEach(() => it.close())

/** A browser of its own, in which one person decides. */
function browser(by?: string) {
  const connection = it.context.readers.connect()
  const api = reviewsOf({ ...it.context, connection })
  const who = { run, reader: `window of ${by}`, ...(by === undefined ? {} : { by }) }
  return {
    api,
    decide: (row: number, decision: NewDecision | null, settles = false) =>
      api.decide({ ...who, changes: [{ row, decision }], summary: `${row}`, settles }),
    undo: () => api.undo(who),
    get: () => api.get(who),
    close: () => connection.close()
  }
}
const revisionOf = ({ value }: IteratorResult<DecisionStream, unknown>): number =>
  (value as DecisionStream).revision
const keep: NewDecision = { action: 'keep' }
const drop: NewDecision = { action: 'drop' }
const relabel = (label: number): NewDecision => ({ action: 'relabel', label })
const find = (where: string): Promise<number[]> => findRows(it.context, dataset, where, run)

describe('several reviewers of one run', () => {
  test('two browsers at once lose no decision, and each undoes its own', async () => {
    const [ada, ben] = [browser('Ada'), browser('Ben')]
    await Promise.all(rowsUpTo(20).flatMap((row) => [ada.decide(row, keep), ben.decide(row + 10, drop)]))
    const { people, disputed } = await ada.api.reviewers({ run })
    expect(people).toEqual([
      { name: 'Ada', judged: 20, assigned: [], done: 0 },
      { name: 'Ben', judged: 20, assigned: [], done: 0 }
    ])
    expect(disputed).toEqual(rowsUpTo(10).map((row) => row + 10))
    expect((await ben.get()).decisions.map(({ row }) => row)).toEqual(rowsUpTo(30))

    await ada.decide(40, keep)
    await ben.decide(50, drop)
    await ben.decide(51, drop)
    expect((await ada.get()).undo).toBe('40')
    await ben.undo()
    expect((await ben.get()).decisions.map(({ row }) => row)).toEqual([...rowsUpTo(30), 40, 50])
    expect((await ada.api.reviewers({ run })).people.map(({ judged }) => judged)).toEqual([21, 21])
    ben.close()
    // Whoever has left: what is Ben's stays Ben's.
    expect((await ada.get()).undo).toBe('40')
    const benAgain = browser('Ben')
    expect((await benAgain.get()).undo).toBe('50')
  })

  test('the table for other tools says who decided, and what each said of a row that several judged', async () => {
    const issues = async (name: string): Promise<string[]> => {
      const out = path.join(it.dir, name)
      for await (const news of await exportsOf(it.context).issues({ run, out })) void news
      return readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split('\n')
    }
    const [ada, ben] = [browser('Ada'), browser('Ben')]
    await ada.decide(4, keep)
    expect((await issues('alone'))[0]).not.toContain('verdicts')
    await ben.decide(4, relabel(2))
    await ben.decide(6, drop)
    const lines = await issues('both')
    expect(lines[0]).toMatch(/,decided_by,verdicts$/)
    expect(lines[5]).toMatch(/,Ben,Ada: keep; Ben: relabel to 2$/)
    expect(lines[7]).toMatch(/,Ben,$/)
    expect(lines[1]).toMatch(/,,$/)
  })

  test('what each said stays, the latest stands, and a disagreement is settled by who has seen it', async () => {
    const [ada, ben, cleo] = [browser('Ada'), browser('Ben'), browser('Cleo "C" Ü')]
    await ada.decide(4, keep)
    expect((await ada.api.reviewers({ run })).verdicts).toEqual([])
    await ben.decide(4, relabel(2))
    const { verdicts, disputed } = await ada.api.reviewers({ run })
    expect(verdicts).toMatchObject([
      { row: 4, by: 'Ada', action: 'keep' },
      { row: 4, by: 'Ben', action: 'relabel', label: 2 }
    ])
    expect(disputed).toEqual([4])
    expect((await cleo.get()).decisions).toMatchObject([{ row: 4, action: 'relabel', label: 2, by: 'Ben' }])
    expect(await find('decision = disputed')).toEqual([4])
    expect(await find('by = ada and by = ben')).toEqual([4])

    await cleo.decide(4, drop, true)
    expect((await ada.api.reviewers({ run })).disputed).toEqual([])
    expect(await find('decision = settled and by = "cleo \\"c\\" ü"')).toEqual([4])
    // What settles is no verdict of its own: it says nothing of how far people agree.
    expect((await ada.api.reviewers({ run })).people.map(({ name }) => name)).toEqual(['Ada', 'Ben'])
    await cleo.undo()
    expect((await ada.api.reviewers({ run })).disputed).toEqual([4])
    // Whoever takes their verdict back leaves no disagreement: what the other said stands, until that is taken back too.
    await ben.decide(4, null)
    expect((await ada.api.reviewers({ run })).disputed).toEqual([])
    expect((await ada.get()).decisions).toMatchObject([{ row: 4, action: 'keep', by: 'Ada' }])
    expect((await ada.api.reviewers({ run })).people.map(({ name }) => name)).toEqual(['Ada'])
    await ben.undo()
    expect((await ada.get()).decisions).toMatchObject([{ row: 4, action: 'relabel', by: 'Ben' }])
    expect((await ada.api.reviewers({ run })).disputed).toEqual([4])
    await ben.decide(4, null)
    await ben.decide(4, null)
    expect((await ada.get()).decisions).toEqual([])
  })

  test("what a rule took is nobody's verdict, and one person alone disagrees with nobody", async () => {
    const [ada, ben] = [browser('Ada'), browser()]
    await ada.api.decide({
      run,
      by: 'Ada',
      changes: [0, 2].map((row) => ({ row, decision: drop })),
      summary: 'two'
    })
    await ben.decide(0, keep)
    await ben.decide(0, relabel(2))
    expect(await ada.api.reviewers({ run })).toMatchObject({
      people: [{ name: it.context.workspace.user, judged: 1 }],
      disputed: [],
      agreement: []
    })
  })

  test('agreement is told of each two, with how many both judged', async () => {
    const [ada, ben, cleo] = [browser('Ada'), browser('Ben'), browser('Cleo')]
    for (const row of rowsUpTo(40)) {
      await ada.decide(row, row < 20 ? keep : drop)
      await ben.decide(row, row < 16 || row >= 36 ? keep : drop)
    }
    await cleo.decide(0, keep)
    const { agreement } = await ada.api.reviewers({ run })
    // Observed 32 of 40; by chance 1/2: kappa 0.6.
    expect(agreement).toEqual([
      {
        between: ['Ada', 'Ben'],
        both: 40,
        agreed: 32,
        kappa: expect.closeTo(0.6),
        interval: expect.anything()
      },
      { between: ['Ada', 'Cleo'], both: 1, agreed: 1, kappa: null, interval: null },
      { between: ['Ben', 'Cleo'], both: 1, agreed: 1, kappa: null, interval: null }
    ])
    expect(agreement[0]!.interval![0]).toBeCloseTo(2 * 0.6523 - 1, 2)
    expect(agreement[0]!.interval![1]).toBeCloseTo(2 * 0.8948 - 1, 2)
  })

  test('parts are dealt once, found by a question, told to everybody, and gone with the run', async () => {
    const ada = browser('Ada')
    await ada.decide(0, keep)
    const leaving = new AbortController()
    const news = (await ada.api.watch({ run }, { signal: leaving.signal }))[Symbol.asyncIterator]()
    const before = await news.next()
    expect(await ada.api.assign({ run, to: ['Ada', 'Ben'], count: 10, shared: 4 })).toMatchObject({
      assigned: [
        { name: 'Ada', examples: 10 },
        { name: 'Ben', examples: 10 }
      ]
    })
    const after = await news.next()
    expect(after.value).toMatchObject({ touched: [], revision: revisionOf(before) + 1 })
    leaving.abort()
    await news.return?.()

    const both = await find('assigned = ada and assigned = BEN')
    expect(both).toHaveLength(4)
    const either = await find('assigned = ada or assigned = ben')
    expect(either).toEqual(rowsUpTo(16).map((i) => 2 + 2 * i))
    await ada.decide(either[0]!, drop)
    // Twenty-three flagged rows are left.
    const rest = await ada.api.assign({ run, to: ['Cleo'], count: 100 })
    expect(rest.assigned).toMatchObject([{ name: 'Cleo', examples: 23 }])
    await expect(ada.api.assign({ run, to: ['Dan'], count: 1 })).rejects.toMatchObject({ code: 'conflict' })
    const { rows } = await ada.api.unassign({ run, from: 'Cleo' })
    expect(rows).toEqual(rest.assigned[0]!.rows)
    // Undone, and undone again: only what was given by that act is taken back.
    expect(await ada.api.reassign({ run, name: 'Cleo', rows })).toEqual({ name: 'Cleo', rows })
    expect(await ada.api.unassign({ run, from: 'Cleo', rows: rows.slice(3) })).toMatchObject({ examples: 20 })
    expect(await ada.api.unassign({ run, from: 'Cleo' })).toEqual({ examples: 3, rows: rows.slice(0, 3) })
    const { people } = await ada.api.reviewers({ run })
    expect(people.map(({ name, assigned, done }) => [name, assigned.length, done])).toEqual([
      ['Ada', 10, 1],
      ['Ben', 10, 0]
    ])
    it.context.workspace.store.remove(run)
    expect(it.context.workspace.reviewParts.of(run)).toEqual([])
  })

  test.each(['', '   ', '\u200b', 'a\u0000b', 'x'.repeat(61), 'Ada, Ben', '\ud800', 'unknown'])(
    'no person is called %j',
    async (name) => {
      await expect(browser(name).decide(0, keep)).rejects.toThrow()
      await expect(browser('Ada').api.assign({ run, to: [name], count: 1 })).rejects.toThrow()
      expect((await browser('Ada').api.reviewers({ run })).people).toEqual([])
    }
  )

  test.each(["O'Neill", '"; DROP TABLE runs; --', '李小龍', 'Zoë Ph.D.', '🦊'])(
    'a person may be called %j',
    async (name) => {
      const one = browser(` ${name} `)
      await one.decide(2, drop)
      await one.api.assign({ run, to: [name], count: 3 })
      const { people } = await one.api.reviewers({ run })
      expect(people).toMatchObject([{ name: name.normalize('NFC'), judged: 1, done: 0 }])
      expect((await one.get()).decisions).toMatchObject([{ row: 2, by: name }])
      const asked = `"${name.replace(/["\\]/g, '\\$&')}"`
      expect(await find(`by = ${asked}`)).toEqual([2])
      expect(await find(`assigned = ${asked}`)).toEqual([0, 4, 6])
    }
  )
})
