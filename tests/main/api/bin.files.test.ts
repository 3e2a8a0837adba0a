import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyBin, listBin, removeDataset, restoreFromBin, usersOf } from '@main/api/removal'
import { DatasetStore, pinSpec } from '@main/datasets'
import { createRun, openWorkspace } from '@main/runs'
import type { Workspace } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'
import { bilevel, temporaryFolder } from '@support/command'

const dir = temporaryFolder()
let place: string
let workspace: Workspace
let datasets: DatasetStore
let count = 0

beforeEach(() => {
  place = path.join(dir, String(++count))
  workspace = openWorkspace(place)
  datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
})
afterEach(() => workspace.close())

const context = () => ({ workspace, datasets })

async function imported(name: string, shade = 1): Promise<string> {
  const file = path.join(dir, `${name}-${shade}.csv`)
  writeFileSync(file, `a,label\n${shade},x\n2,y\n`)
  return (await datasets.importFrom(file, { name })).id
}

async function queued(train: string, outputDir?: string): Promise<string> {
  const spec = denoisingSpec.parse({ task: 'denoising', train, trusted: train })
  return createRun({ workspace, spec: await pinSpec(datasets, spec), outputDir }).id
}

test('several that were removed can each be put back, whatever was removed after', async () => {
  const ids = [await imported('a'), await imported('b'), await imported('c')]
  for (const id of ids.slice(0, 2)) removeDataset(context(), id, false)
  expect(datasets.list().map(({ name }) => name)).toEqual(['c'])
  expect(
    listBin(context())
      .map(({ name }) => name)
      .sort()
  ).toEqual(['a', 'b'])
  expect(restoreFromBin(context(), { kind: 'dataset', id: ids[0]! })).toEqual({ name: 'a', renamed: false })
  expect(restoreFromBin(context(), { kind: 'dataset', id: ids[1]! })).toEqual({ name: 'b', renamed: false })
  expect(datasets.list().map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(listBin(context())).toEqual([])
  expect(readdirSync(datasets.folderOf(ids[0]!))).not.toContain('removed.json')
})

test('a name that was taken meanwhile: what comes back gets a free one', async () => {
  const first = await imported('photos', 1)
  removeDataset(context(), first, false)
  await imported('photos', 5)
  expect(restoreFromBin(context(), { kind: 'dataset', id: first })).toEqual({
    name: 'photos-2',
    renamed: true
  })
  expect(Array.from(datasets.open('photos-2').readRows([0]))).toEqual([1])
  expect(Array.from(datasets.open('photos').readRows([0]))).toEqual([5])
})

test('a dataset in use is refused, one that ended runs refer to is asked about', async () => {
  const id = await imported('photos')
  const run = await queued('photos')
  datasets.rename(id, 'renamed')
  expect(usersOf(context(), id).live).toEqual([{ run, name: 'Find wrong labels: photos' }])
  expect(() => removeDataset(context(), id, true)).toThrow(
    '"renamed" is in use by the run "Find wrong labels: photos"'
  )
  workspace.store.move(run, 'cancelled')
  expect(() => removeDataset(context(), id, false)).toThrow('could not show or export their examples')
  const refused = await bilevel(['datasets', 'remove', 'renamed', '--workspace', place])
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).toContain('--force')
  const removed = await bilevel(['datasets', 'remove', 'renamed', '--force', '--workspace', place])
  expect(removed).toMatchObject({ code: 0, stdout: `renamed lies in the bin: bilevel bin restore ${id}\n` })
  const back = await bilevel(['bin', 'restore', id, '--workspace', place])
  expect(back).toMatchObject({ code: 0, stdout: 'renamed is back.\n' })
  expect(datasets.get(id).name).toBe('renamed')
})

test('a dataset that another trusts is asked about', async () => {
  const trusted = await imported('checked')
  const other = await imported('doubtful')
  workspace.trust.setReference(other, 'checked[0:2]')
  expect(() => removeDataset(context(), trusted, false)).toThrow(
    'the dataset "doubtful" would lose trusted examples'
  )
  removeDataset(context(), trusted, true)
  expect(listBin(context())).toHaveLength(1)
})

test('a run comes back with its review; emptied, its results go, but never those outside', async () => {
  await imported('photos')
  const outside = path.join(dir, `outside-${count}`)
  const [inside, elsewhere] = [await queued('photos'), await queued('photos', outside)]
  for (const folder of [workspace.store.get(inside).outputDir, outside]) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'report.json'), '{}')
  }
  workspace.reviews.decide(inside, [{ row: 1, decision: { action: 'drop' } }], 'drop one')
  const results = workspace.store.get(inside).outputDir
  for (const id of [inside, elsewhere]) workspace.store.discard(id)
  expect(workspace.store.list()).toEqual([])
  expect(workspace.store.waiting()).toEqual([])
  expect(() => workspace.store.get(inside)).toThrow('There is no run')
  restoreFromBin(context(), { kind: 'run', id: inside })
  expect(workspace.store.get(inside).state).toBe('cancelled')
  expect(JSON.stringify(workspace.reviews.standing(inside))).toContain('"drop"')

  workspace.store.discard(inside)
  expect(existsSync(path.join(results, 'report.json'))).toBe(true)
  expect((await bilevel(['bin', 'empty', '--workspace', place])).code).toBe(2)
  expect(listBin(context())).toHaveLength(2)
  expect(emptyBin(context())).toBe(2)
  expect(existsSync(path.join(workspace.runsDir, inside))).toBe(false)
  expect(existsSync(path.join(outside, 'report.json'))).toBe(true)
  expect(() => restoreFromBin(context(), { kind: 'run', id: inside })).toThrow('not in the bin')
})

test('a run that trains is not removed', async () => {
  await imported('photos')
  const run = await queued('photos')
  workspace.store.move(run, 'running')
  expect(() => workspace.store.discard(run)).toThrow('is running')
  expect(workspace.store.list()).toHaveLength(1)
})

test('what lies there for more than 30 days goes, the rest stays', async () => {
  const [old, young] = [await imported('old'), await imported('young')]
  for (const id of [old, young]) removeDataset(context(), id, false)
  const note = path.join(workspace.datasetsDir, `.bin-${old}`, 'removed.json')
  writeFileSync(note, JSON.stringify(new Date(Date.now() - 31 * 24 * 3600_000)))
  expect(listBin(context()).map(({ id }) => id)).toEqual([young])
  expect(readdirSync(workspace.datasetsDir)).toEqual([`.bin-${young}`])
})

test('with a dataset that is gone for good go its marks and its reference, and no other', async () => {
  const [gone, kept] = [await imported('gone', 8), await imported('kept', 9)]
  const { trust } = workspace
  const mark = [{ row: 1, decision: { action: 'relabel' as const, label: 0 } }]
  for (const id of [gone, kept]) {
    trust.log.decide(id, mark, 'trust example 1')
    trust.setReference(id, 'other')
    removeDataset(context(), id, false)
  }
  expect(trust.marksOf(gone)).toMatchObject([{ row: 1, label: 0 }])
  expect(emptyBin(context(), [{ kind: 'dataset', id: gone }])).toBe(1)
  expect(trust.marksOf(gone)).toEqual([])
  expect(trust.referenceOf(gone)).toBeNull()
  expect([trust.log.revision(gone), trust.log.turns(gone).undo]).toEqual([0, null])
  restoreFromBin(context(), { kind: 'dataset', id: kept })
  expect(trust.marksOf(kept)).toMatchObject([{ row: 1, label: 0 }])
  expect(trust.referenceOf(kept)).toBe('other')
})

test('killed while it removes and puts back again and again: the dataset is there, whole', async () => {
  const id = await imported('photos')
  const script = `
    import { DatasetStore } from ${JSON.stringify(path.resolve('src/main/datasets/dataset-store.ts'))}
    const store = new DatasetStore(${JSON.stringify(workspace.datasetsDir)})
    process.stdout.write('on')
    for (;;) { store.discard('${id}'); store.restore('${id}') }
  `
  const file = path.join(dir, 'loop.mts')
  writeFileSync(file, script)
  for (let kill = 0; kill < 3; kill++) {
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      env: { ...process.env, TSX_TSCONFIG_PATH: path.resolve('tsconfig.base.json') },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 20 + 37 * kill))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    if (listBin(context()).length > 0) restoreFromBin(context(), { kind: 'dataset', id })
    expect(datasets.list().map(({ name }) => name)).toEqual(['photos'])
    await datasets.verify(id)
  }
})
