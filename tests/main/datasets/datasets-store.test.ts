import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { DatasetStore, summariseDataset } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { failureOf, FIXTURES, select, temporaryStore } from '@support/datasets'

const fixture = (name: string): string => path.join(FIXTURES, name)

describe('the dataset store', () => {
  it('lists, finds, renames and removes', async () => {
    const store = temporaryStore()
    expect(store.list()).toEqual([])
    const first = await store.importFrom(fixture('idx-gzip'))
    const second = await store.importFrom(fixture('idx-gzip'))
    expect([first.name, second.name]).toEqual(['idx-gzip', 'idx-gzip-2'])
    expect(store.list().map(({ id }) => id)).toEqual([first.id, second.id])
    expect(store.get('idx-gzip-2').id).toBe(second.id)
    expect(store.find(second.id)?.name).toBe('idx-gzip-2')
    expect(store.rename(second.id, 'digits').name).toBe('digits')
    expect(new DatasetStore(store.root).get('digits').id).toBe(second.id)
    store.remove(first.id)
    expect(store.find('idx-gzip')).toBeUndefined()
    expect(readdirSync(store.root)).toEqual([second.id])
    expect((await failureOf(() => store.get('idx-gzip'))).code).toBe('not-found')
  })

  it('refuses a name that is taken, or that a reference could not say', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(fixture('numpy-plain.npz'), { name: 'set' })
    for (const [name, code] of [
      ['set', 'already-exists'],
      ['a#b', 'bad-input'],
      ['a+b', 'bad-input'],
      [' ', 'bad-input']
    ] as const) {
      const failure = await failureOf(() => store.importFrom(fixture('numpy-plain.npz'), { name }))
      expect(failure.code).toBe(code)
    }
    await store.importFrom(fixture('numpy-plain.npz'), { name: 'other' })
    expect((await failureOf(() => store.rename(meta.id, 'other'))).code).toBe('already-exists')
  })

  it('records what it read in files that other programs open', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(fixture('pets.zip'))
    const folder = store.folderOf(meta.id)
    const features = readFileSync(path.join(folder, 'features.npy'))
    expect(features.toString('latin1', 10, 128)).toMatch(
      /'descr': '\|u1', 'fortran_order': False, 'shape': \(10, 7, 9, 3\)/
    )
    expect(features.length).toBe(128 + 10 * 7 * 9 * 3)
    expect(readFileSync(path.join(folder, 'labels.npy')).toString('latin1', 10, 128)).toContain("'<i4'")
    expect(JSON.parse(readFileSync(path.join(folder, 'files.json'), 'utf8'))).toHaveLength(10)
  })

  it('shows nothing of an import that was cancelled half way', async () => {
    const store = temporaryStore()
    const controller = new AbortController()
    const seen: number[] = []
    const failure = await failureOf(() =>
      store.importFrom(
        fixture('pets.zip'),
        {},
        {
          signal: controller.signal,
          onProgress: (done) => (seen.push(done), controller.abort())
        }
      )
    )
    expect(failure.code).toBe('cancelled')
    expect(seen.length).toBe(1)
    expect(readdirSync(store.root)).toEqual([])
  })

  it('sweeps what a dead process left, and nothing of a living one', () => {
    const { root } = temporaryStore()
    // No process has this id: it is beyond the largest that systems give.
    const earlier = `.writing-${process.pid}-ef`
    for (const name of ['.writing-99999999-ab', `.writing-${process.pid}-cd`, earlier]) {
      mkdirSync(path.join(root, name), { recursive: true })
      writeFileSync(path.join(root, name, 'features.npy'), 'half')
    }
    // Left by a process that had this one's number before it, as happens in containers.
    const before = new Date(performance.timeOrigin - 60_000)
    utimesSync(path.join(root, earlier), before, before)
    expect(new DatasetStore(root).list()).toEqual([])
    expect(readdirSync(root)).toEqual([`.writing-${process.pid}-cd`])
  })

  it('counts classes by split, and wrong labels where the truth is known', async () => {
    const store = temporaryStore()
    const summary = summariseDataset(await store.importFrom(fixture('pets.zip')))
    expect(summary.classes).toEqual([
      { name: 'cat', count: 5 },
      { name: 'dog', count: 5 }
    ])
    expect(summary.splits.map(({ name, classCounts }) => [name, ...classCounts])).toEqual([
      ['train', 3, 3],
      ['test', 2, 2]
    ])
    expect(summary.wrongLabels).toBeNull()
    expect(summary.bytes).toBeGreaterThan(1890)
    expect(summariseDataset(await store.importFrom(fixture('numpy-big-endian.npz'))).wrongLabels).toBe(3)
  })

  it('takes true labels from a file of their own', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const truth = path.join(folder, 'truth.csv')
    writeFileSync(
      truth,
      `file,true_label\n${Array.from({ length: 10 }, (_, i) => `${i},${i % 2 ? 'dog' : 'cat'}`).join('\n')}\n`
    )
    const meta = await store.importFrom(fixture('pets.zip'), { truth })
    expect(meta.hasTruth).toBe(true)
    const slice = await select(store, `${fixture('pets.zip')}#test[1:3]`, { truth })
    expect(Array.from(slice.truth ?? [])).toEqual([1, 0])
  })
})
