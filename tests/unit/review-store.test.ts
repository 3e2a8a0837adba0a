import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openWorkspace } from '@main/runs'
import { ReviewStore } from '@main/runs/review-store'
import { openWorkspaceDatabase } from '@main/runs/workspace-database'
import { denoisingSpec } from '@shared/domain/task-spec'
import type { ReviewChange } from '@shared/domain/review'
import { scratchFolder } from '../support/command'

const cleanups: (() => void)[] = []
afterEach(() => cleanups.splice(0).forEach((clean) => clean()))

function freshStore(): { store: ReviewStore; file: string; dir: string } {
  const { dir, remove } = scratchFolder()
  const file = path.join(dir, 'workbench.sqlite')
  cleanups.push(remove)
  return { store: storeOf(file), file, dir }
}

/** As another process would open it: a connection of its own. */
function storeOf(file: string): ReviewStore {
  const database = openWorkspaceDatabase(file)
  cleanups.unshift(() => database.close())
  return new ReviewStore(database)
}

const drop = (...rows: number[]): ReviewChange[] => rows.map((row) => ({ row, decision: { action: 'drop' } }))
const relabel = (row: number, label: number): ReviewChange => ({
  row,
  decision: { action: 'relabel', label }
})

describe('the review store', () => {
  test('an act of many rows is undone and redone as one', () => {
    const { store } = freshStore()
    expect(store.get('a')).toEqual({ run: 'a', decisions: [], undo: null, redo: null, touched: [] })
    store.decide('a', [relabel(4, 2)], 'relabel example 4')
    const many = store.decide('a', drop(7, 4, 9), 'drop 3 examples')
    expect(many).toMatchObject({ undo: 'drop 3 examples', redo: null, touched: [7, 4, 9] })
    expect(many.decisions).toEqual([
      { row: 4, action: 'drop' },
      { row: 7, action: 'drop' },
      { row: 9, action: 'drop' }
    ])
    const undone = store.undo('a')
    expect(undone.decisions).toEqual([{ row: 4, action: 'relabel', label: 2, judged: true }])
    expect(undone).toMatchObject({ undo: 'relabel example 4', redo: 'drop 3 examples', touched: [7, 4, 9] })
    expect(store.undo('a').decisions).toEqual([])
    expect(store.undo('a')).toMatchObject({ undo: null, redo: 'relabel example 4', touched: [] })
    expect(store.redo('a').decisions).toEqual([{ row: 4, action: 'relabel', label: 2, judged: true }])
    expect(store.redo('a')).toMatchObject({ decisions: many.decisions, redo: null })
    expect(store.redo('a').decisions).toEqual(many.decisions)
  })

  test('undo goes back through hundreds of acts, also ones that take decisions back', () => {
    const { store } = freshStore()
    const states: unknown[] = []
    for (let i = 0; i < 300; i++) {
      states.push(store.get('a').decisions)
      const row = i % 17
      const change: ReviewChange = i % 5 === 4 ? { row, decision: null } : relabel(row, i % 3)
      store.decide('a', [change], `act ${i}`)
    }
    const last = store.get('a').decisions
    for (const before of states.reverse()) expect(store.undo('a').decisions).toEqual(before)
    for (let i = 0; i < 300; i++) store.redo('a')
    expect(store.get('a').decisions).toEqual(last)
  })

  test('a new act forgets what was undone before it', () => {
    const { store } = freshStore()
    store.decide('a', drop(1), 'first')
    store.decide('a', drop(2), 'second')
    store.undo('a')
    expect(store.decide('a', drop(3), 'third')).toMatchObject({ undo: 'third', redo: null })
    expect(store.redo('a').decisions.map(({ row }) => row)).toEqual([1, 3])
    store.undo('a')
    expect(store.undo('a').decisions).toEqual([])
  })

  test('runs are apart, and a run that is removed takes its review with it', () => {
    const { dir, remove } = scratchFolder()
    const workspace = openWorkspace(dir)
    cleanups.push(() => workspace.close(), remove)
    const { store, reviews } = workspace
    const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
    store.create({ id: 'a', name: 'a', spec, outputDir: '/o', checkpointDir: '/c', cwd: '/' })
    reviews.decide('a', drop(1), 'first')
    reviews.decide('b', drop(2), 'other')
    expect(reviews.undo('b').decisions).toEqual([])
    expect(reviews.get('a').decisions).toHaveLength(1)
    store.remove('a')
    expect(reviews.get('a')).toMatchObject({ decisions: [], undo: null })
    expect(reviews.isUntouched('a')).toBe(true)
    expect(reviews.isUntouched('b')).toBe(false)
  })

  test('what was decided before kill -9 is there afterwards, and can be undone', () => {
    const { file } = freshStore()
    const module = (name: string): string =>
      JSON.stringify(path.resolve(import.meta.dirname, `../../src/main/runs/${name}.ts`))
    const script = `
      import { ReviewStore } from ${module('review-store')}
      import { openWorkspaceDatabase } from ${module('workspace-database')}
      const store = new ReviewStore(openWorkspaceDatabase(${JSON.stringify(file)}))
      for (let row = 0; row < 40; row++)
        store.decide('a', [{ row, decision: { action: 'relabel', label: row % 3 } }], 'act ' + row)
      store.undo('a')
      process.kill(process.pid, 'SIGKILL')`
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      encoding: 'utf8'
    })
    expect(child.signal, child.stderr).toBe('SIGKILL')
    const again = storeOf(file)
    expect(again.get('a')).toMatchObject({ undo: 'act 38', redo: 'act 39' })
    expect(again.get('a').decisions).toHaveLength(39)
    expect(again.undo('a').decisions).toHaveLength(38)
  })

  test('an act over 60,000 rows is one step as well', () => {
    const { store } = freshStore()
    const rows = Array.from({ length: 60_000 }, (_, i) => i)
    expect(store.decide('a', drop(...rows), 'drop all').decisions).toHaveLength(60_000)
    expect(store.undo('a').decisions).toEqual([])
  })
})
