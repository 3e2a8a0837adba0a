import { spawnSync } from 'node:child_process'
import path from 'node:path'
import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { BEGINNING, DecisionLog, openWorkspace, openWorkspaceDatabase } from '@main/runs'
import type { Reader } from '@main/runs'
import { migrate } from '@main/runs/migrations'
import type { StandingDecision } from '@shared/domain/decision'
import { denoisingSpec } from '@shared/domain/task-spec'
import type { ReviewChange } from '@shared/domain/review'
import { temporaryFolder } from '@support/command'

const cleanups: (() => void)[] = []
afterEach(() => cleanups.splice(0).forEach((clean) => clean()))

function freshLog(): { log: DecisionLog; file: string; dir: string } {
  const dir = temporaryFolder()
  const file = path.join(dir, 'workbench.sqlite')
  return { log: logOf(file), file, dir }
}

/** As another process would open it: a connection of its own. */
function logOf(file: string, user = 'anna'): DecisionLog {
  const database = openWorkspaceDatabase(file)
  cleanups.unshift(() => database.close())
  return new DecisionLog(database, 'review', user)
}

const drop = (...rows: number[]): ReviewChange[] => rows.map((row) => ({ row, decision: { action: 'drop' } }))
const relabel = (row: number, label: number): ReviewChange => ({
  row,
  decision: { action: 'relabel', label }
})
/** What stands, without who and when. */
const plain = (decisions: readonly StandingDecision[]): unknown[] =>
  decisions.map(({ by: _by, at: _at, ...decision }) => decision)
const standing = (log: DecisionLog): unknown[] => plain(log.standing('a'))

describe('the log of decisions', () => {
  test('an act of many rows is undone and redone as one', () => {
    const { log } = freshLog()
    expect(standing(log)).toEqual([])
    log.decide('a', [relabel(4, 2)], 'relabel example 4')
    const many = log.decide('a', drop(7, 4, 9), 'drop 3 examples')
    expect(many).toMatchObject({
      revision: 2,
      touched: [7, 4, 9],
      undo: 'drop 3 examples',
      redo: null
    })
    const dropped = [4, 7, 9].map((row) => ({ row, action: 'drop' }))
    expect(standing(log)).toEqual(dropped)
    const undone = log.undo('a')
    expect(undone).toMatchObject({ undo: 'relabel example 4', redo: 'drop 3 examples', touched: [7, 4, 9] })
    expect(plain(undone.decisions)).toEqual([{ row: 4, action: 'relabel', label: 2, judged: true }])
    log.undo('a')
    expect(standing(log)).toEqual([])
    expect(log.undo('a')).toMatchObject({ undo: null, redo: 'relabel example 4', touched: [] })
    log.redo('a')
    expect(standing(log)).toEqual([{ row: 4, action: 'relabel', label: 2, judged: true }])
    expect(log.redo('a')).toMatchObject({ redo: null })
    expect(standing(log)).toEqual(dropped)
    log.redo('a')
    expect(standing(log)).toEqual(dropped)
  })

  test('an answer tells of the rows that changed, and of no others', () => {
    const { log } = freshLog()
    log.decide('a', drop(1, 2, 3), 'drop three')
    const news = log.decide('a', [relabel(2, 7)], 'relabel one')
    expect(news.touched).toEqual([2])
    expect(plain(news.decisions)).toEqual([{ row: 2, action: 'relabel', label: 7, judged: true }])
    expect(log.decide('a', [{ row: 2, decision: null }], 'take back')).toMatchObject({
      touched: [2],
      decisions: []
    })
  })

  test('a decision names who made it and when, also after another was undone', () => {
    const { log, file } = freshLog()
    const before = new Date().toISOString()
    log.decide('a', drop(1), 'first')
    const [first] = log.standing('a')
    expect(first).toMatchObject({ by: 'anna' })
    expect(first!.at >= before && first!.at <= new Date().toISOString()).toBe(true)
    const other = logOf(file, 'ben')
    other.decide('a', [relabel(1, 3)], 'second')
    expect(log.standing('a')).toMatchObject([{ by: 'ben', label: 3 }])
    other.undo('a')
    expect(log.standing('a')).toEqual([first])
    other.redo('a')
    expect(log.standing('a')).toMatchObject([{ by: 'ben', label: 3 }])
  })

  test('undo goes back through hundreds of acts, also ones that take decisions back', () => {
    const { log } = freshLog()
    const states: unknown[] = []
    for (let i = 0; i < 300; i++) {
      states.push(standing(log))
      const row = i % 17
      const change: ReviewChange = i % 5 === 4 ? { row, decision: null } : relabel(row, i % 3)
      log.decide('a', [change], `act ${i}`)
    }
    const last = standing(log)
    for (const before of states.reverse()) {
      log.undo('a')
      expect(standing(log)).toEqual(before)
    }
    for (let i = 0; i < 300; i++) log.redo('a')
    expect(standing(log)).toEqual(last)
  })

  test('a new act forgets what was undone before it', () => {
    const { log } = freshLog()
    log.decide('a', drop(1), 'first')
    log.decide('a', drop(2), 'second')
    log.undo('a')
    expect(log.decide('a', drop(3), 'third')).toMatchObject({ undo: 'third', redo: null })
    log.redo('a')
    expect(log.standing('a').map(({ row }) => row)).toEqual([1, 3])
    log.undo('a')
    log.undo('a')
    expect(standing(log)).toEqual([])
  })

  test('subjects are apart, and a run that is removed takes its review with it', () => {
    const dir = temporaryFolder()
    const workspace = openWorkspace(dir)
    cleanups.push(() => workspace.close())
    const { store, reviews } = workspace
    const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
    store.create({ id: 'a', name: 'a', spec, outputDir: '/o', checkpointDir: '/c', cwd: '/' })
    reviews.decide('a', drop(1), 'first')
    reviews.decide('b', drop(2), 'other')
    reviews.undo('b')
    expect(reviews.standing('b')).toEqual([])
    expect(reviews.standing('a')).toHaveLength(1)
    store.remove('a')
    expect(reviews.standing('a')).toEqual([])
    expect(reviews.isUntouched('a')).toBe(true)
    expect(reviews.isUntouched('b')).toBe(false)
  })

  test('what was decided before kill -9 is there afterwards, and can be undone', () => {
    const { file } = freshLog()
    const module = (name: string): string =>
      JSON.stringify(path.resolve(import.meta.dirname, `../../../src/main/runs/${name}.ts`))
    const script = `
      import { DecisionLog } from ${module('decision-log')}
      import { openWorkspaceDatabase } from ${module('workspace-database')}
      const log = new DecisionLog(openWorkspaceDatabase(${JSON.stringify(file)}), 'review', 'ben')
      for (let row = 0; row < 40; row++)
        log.decide('a', [{ row, decision: { action: 'relabel', label: row % 3 } }], 'act ' + row)
      log.undo('a')
      process.kill(process.pid, 'SIGKILL')`
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: path.resolve(import.meta.dirname, '../../..'),
      encoding: 'utf8'
    })
    expect(child.signal, child.stderr).toBe('SIGKILL')
    const again = logOf(file)
    expect(again.turns('a')).toEqual({ undo: 'act 38', redo: 'act 39' })
    expect(again.standing('a')).toHaveLength(39)
    again.undo('a')
    expect(again.standing('a')).toHaveLength(38)
  })

  test('an act over 60,000 rows is one step as well', () => {
    const { log } = freshLog()
    const rows = Array.from({ length: 60_000 }, (_, i) => i)
    log.decide('a', drop(...rows), 'drop all')
    expect(log.standing('a')).toHaveLength(60_000)
    log.undo('a')
    expect(log.standing('a')).toEqual([])
  })

  test('pages hold what stands, in order and each row once', () => {
    const { log } = freshLog()
    log.decide('a', drop(9, 3, 5, 1, 7), 'five')
    log.decide('a', [{ row: 5, decision: null }], 'not that')
    const first = log.page('a', 0, 2)
    expect(first.decisions.map(({ row }) => row)).toEqual([1, 3])
    const second = log.page('a', first.next!, 2)
    expect(second).toMatchObject({ decisions: [{ row: 7 }, { row: 9 }], next: null })
  })

  test('what changed after a cursor is told once, in pages, with what was taken back', () => {
    const { log } = freshLog()
    log.decide('a', drop(1, 2, 3), 'three')
    const first = log.changesAfter('a', BEGINNING, 2)
    expect(first).toMatchObject({ touched: [1, 2], isAll: false })
    const rest = log.changesAfter('a', first.cursor, 2)
    expect(rest).toMatchObject({ touched: [3], isAll: true })
    expect(log.changesAfter('a', rest.cursor, 2).touched).toEqual([])
    log.decide('a', [{ row: 2, decision: null }], 'not that')
    log.decide('a', [relabel(1, 1)], 'that')
    expect(log.changesAfter('a', rest.cursor, 10)).toMatchObject({
      touched: [2, 1],
      decisions: [{ row: 1, action: 'relabel' }],
      cursor: { revision: 3 }
    })
  })
})

describe('two readers of one log', () => {
  const anna: Reader = { id: 'anna', others: ['ben'] }
  const ben: Reader = { id: 'ben', others: ['anna'] }

  test('an act on a row that the other has changed since is refused, and says what stands', () => {
    const { log } = freshLog()
    const seen = log.decide('a', drop(1), 'first', anna).revision
    log.decide('a', [relabel(5, 2)], 'relabel', ben, seen)
    const stale = (): unknown => log.decide('a', drop(4, 5), 'drop', anna, seen)
    expect(stale).toThrow(
      expect.objectContaining({
        code: 'conflict',
        standing: { revision: 2, touched: [5], decisions: [expect.objectContaining({ row: 5, label: 2 })] }
      })
    )
    // Nothing of it was done.
    expect(log.standing('a').map(({ row }) => row)).toEqual([1, 5])
    // Having seen it, anna may overwrite it.
    log.decide('a', drop(5), 'drop', anna, log.revision('a'))
    expect(standing(log)).toMatchObject([{ row: 1 }, { row: 5, action: 'drop' }])
  })

  test('the same decision, another row, and what the reader did itself are no conflict', () => {
    const { log } = freshLog()
    log.decide('a', drop(5), 'ben drops', ben, 0)
    log.decide('a', drop(5), 'anna drops too', anna, 0)
    log.decide('a', drop(6), 'another row', anna, 0)
    log.decide('a', [relabel(6, 1)], 'her own row', anna, 0)
    expect(standing(log)).toMatchObject([{ row: 5 }, { row: 6, label: 1 }])
  })

  test('a decision that the other took back since is a conflict too', () => {
    const { log } = freshLog()
    const seen = log.decide('a', drop(5), 'anna drops', anna).revision
    log.decide('a', [{ row: 5, decision: null }], 'ben takes back', ben, seen)
    expect(() => log.decide('a', [relabel(5, 1)], 'relabel', anna, seen)).toThrow(
      expect.objectContaining({ code: 'conflict', standing: { revision: 2, touched: [5], decisions: [] } })
    )
  })

  test("undo takes the reader's own act, whatever the other did after it", () => {
    const { log } = freshLog()
    log.decide('a', drop(1), 'anna 1', anna)
    log.decide('a', drop(2), 'ben 2', ben)
    expect(log.turns('a', anna)).toEqual({ undo: 'anna 1', redo: null })
    expect(log.undo('a', anna)).toMatchObject({ touched: [1], undo: null, redo: 'anna 1' })
    expect(log.turns('a', ben)).toEqual({ undo: 'ben 2', redo: null })
    // What ben does next leaves anna her redo.
    log.decide('a', drop(3), 'ben 3', ben)
    expect(log.redo('a', anna)).toMatchObject({ touched: [1], redo: null })
    expect(log.standing('a').map(({ row }) => row)).toEqual([1, 2, 3])
  })

  test('an act whose rows the other changed since is not undone unless those are left alone', () => {
    const { log } = freshLog()
    log.decide('a', drop(1, 2, 3), 'anna drops', anna)
    log.decide('a', [relabel(2, 8)], 'ben relabels', ben)
    expect(() => log.undo('a', anna)).toThrow(expect.objectContaining({ code: 'conflict' }))
    expect(log.standing('a')).toHaveLength(3)
    expect(log.undo('a', anna, true)).toMatchObject({ touched: [1, 3], decisions: [], undo: null })
    expect(standing(log)).toEqual([{ row: 2, action: 'relabel', label: 8, judged: true }])
  })

  test('an undone act is not made again over what the other decided meanwhile', () => {
    const { log } = freshLog()
    log.decide('a', drop(1), 'anna drops', anna)
    log.undo('a', anna)
    log.decide('a', [relabel(1, 4)], 'ben relabels', ben)
    expect(() => log.redo('a', anna)).toThrow(expect.objectContaining({ code: 'conflict' }))
    expect(standing(log)).toMatchObject([{ row: 1, label: 4 }])
  })

  test('undo brings nothing back that who made it has taken back meanwhile', () => {
    const { log } = freshLog()
    log.decide('a', drop(1), 'anna 1', anna)
    log.decide('a', [relabel(1, 2)], 'ben 1', ben)
    log.undo('a', anna, true)
    expect(standing(log)).toMatchObject([{ row: 1, action: 'relabel' }])
    expect(log.undo('a', ben)).toMatchObject({ touched: [1], decisions: [] })
    expect(log.redo('a', ben).decisions).toMatchObject([{ row: 1, label: 2 }])
  })

  test('acts of one who has left may be undone by anyone', () => {
    const { log } = freshLog()
    log.decide('a', drop(1), 'yesterday', { id: 'a tab that is closed', others: [] })
    expect(log.turns('a', anna).undo).toBe('yesterday')
    expect(log.undo('a', anna).touched).toEqual([1])
  })
})

describe('a database of an earlier version', () => {
  test('keeps its decisions, acts, undo and redo', () => {
    const dir = temporaryFolder()
    const file = path.join(dir, 'workbench.sqlite')
    writeEarlierDatabase(file)
    const log = logOf(file)
    expect(log.standing('run')).toEqual([
      { row: 1, action: 'relabel', label: 2, judged: true, by: 'unknown', at: '2025-01-02' },
      { row: 2, action: 'drop', by: 'unknown', at: '2025-01-01' }
    ])
    expect(log.turns('run')).toEqual({ undo: 'second', redo: 'third' })
    log.undo('run')
    expect(log.standing('run').map(({ row, action }) => [row, action])).toEqual([
      [1, 'drop'],
      [2, 'drop']
    ])
    log.undo('run')
    expect(log.standing('run')).toEqual([])
    for (let i = 0; i < 3; i++) log.redo('run')
    expect(log.standing('run').map(({ row }) => row)).toEqual([1, 2, 9])
  })
})

/** Three acts, the last one undone, as the fourth version of the schema kept them. */
function writeEarlierDatabase(file: string): void {
  const database = new Database(file)
  migrate(database, 4)
  database.exec(
    "INSERT INTO review_decisions VALUES ('run', 1, 'relabel', 2, 1), ('run', 2, 'drop', NULL, 0)"
  )
  const add = database.prepare(
    'INSERT INTO review_acts (run_id, summary, changes, created_at, undone) VALUES (?, ?, ?, ?, ?)'
  )
  const dropped = { action: 'drop' }
  const relabelled = { action: 'relabel', label: 2, judged: true }
  const first = [1, 2].map((row) => ({ row, before: null, after: dropped }))
  add.run('run', 'first', JSON.stringify(first), '2025-01-01', 0)
  add.run('run', 'second', JSON.stringify([{ row: 1, before: dropped, after: relabelled }]), '2025-01-02', 0)
  add.run('run', 'third', JSON.stringify([{ row: 9, before: null, after: dropped }]), '2025-01-03', 1)
  database.close()
}
