import { cpSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  contentHash,
  DatasetStore,
  pinEarlierSpec,
  pinSpec,
  readingOf,
  resolveReference
} from '@main/datasets'
import { npyFile } from '@main/datasets'
import { openWorkspaceDatabase, TrustStore } from '@main/runs'
import type { Pin } from '@shared/domain/pin'
import { denoisingSpec, type DenoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'
import { allRows, failureOf, temporaryStore } from '@support/datasets'

/** An NPY folder of `count` examples of 2 x 2 whose pixels all are `value`, of two classes. */
function writeSource(folder: string, value: number, count = 6): string {
  mkdirSync(folder, { recursive: true })
  const x = new Uint8Array(count * 4).fill(value)
  const y = Int32Array.from({ length: count }, (_, i) => i % 2)
  writeFileSync(path.join(folder, 'x.npy'), npyFile({ shape: [count, 2, 2], values: x }))
  writeFileSync(path.join(folder, 'y.npy'), npyFile({ shape: [count], values: y }))
  return folder
}

const specOf = (train: string, trusted: string, more: Partial<DenoisingSpec> = {}): DenoisingSpec =>
  denoisingSpec.parse({ task: 'denoising', train, trusted, ...more })

const pinned = async (store: DatasetStore, spec: DenoisingSpec, cwd?: string): Promise<DenoisingSpec> =>
  (await pinSpec(store, spec, cwd)) as DenoisingSpec

/** The pixels a spec's training data have. */
async function trainPixels(store: DatasetStore, spec: DenoisingSpec, cwd?: string): Promise<number[]> {
  const selection = await resolveReference(store, spec.train, readingOf(spec, cwd))
  try {
    return [...new Set(selection.readRaw(allRows(selection)))]
  } finally {
    selection.close()
  }
}

describe('data of the store', () => {
  test('a run keeps its dataset when it is renamed and another takes its name', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const first = await store.importFrom(writeSource(path.join(folder, 'a'), 10), { name: 'photos' })
    const spec = await pinned(store, specOf('photos[0:4]', 'photos[4:6]'))
    expect(spec.pins).toEqual([
      { source: 'photos', dataset: first.id, contentHash: await contentHash(first), corrections: null }
    ])
    store.rename(first.id, 'old photos')
    await store.importFrom(writeSource(path.join(folder, 'b'), 20), { name: 'photos' })
    expect(await trainPixels(store, spec)).toEqual([10])
    // Another run on what has the name now.
    expect(await trainPixels(store, await pinned(store, specOf('photos', 'photos')))).toEqual([20])
    // Run again: the same data, called as today.
    const again = await pinned(store, spec)
    expect(again).toMatchObject({ train: 'old photos[0:4]', trusted: 'old photos[4:6]' })
    expect(await trainPixels(store, again)).toEqual([10])
  })

  test('two that exchanged their names', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const a = await store.importFrom(writeSource(path.join(folder, 'a'), 10), { name: 'a' })
    const b = await store.importFrom(writeSource(path.join(folder, 'b'), 20), { name: 'b' })
    const spec = await pinned(store, specOf('a', 'b'))
    store.rename(a.id, 'c')
    store.rename(b.id, 'a')
    store.rename(a.id, 'b')
    const again = await pinned(store, spec)
    expect([again.train, again.trusted]).toEqual(['b', 'a'])
    expect(await trainPixels(store, again)).toEqual([10])
    expect(again.pins?.map(({ source, dataset }) => [source, dataset])).toEqual([
      ['b', a.id],
      ['a', b.id]
    ])
  })

  test('one that lies in the bin or is gone is never replaced by another of its name', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const first = await store.importFrom(writeSource(path.join(folder, 'a'), 10), { name: 'photos' })
    const spec = await pinned(store, specOf('photos', 'photos'))
    const { undo } = store.discard(first.id)
    await store.importFrom(writeSource(path.join(folder, 'b'), 20), { name: 'photos' })
    const failure = await failureOf(() => trainPixels(store, spec))
    expect(failure).toMatchObject({ code: 'conflict' })
    expect(failure.message).toContain('lies in the bin')
    store.restore(undo)
    expect(await trainPixels(store, spec)).toEqual([10])
    store.remove(first.id)
    expect(await failureOf(() => trainPixels(store, spec))).toMatchObject({ code: 'conflict' })
    expect(await failureOf(() => pinned(store, spec))).toMatchObject({ code: 'conflict' })
    // Data chosen anew are settled anew.
    expect(await trainPixels(store, await pinned(store, { ...spec, pins: undefined }))).toEqual([20])
  })

  test('trusted marks are settled by their version', async () => {
    const database = openWorkspaceDatabase(path.join(temporaryFolder(), 'workbench.sqlite'))
    onTestFinished(() => database.close())
    const trust = new TrustStore(database, 'anna')
    const mark = (row: number, label: number): unknown =>
      trust.log.decide(meta.id, [{ row, decision: { action: 'relabel', label } }], 'trust')
    const store = new DatasetStore(path.join(temporaryFolder(), 'datasets'), trust)
    const meta = await store.importFrom(writeSource(path.join(temporaryFolder(), 'a'), 10), {
      name: 'photos'
    })
    mark(0, 0)
    const spec = await pinned(store, specOf('photos', 'photos#trusted'))
    expect(spec.trusted).toMatch(/^photos#trusted@[0-9a-f]{12}$/)
    store.rename(meta.id, 'renamed')
    mark(1, 1)
    const selection = await resolveReference(store, String(spec.trusted), readingOf(spec))
    expect(Array.from(selection.labels)).toEqual([0])
    selection.close()
  })

  test('content that differs is a conflict; the same content elsewhere is not', async () => {
    const [here, elsewhere] = [temporaryStore(), temporaryStore()]
    const folder = temporaryFolder()
    const same = writeSource(path.join(folder, 'a'), 10)
    await here.importFrom(same, { name: 'photos' })
    const spec = await pinned(here, specOf('photos', 'photos'))
    const copy = await elsewhere.importFrom(same, { name: 'photos' })
    expect((await pinned(elsewhere, spec)).pins?.[0]?.dataset).toBe(copy.id)
    elsewhere.remove(copy.id)
    await elsewhere.importFrom(writeSource(path.join(folder, 'b'), 20), { name: 'photos' })
    const failure = await failureOf(() => pinned(elsewhere, spec))
    expect(failure.code).toBe('conflict')
    expect(failure.remedy).toContain('remove "pins"')
  })

  test('a copy of a workspace holds the same content, with other times', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(writeSource(path.join(temporaryFolder(), 'a'), 10))
    const copy = path.join(temporaryFolder(), 'datasets')
    cpSync(store.root, copy, { recursive: true })
    const copied = new DatasetStore(copy)
    expect(await contentHash(copied.get(meta.id))).toBe(await contentHash(meta))
  })
})

describe('data of a path', () => {
  test('a source that was changed: the import of what it was is used', async () => {
    const store = temporaryStore()
    const source = writeSource(path.join(temporaryFolder(), 'set'), 10)
    const spec = await pinned(store, specOf(source, source))
    expect(spec.pins?.[0]).toMatchObject({ source, dataset: null })
    writeSource(source, 20)
    expect(await trainPixels(store, spec)).toEqual([10])
    expect(await trainPixels(store, await pinned(store, specOf(source, source)))).toEqual([20])
    rmSync(source, { recursive: true })
    expect(await trainPixels(store, spec)).toEqual([10])
  })

  test.each(['changed', 'removed', 'changed with its time set back'])(
    'where that import is gone, a source that was %s is a conflict that names the file',
    async (what) => {
      const store = temporaryStore()
      const source = writeSource(path.join(temporaryFolder(), 'set'), 10)
      const spec = await pinned(store, specOf(source, source))
      forgetImports(store)
      const file = path.join(source, 'x.npy')
      const { atime, mtime } = statSync(file)
      if (what === 'removed') rmSync(source, { recursive: true })
      else writeFileSync(file, npyFile({ shape: [6, 2, 2], values: new Uint8Array(24).fill(20) }))
      if (what.includes('set back')) utimesSync(file, atime, mtime)
      const failure = await failureOf(() => trainPixels(store, spec))
      expect(failure.code).toBe('conflict')
      expect(failure.message).toContain(what === 'removed' ? source : file)
    }
  )

  test('where that import is gone, an unchanged source is imported again', async () => {
    const store = temporaryStore()
    const source = writeSource(path.join(temporaryFolder(), 'set'), 10)
    const spec = await pinned(store, specOf(source, source))
    forgetImports(store)
    expect(await trainPixels(store, spec)).toEqual([10])
  })

  test('a source changed with its time set back is not taken for the old one', async () => {
    const store = temporaryStore()
    const source = writeSource(path.join(temporaryFolder(), 'set'), 10)
    await trainPixels(store, specOf(source, source))
    const file = path.join(source, 'x.npy')
    const { atime, mtime } = statSync(file)
    writeFileSync(file, npyFile({ shape: [6, 2, 2], values: new Uint8Array(24).fill(20) }))
    utimesSync(file, atime, mtime)
    expect(await trainPixels(store, specOf(source, source))).toEqual([20])
  })

  test('relative paths are those of the folder where the run was started', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    writeSource(path.join(folder, 'set+more'), 10)
    const spec = await pinned(store, specOf('set+more', 'set+more'), folder)
    expect(await trainPixels(store, spec, folder)).toEqual([10])
  })

  test('a dataset that takes the name of a path later is another', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    writeSource(path.join(folder, 'set'), 10)
    const spec = await pinned(store, specOf('set', 'set'), folder)
    await store.importFrom(writeSource(path.join(folder, 'other'), 20), { name: 'set' })
    expect(await trainPixels(store, spec, folder)).toEqual([10])
  })

  test('files that a spec names beside its data are settled too', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const source = writeSource(path.join(folder, 'set'), 10)
    const truth = path.join(folder, 'truth.txt')
    writeFileSync(truth, '0\n1\n0\n1\n0\n1\n')
    const spec = await pinned(store, specOf(source, source, { truth }))
    expect(spec.pins?.find(({ file }) => file === 'truth')?.contentHash).toMatch(/^[0-9a-f]{64}$/)
    writeFileSync(truth, '1\n1\n0\n1\n0\n1\n')
    const failure = await failureOf(() => pinned(store, spec))
    expect(failure.code).toBe('conflict')
    expect(failure.message).toContain(truth)
  })
})

describe('runs of before there were pins', () => {
  const at = (cwd: string, createdAt: string): { createdAt: string; cwd: string } => ({ createdAt, cwd })
  const later = new Date(Date.now() + 3600_000).toISOString()
  const earlier = '2020-01-01T00:00:00.000Z'

  test('stand for what bears the name, unless that is younger than the run', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const meta = await store.importFrom(writeSource(path.join(folder, 'a'), 10), { name: 'photos' })
    const spec = specOf('photos', 'sample-digits#train[0:200]')
    const settled = await pinEarlierSpec(store, spec, 'train', at(folder, later))
    expect(settled.pins?.map(({ dataset }: Pin) => dataset)).toEqual([meta.id])
    expect(await failureOf(() => pinEarlierSpec(store, spec, 'train', at(folder, earlier)))).toMatchObject({
      code: 'conflict'
    })
    // One field's data may be gone without hiding the others'.
    const { pins } = await pinEarlierSpec(store, settled, 'trusted', at(folder, later))
    expect(pins?.map(({ source }) => source)).toEqual(['photos', 'sample-digits'])
  })

  test('a path that was changed after the run is a conflict', async () => {
    const store = temporaryStore()
    const source = writeSource(path.join(temporaryFolder(), 'a'), 10)
    const spec = specOf(source, source)
    expect(await failureOf(() => pinEarlierSpec(store, spec, 'train', at('/', earlier)))).toMatchObject({
      code: 'conflict'
    })
    expect((await pinEarlierSpec(store, spec, 'train', at('/', later))).pins).toHaveLength(1)
  })
})

/** As the cache does with imports unused for long. */
function forgetImports(store: DatasetStore): void {
  rmSync(path.join(store.root, '../cache'), { recursive: true })
}
