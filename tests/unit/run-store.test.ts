import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openWorkspace, RunStore } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'
import { scratchFolder } from '../support/command'

const opened: (() => void)[] = []
afterEach(() => opened.splice(0).forEach((close) => close()))

function freshStore(): { store: RunStore; file: string; dir: string } {
  const { dir, remove } = scratchFolder()
  const file = path.join(dir, 'workbench.sqlite')
  const store = new RunStore(file)
  opened.push(() => {
    store.close()
    remove()
  })
  return { store, file, dir }
}

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
const create = (store: RunStore, id: string): void => {
  store.create({ id, name: id, spec, outputDir: '/out', checkpointDir: '/checkpoint', cwd: '/' })
}

describe('the run store', () => {
  test('keeps runs and their spec across openings', () => {
    const { store, file } = freshStore()
    create(store, 'one')
    const other = new RunStore(file)
    opened.unshift(() => other.close())
    expect(other.get('one')).toMatchObject({
      id: 'one',
      state: 'queued',
      spec: { task: 'denoising', train: 'a' }
    })
    expect(() => other.get('two')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  test('refuses a change of state that the table does not allow', () => {
    const { store } = freshStore()
    create(store, 'one')
    expect(() => store.move('one', 'done')).toThrow(expect.objectContaining({ code: 'conflict' }))
    store.move('one', 'running')
    store.move('one', 'done')
    expect(() => store.move('one', 'running')).toThrow(expect.objectContaining({ code: 'conflict' }))
  })

  test('of two processes only one can claim a queued run', () => {
    const { store, file } = freshStore()
    create(store, 'one')
    const other = new RunStore(file)
    opened.unshift(() => other.close())
    store.move('one', 'running')
    expect(() => other.move('one', 'running')).toThrow(expect.objectContaining({ code: 'conflict' }))
  })

  test('events come back in order, filtered and thinned; progress goes to the record', () => {
    const { store } = freshStore()
    create(store, 'one')
    for (let step = 1; step <= 100; step++)
      store.record('one', { type: 'metric', step, seconds: step, f: 1 / step })
    store.record('one', { type: 'log', level: 'info', message: 'hello', seconds: 1 })
    store.record('one', { type: 'progress', phase: 'learning', fraction: 0.5, seconds: 3, secondsLeft: 3 })
    store.flush()
    const metrics = store.events('one', { types: ['metric'] })
    expect(metrics.map(({ event }) => event.type === 'metric' && event.step)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1)
    )
    expect(store.events('one', { types: ['metric'], maxMetrics: 10 }).length).toBeLessThanOrEqual(11)
    expect(store.events('one', { after: metrics.at(-1)!.sequence })).toHaveLength(1)
    expect(store.get('one')).toMatchObject({ phase: 'learning', fraction: 0.5, secondsLeft: 3 })
  })

  test('runs whose owner died are marked failed when the workspace is opened', () => {
    const { store, dir } = freshStore()
    create(store, 'lost')
    create(store, 'alive')
    // A process that has ended: its number belongs to nobody now.
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    store.move('lost', 'running', { ownerPid: pid, resumable: true })
    store.move('alive', 'running', { ownerPid: process.pid })
    const workspace = openWorkspace(dir)
    opened.unshift(() => workspace.close())
    expect(workspace.store.get('lost')).toMatchObject({
      state: 'failed',
      resumable: true,
      failure: { code: 'process-died' }
    })
    expect(workspace.store.get('alive').state).toBe('running')
  })
})
