import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkspace, RunFeed, Scheduler } from '@main/runs'
import type { Workspace } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder, until } from '@support/command'

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
let scratch: string
let workspace: Workspace
let scheduler: Scheduler
let feed: RunFeed

beforeEach(() => {
  scratch = temporaryFolder()
  workspace = openWorkspace(scratch)
  // It is not started: nothing here is trained.
  scheduler = new Scheduler(workspace)
  feed = new RunFeed(workspace.store, scheduler)
  for (let i = 0; i < 30; i++) {
    const place = path.join(scratch, `run-${i}`)
    workspace.store.create({
      id: `run-${i}`,
      name: `${i}`,
      spec,
      outputDir: place,
      checkpointDir: place,
      cwd: '/'
    })
  }
})
afterEach(() => {
  workspace.close()
})

const ids = (runs: readonly { id: string }[]): string[] => runs.map(({ id }) => id).sort()

test('thirty renames are told to twenty readers as what has changed, together', async () => {
  let notified = 0
  const leaving = Array.from({ length: 20 }, () => feed.join(() => notified++))
  const { version, runs } = feed.all()
  expect(runs).toHaveLength(30)
  notified = 0
  for (let i = 0; i < 30; i++) scheduler.describe(`run-${i % 3}`, { name: `named ${i}` })
  await until(() => notified > 0)
  const news = feed.since(version)
  expect(news.runs.map(({ id, name }) => `${id}: ${name}`).sort()).toEqual([
    'run-0: named 27',
    'run-1: named 28',
    'run-2: named 29'
  ])
  expect(notified).toBe(20)
  expect(feed.since(news.version)).toMatchObject({ runs: [], gone: [] })
  leaving.forEach((leave) => leave())
})

test('what is removed is gone, what comes is there, and whoever asks after a change sees it', async () => {
  let notified = 0
  const leave = feed.join(() => notified++)
  const { version } = feed.all()
  notified = 0
  workspace.store.remove('run-3')
  workspace.store.create({ id: 'new', name: 'new', spec, outputDir: '/o', checkpointDir: '/c', cwd: '/' })
  scheduler.emit('change')
  expect(ids(feed.all().runs)).toEqual(ids([...workspace.store.list()]))
  expect(feed.since(version)).toMatchObject({ runs: [{ id: 'new' }], gone: ['run-3'] })
  await until(() => notified > 0)
  leave()
  scheduler.describe('new', { name: 'later' })
  expect(feed.all().runs.find(({ id }) => id === 'new')?.name).toBe('later')
})
