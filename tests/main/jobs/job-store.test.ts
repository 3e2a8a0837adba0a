import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { JobStore } from '@main/jobs'
import type { JobOrder, JobWatch } from '@main/jobs'
import { openWorkspace } from '@main/runs'
import type { Workspace } from '@main/runs'
import { badInput, Failure } from '@shared/domain/failure'
import { temporaryFolder } from '@support/command'

const scratch = temporaryFolder()
const workspaces: Workspace[] = []

function open(dir: string): { jobs: JobStore; workspace: Workspace } {
  const workspace = openWorkspace(path.join(scratch, dir))
  workspaces.push(workspace)
  return { workspace, jobs: new JobStore(workspace.jobs) }
}

afterEach(() => workspaces.splice(0).forEach((workspace) => workspace.close()))

/** An act that goes on until the test ends it. */
class Act {
  watch: JobWatch | undefined
  finish: (name: string) => void = () => undefined
  fail: (error: unknown) => void = () => undefined

  perform(watch: JobWatch): Promise<string> {
    this.watch = watch
    return new Promise((resolve, reject) => {
      this.finish = resolve
      this.fail = reject
      watch.signal.addEventListener('abort', () => reject(new Failure('cancelled', 'Cancelled.', '')))
    })
  }
}

function order(name: string, act: Act, more: Partial<JobOrder<string>> = {}): JobOrder<string> {
  return {
    kind: 'import',
    title: name,
    subject: { source: `/data/${name}`, dataset: null, run: null, out: null },
    key: name,
    perform: (watch) => act.perform(watch),
    summarise: (dataset) => ({ type: 'dataset', dataset, name, examples: 3 }),
    ...more
  }
}

/** Jobs begin when whoever asked has its answer: within a turn or two, so it is looked at often. */
const begun = (act: Act): Promise<void> =>
  vi.waitFor(() => expect(act.watch).toBeDefined(), { timeout: 30_000, interval: 1 })

describe('jobs', () => {
  test('go on until they are done; progress and result are told to whoever asks', async () => {
    const { jobs } = open('done')
    const act = new Act()
    const { job, outcome } = jobs.start(order('a', act))
    await begun(act)
    act.watch!.onProgress(1, 4, 'reading images')
    expect(jobs.get(job.id)).toMatchObject({
      state: 'running',
      place: null,
      progress: { phase: 'reading images', done: 1, total: 4 }
    })
    const version = jobs.version
    act.finish('id-1')
    expect(await outcome).toBe('id-1')
    expect(jobs.changedSince(version)).toMatchObject([
      { id: job.id, state: 'done', progress: null, result: { dataset: 'id-1', examples: 3 } }
    ])
  })

  test('wait in order for a place, and move up when one before them is cancelled', async () => {
    const { jobs } = open('queue')
    const acts = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, act: new Act() }))
    const ids = acts.map(({ name, act }) => jobs.start(order(name, act)).job.id)
    const places = (): (number | null)[] => ids.map((id) => jobs.get(id).place)
    expect(places()).toEqual([null, null, 1, 2, 3])
    expect((await jobs.cancel(ids[2]!)).state).toBe('cancelled')
    expect(places()).toEqual([null, null, null, 1, 2])
    expect(acts[2]!.act.watch).toBeUndefined()
    await begun(acts[0]!.act)
    expect((await jobs.cancel(ids[0]!)).state).toBe('cancelled')
    expect(jobs.list().map(({ state }) => state)).toEqual([
      'cancelled',
      'running',
      'cancelled',
      'running',
      'waiting'
    ])
  })

  test('a failure stands in the record, with its remedy', async () => {
    const { jobs } = open('failed')
    const act = new Act()
    const { job, outcome } = jobs.start(order('a', act))
    await begun(act)
    act.fail(badInput('The file is empty.', 'Name another.'))
    await expect(outcome).rejects.toThrow('The file is empty.')
    expect(jobs.get(job.id)).toMatchObject({
      state: 'failed',
      failure: { code: 'bad-input', sentence: 'The file is empty.', remedy: 'Name another.' }
    })
  })

  test('what is done before the cancel reaches it stays done', async () => {
    const { jobs } = open('late')
    const act = new Act()
    const { job } = jobs.start(order('a', act))
    await begun(act)
    act.finish('id-1')
    expect(await jobs.cancel(job.id)).toMatchObject({ state: 'done', result: { dataset: 'id-1' } })
    await expect(jobs.cancel(job.id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('one order is one job while it goes on; one request is one job for good', async () => {
    const { jobs } = open('twice')
    const act = new Act()
    const first = jobs.start(order('a', act, { request: 'request-1' }))
    expect(jobs.start(order('a', new Act())).job.id).toBe(first.job.id)
    expect(jobs.start(order('a', new Act(), { kind: 'sample' })).job.id).not.toBe(first.job.id)
    await begun(act)
    act.finish('id-1')
    await first.outcome
    expect(jobs.start(order('a', new Act(), { request: 'request-1' })).job.id).toBe(first.job.id)
    expect(jobs.start(order('a', new Act())).job.id).not.toBe(first.job.id)
  })

  test('two do not write to one folder', () => {
    const { jobs } = open('folder')
    const subject = { source: null, dataset: 'd', run: null, out: '/exports/x' }
    jobs.start(order('a', new Act(), { kind: 'export', subject }))
    expect(() => jobs.start(order('b', new Act(), { kind: 'export', subject }))).toThrow('/exports/x')
  })

  test('closing stops them; the next start says what was interrupted, and keeps what was done', async () => {
    const { jobs, workspace } = open('closed')
    const acts = [1, 2, 3, 4].map(() => new Act())
    const ids = acts.map((act, i) => jobs.start(order(`job ${i}`, act)).job.id)
    await begun(acts[0]!)
    acts[0]!.finish('id-0')
    await begun(acts[2]!)
    await jobs.close()
    expect(acts[1]!.watch!.signal.aborted).toBe(true)
    expect(acts[3]!.watch).toBeUndefined()
    expect(() => jobs.start(order('late', new Act()))).toThrow('closing')
    workspaces.pop()
    workspace.close()
    const again = open('closed').jobs
    expect(again.list().map(({ id, state }) => [id, state])).toEqual([
      [ids[0], 'done'],
      [ids[1], 'interrupted'],
      [ids[2], 'interrupted'],
      [ids[3], 'interrupted']
    ])
    expect(again.get(ids[1]!).failure?.sentence).toContain('import of job 1')
    again.dismiss(ids[1]!)
    again.dismiss(ids[1]!)
    expect(again.has(ids[1]!)).toBe(false)
  })

  test('after a death without warning, what had not ended was interrupted', async () => {
    const { jobs, workspace } = open('killed')
    const ids = ['a', 'b', 'c'].map((name) => jobs.start(order(name, new Act())).job.id)
    workspaces.pop()
    workspace.close()
    const again = open('killed').jobs
    expect(again.list().map(({ id, state, place }) => [id, state, place])).toEqual(
      ids.map((id) => [id, 'interrupted', null])
    )
  })

  test('the history is bounded: the oldest that ended go first', async () => {
    const { jobs } = open('history')
    const going = jobs.start(order('going on', new Act())).job.id
    for (let i = 0; i < 60; i++) {
      const act = new Act()
      const { outcome } = jobs.start(order(`short ${i}`, act))
      await begun(act)
      act.finish(`id-${i}`)
      await outcome
    }
    const titles = jobs.list().map(({ title }) => title)
    expect(jobs.has(going)).toBe(true)
    expect(titles).toHaveLength(51)
    expect(titles.slice(1, 3)).toEqual(['short 10', 'short 11'])
  })
})
