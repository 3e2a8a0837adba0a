import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openWorkspace, RunStore } from '@main/runs'
import { openWorkspaceDatabase } from '@main/runs/workspace-database'
import { ProcessLock } from '@main/locks'
import { ownerLockOf, workerLockOf } from '@main/runs/protocol'
import type { RunEvent } from '@shared/domain/run-event'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'

const opened: (() => void)[] = []
afterEach(() => opened.splice(0).forEach((close) => close()))

function freshStore(): { store: RunStore; file: string; dir: string } {
  const dir = temporaryFolder()
  const file = path.join(dir, 'workbench.sqlite')
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
    expect(other.get('one').tags).toEqual([])
    store.update('one', { tags: ['best', 'for "Ada"'], note: 'again' })
    expect(other.get('one')).toMatchObject({ tags: ['best', 'for "Ada"'], note: 'again' })
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
      store.events.record('one', { type: 'metric', step, seconds: step, f: 1 / step })
    store.events.record('one', { type: 'log', level: 'info', message: 'hello', seconds: 1 })
    store.events.record('one', {
      type: 'progress',
      phase: 'learning',
      fraction: 0.5,
      seconds: 3,
      secondsLeft: 3
    })
    store.events.flush()
    const metrics = store.events.list('one', { types: ['metric'] })
    expect(metrics.map(({ event }) => event.type === 'metric' && event.step)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1)
    )
    expect(store.events.list('one', { types: ['metric'], maxMetrics: 10 }).length).toBeLessThanOrEqual(11)
    expect(store.events.list('one', { after: metrics.at(-1)!.sequence })).toHaveLength(1)
    expect(store.get('one')).toMatchObject({ phase: 'learning', fraction: 0.5, secondsLeft: 3 })
  })

  test('what a run told after its checkpoint is forgotten when it goes on from there; logs stay', () => {
    const { store } = freshStore()
    create(store, 'one')
    create(store, 'other')
    const tell = (id: string): void => {
      for (let step = 1; step <= 6; step++) {
        store.events.record(id, { type: 'metric', step, seconds: step / 2 })
        store.events.record(id, { type: 'weights', step, epoch: step, histogram: [], suspicious: [] })
        store.events.record(id, { type: 'log', level: 'info', message: `after ${step}`, seconds: step / 2 })
      }
    }
    tell('one')
    tell('other')
    // Not flushed yet: what is on its way counts as told.
    store.events.forgetAfter('one', 1.6)
    const recorded = (type: 'metric' | 'weights' | 'log'): unknown[] =>
      store.events.list('one', { types: [type] }).map(({ event }) => 'step' in event && event.step)
    expect(recorded('metric')).toEqual([1, 2, 3])
    // The weights of an epoch are told before its last number.
    expect(recorded('weights')).toEqual([1, 2])
    expect(recorded('log')).toHaveLength(6)
    expect(store.events.list('other')).toHaveLength(18)
    store.events.forgetAfter('one', 0)
    expect(store.events.list('one').every(({ event }) => event.type === 'log')).toBe(true)
  })

  test('what only the log has is taken over in its order, once each', () => {
    const { store } = freshStore()
    create(store, 'one')
    create(store, 'other')
    const recorded = [1, 2, 3, 4, 5].map((step): RunEvent => ({ type: 'metric', step, seconds: step }))
    const steps = (): unknown[] => store.events.list('one').map(({ event }) => 'step' in event && event.step)
    for (const event of recorded.slice(0, 2)) store.events.record('one', event)
    store.events.record('other', recorded[0]!)
    store.events.complete('one', recorded)
    expect(steps()).toEqual([1, 2, 3, 4, 5])
    store.events.complete('one', recorded)
    expect(steps()).toEqual([1, 2, 3, 4, 5])
    // A gap in the middle: what was dropped while the disk was full.
    create(store, 'gap')
    store.events.record('gap', recorded[0]!)
    store.events.record('gap', recorded[3]!)
    store.events.complete('gap', recorded)
    expect(store.events.list('gap').map(({ event }) => 'step' in event && event.step)).toEqual([
      1, 2, 3, 4, 5
    ])
    // A log that the machine's end cut short takes nothing away.
    store.events.complete('one', recorded.slice(0, 3))
    expect(steps()).toEqual([1, 2, 3, 4, 5])
    expect(store.events.list('other')).toHaveLength(1)
  })

  describe('when a workspace is opened again', () => {
    const settled = (dir: string): RunStore => {
      const workspace = openWorkspace(dir)
      opened.unshift(() => workspace.close())
      return workspace.store
    }
    const train = (store: RunStore, dir: string, id: string): string => {
      const checkpointDir = path.join(dir, id, 'checkpoint')
      store.create({ id, name: id, spec, outputDir: path.join(dir, id, 'out'), checkpointDir, cwd: '/' })
      store.move(id, 'running')
      return checkpointDir
    }
    const hold = (file: string): void => {
      const lock = ProcessLock.take(file)!
      opened.unshift(() => lock.release())
    }

    test('runs whose owner died are marked failed, and go on from a complete checkpoint or the beginning', () => {
      const { store, dir } = freshStore()
      const cases = {
        complete: 'checkpoint',
        replaced: 'checkpoint.previous',
        half: 'checkpoint.next',
        none: ''
      }
      for (const [id, folder] of Object.entries(cases)) {
        train(store, dir, id)
        if (folder === '') continue
        mkdirSync(path.join(dir, id, folder), { recursive: true })
        writeFileSync(path.join(dir, id, folder, 'checkpoint.json'), '{}')
      }
      const after = settled(dir)
      const from = ['last checkpoint', 'last checkpoint', 'the beginning', 'the beginning']
      for (const [i, id] of Object.keys(cases).entries()) {
        expect(after.get(id)).toMatchObject({
          state: 'failed',
          resumable: true,
          failure: {
            code: 'process-died',
            remedy: expect.stringMatching(`${from[i]}.*"bilevel runs resume ${id}"`)
          }
        })
      }
    })

    test('one that was to pause is paused', () => {
      const { store, dir } = freshStore()
      train(store, dir, 'one')
      store.move('one', 'pausing')
      expect(settled(dir).get('one')).toMatchObject({ state: 'paused', resumable: true, failure: null })
    })

    test('runs whose owner or training process lives are left alone, whatever their numbers', () => {
      const { store, dir } = freshStore()
      hold(ownerLockOf(train(store, dir, 'owned')))
      // Its owner is gone, but the training process is still writing what it has.
      hold(workerLockOf(train(store, dir, 'orphan')))
      train(store, dir, 'lost')
      // As in a container: the workbench started anew has the number that it had before.
      store.update('lost', { ownerPid: process.pid, pid: process.pid })
      const after = settled(dir)
      expect(['owned', 'orphan', 'lost'].map((id) => after.get(id).state)).toEqual([
        'running',
        'running',
        'failed'
      ])
    })

    test('what a run told after its owner died is there', () => {
      const { store, dir } = freshStore()
      train(store, dir, 'one')
      const line = (step: number): string => JSON.stringify({ type: 'metric', step, seconds: step })
      store.events.record('one', { type: 'metric', step: 1, seconds: 1 })
      store.events.flush()
      mkdirSync(path.join(dir, 'one', 'out'), { recursive: true })
      // The last line was being written.
      const log = `${[1, 2, 3].map(line).join('\n')}\n${line(4).slice(0, 9)}`
      writeFileSync(path.join(dir, 'one', 'out', 'metrics.ndjson'), log)
      const recorded = settled(dir).events.list('one')
      expect(recorded.map(({ event }) => 'step' in event && event.step)).toEqual([1, 2, 3])
    })

    test.each([
      ['epochs', 'done'],
      ['cancelled', 'cancelled']
    ] as const)('a run whose training process ended with a result (%s) is %s', (stopped, state) => {
      const { store, dir } = freshStore()
      const outputDir = path.join(dir, 'out')
      store.create({ id: 'one', name: 'one', spec, outputDir, checkpointDir: path.join(dir, 'c'), cwd: '/' })
      store.move('one', 'running', { resumable: true })
      const report = {
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
