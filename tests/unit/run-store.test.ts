import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openWorkspace, RunStore } from '@main/runs'
import { openWorkspaceDatabase } from '@main/runs/workspace-database'
import type { Report } from '@shared/domain/report'
import { denoisingSpec } from '@shared/domain/task-spec'
import { scratchFolder } from '../support/command'

const opened: (() => void)[] = []
afterEach(() => opened.splice(0).forEach((close) => close()))

function freshStore(): { store: RunStore; file: string; dir: string } {
  const { dir, remove } = scratchFolder()
  const file = path.join(dir, 'workbench.sqlite')
  opened.push(remove)
  return { store: storeOf(file), file, dir }
}

/** As another process would open it: a connection of its own. */
function storeOf(file: string): RunStore {
  const database = openWorkspaceDatabase(file)
  opened.unshift(() => database.close())
  return new RunStore(database)
}

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
const create = (store: RunStore, id: string): void => {
  store.create({ id, name: id, spec, outputDir: '/out', checkpointDir: '/checkpoint', cwd: '/' })
}

describe('the run store', () => {
  test('keeps runs and their spec across openings', () => {
    const { store, file } = freshStore()
    create(store, 'one')
    const other = storeOf(file)
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
    const other = storeOf(file)
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

  test('what a run told after its checkpoint is forgotten when it goes on from there; logs stay', () => {
    const { store } = freshStore()
    create(store, 'one')
    create(store, 'other')
    const tell = (id: string): void => {
      for (let step = 1; step <= 6; step++) {
        store.record(id, { type: 'metric', step, seconds: step / 2 })
        store.record(id, { type: 'weights', step, epoch: step, histogram: [], suspicious: [] })
        store.record(id, { type: 'log', level: 'info', message: `after ${step}`, seconds: step / 2 })
      }
    }
    tell('one')
    tell('other')
    // Not flushed yet: what is on its way counts as told.
    store.forgetAfter('one', 1.6)
    const told = (type: 'metric' | 'weights' | 'log'): unknown[] =>
      store.events('one', { types: [type] }).map(({ event }) => 'step' in event && event.step)
    expect(told('metric')).toEqual([1, 2, 3])
    // The weights of an epoch are told before its last number.
    expect(told('weights')).toEqual([1, 2])
    expect(told('log')).toHaveLength(6)
    expect(store.events('other')).toHaveLength(18)
    store.forgetAfter('one', 0)
    expect(store.events('one').every(({ event }) => event.type === 'log')).toBe(true)
  })

  describe('when a workspace is opened again', () => {
    const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid
    const settled = (dir: string): RunStore => {
      const workspace = openWorkspace(dir)
      opened.unshift(() => workspace.close())
      return workspace.store
    }

    test('runs whose owner died are marked failed, and can go on where a checkpoint is whole', () => {
      const { store, dir } = freshStore()
      const cases = {
        whole: 'checkpoint',
        replaced: 'checkpoint.previous',
        half: 'checkpoint.next',
        none: ''
      }
      for (const [id, folder] of Object.entries(cases)) {
        const checkpointDir = path.join(dir, id, 'checkpoint')
        store.create({ id, name: id, spec, outputDir: '/out', checkpointDir, cwd: '/' })
        store.move(id, 'running', { ownerPid: gone(), pid: gone(), resumable: id === 'none' })
        if (folder === '') continue
        mkdirSync(path.join(dir, id, folder), { recursive: true })
        writeFileSync(path.join(dir, id, folder, 'checkpoint.json'), '{}')
      }
      const after = settled(dir)
      const found = Object.keys(cases).map((id) => after.get(id))
      for (const run of found)
        expect(run).toMatchObject({ state: 'failed', failure: { code: 'process-died' } })
      expect(found.map(({ resumable }) => resumable)).toEqual([true, true, false, false])
      expect(found.map(({ failure }) => failure?.remedy)).toEqual([
        expect.stringContaining('bilevel runs resume whole'),
        expect.stringContaining('bilevel runs resume replaced'),
        'Start it again.',
        'Start it again.'
      ])
    })

    test('runs that still train are left alone', () => {
      const { store, dir } = freshStore()
      create(store, 'owned')
      store.move('owned', 'running', { ownerPid: process.ppid, startedAt: '2020-01-01T00:00:00.000Z' })
      create(store, 'own')
      store.move('own', 'running', { ownerPid: process.pid, startedAt: new Date().toISOString() })
      // Its owner is gone, but the training process is still writing what it has.
      create(store, 'orphan')
      store.move('orphan', 'running', { ownerPid: gone(), pid: process.ppid })
      const after = settled(dir)
      for (const id of ['owned', 'own', 'orphan']) expect(after.get(id).state).toBe('running')
    })

    test('a number given again does not keep a lost run alive', () => {
      const { store, dir } = freshStore()
      create(store, 'lost')
      // As in a container: the workbench started anew has the number that it had before.
      const startedAt = new Date(performance.timeOrigin - 60_000).toISOString()
      store.move('lost', 'running', { ownerPid: process.pid, pid: process.pid, startedAt })
      expect(settled(dir).get('lost').state).toBe('failed')
    })

    test.each([
      ['epochs', 'done'],
      ['cancelled', 'cancelled']
    ] as const)('a run whose training process ended with a result (%s) is %s', (stopped, state) => {
      const { store, dir } = freshStore()
      const outputDir = path.join(dir, 'out')
      store.create({ id: 'one', name: 'one', spec, outputDir, checkpointDir: path.join(dir, 'c'), cwd: '/' })
      store.move('one', 'running', { ownerPid: gone(), pid: gone(), resumable: true })
      const report: Report = {
        schema: 1,
        task: 'denoising',
        method: 'penalty',
        model: 'logistic',
        seed: 0,
        stopped,
        backend: { name: 'native', version: '1', device: 'cpu', threads: 1 },
        data: {},
        metrics: {},
        timing: { seconds: 1, upperSteps: 1, lowerSteps: 1, lowerStepsPerSecond: 1 },
        memory: { peakRssMiB: 1, peakTensorMiB: 1 },
        advice: [],
        spec
      }
      mkdirSync(outputDir)
      writeFileSync(path.join(outputDir, 'report.json'), JSON.stringify(report))
      expect(settled(dir).get('one')).toMatchObject({ state, resumable: false, failure: null, pid: null })
    })
  })
})
