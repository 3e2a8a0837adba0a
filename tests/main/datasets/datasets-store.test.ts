import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { alignClasses, DatasetStore, exportDataset, inspectSource, summariseDataset } from '@main/datasets'
import { ReferenceCache } from '@main/datasets/reference-cache'
import {
  allRows,
  failureOf,
  FIXTURES,
  pixelsOf,
  select,
  temporaryFolder,
  temporaryStore
} from '@support/datasets'

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

describe('references', () => {
  it('select splits, ranges and joints in the source’s own order', async () => {
    const store = temporaryStore()
    const source = fixture('idx-plain')
    const everything = await select(store, source)
    const rows = async (reference: string): Promise<number[]> => {
      const selection = await select(store, reference)
      return allRows(selection).map((row) => {
        const bytes = Buffer.from(selection.readRaw([row]))
        return (
          allRows(everything).find((other) => Buffer.from(everything.readRaw([other])).equals(bytes)) ?? -1
        )
      })
    }
    expect(await rows(`${source}#test`)).toEqual([20, 21, 22, 23, 24, 25, 26, 27])
    expect(await rows(`${source}#test[2:4]`)).toEqual([22, 23])
    expect(await rows(`${source}#train[18:]`)).toEqual([18, 19])
    expect(await rows(`${source}[18:22]`)).toEqual([18, 19, 20, 21])
    expect(await rows(`${source}#test[:1]+${source}#train[3:5]`)).toEqual([20, 3, 4])
  })

  it('read rows in any order, scaled, across joints', async () => {
    const store = temporaryStore()
    const selection = await select(store, `${fixture('idx-plain')}#test+${fixture('idx-plain')}#train`)
    const order = [27, 0, 1, 2, 8, 9, 7, 8, 3]
    const joined = selection.readRows(order)
    order.forEach((row, i) => {
      const raw = selection.readRaw([row])
      expect(joined.subarray(30 * i, 30 * i + 30)).toEqual(
        Float32Array.from(raw, (value) => Math.fround(value / 255))
      )
    })
    expect(selection.splitOf(0)).toBe('test')
    expect(selection.splitOf(8)).toBe('train')
    expect(() => selection.readRows([28])).toThrow(RangeError)
    selection.close()
    expect(() => selection.readRows([0])).toThrow(/closed/)
  })

  it('give the same rows when they are held in memory after many scattered reads', async () => {
    const store = temporaryStore()
    const selection = await select(store, 'sample-digits#train[100:900]')
    const before = selection.readRows(allRows(selection))
    for (let i = 0; i < 2100; i++) selection.readRaw([(i * 37) % 800])
    expect(selection.readRows(allRows(selection))).toEqual(before)
    expect(selection.readRows([799, 3])).toEqual(
      Float32Array.from([...before.slice(799 * 64), ...before.slice(3 * 64, 4 * 64)])
    )
    selection.close()
    expect(() => selection.readRows([0])).toThrow(/closed/)
  })

  it('name datasets of the store, samples and paths', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(fixture('pets.zip'), { name: 'my pets' })
    expect((await select(store, 'my pets#test')).count).toBe(4)
    expect((await select(store, `${meta.id}#train`)).count).toBe(6)
    expect(existsSync(path.join(store.root, '../cache'))).toBe(false)
    const digits = await select(store, 'sample-digits#train')
    expect([digits.count, digits.shape, digits.classNames.length]).toEqual([1397, [8, 8, 1], 10])
    expect((await select(store, 'sample-digits#test')).count).toBe(400)
    expect((await store.importFrom('sample-digits')).name).toBe('sample-digits')
  })

  it('import a path once, and again when it or the options change', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const file = path.join(folder, 't.csv')
    writeFileSync(file, 'a,b,label\n1,2,x\n3,4,y\n')
    const cache = path.join(store.root, '../cache')
    const first = await select(store, file)
    await select(store, `${file}[0:1]`)
    expect(readdirSync(cache)).toHaveLength(1)
    writeFileSync(file, 'a,b,label\n1,2,x\n3,5,y\n')
    utimesSync(file, new Date(), new Date(Date.now() + 5000))
    const second = await select(store, file)
    expect(readdirSync(cache)).toHaveLength(2)
    expect(pixelsOf(second)).not.toBe(pixelsOf(first))
    await select(store, file, { labelColumn: 'b' })
    await select(store, fixture('pets.zip'), { imageSize: 5 })
    await select(store, fixture('pets.zip'))
    expect(readdirSync(cache)).toHaveLength(5)
    expect(store.list()).toEqual([])
  })

  it('forget imports of paths that nobody uses', async () => {
    const store = temporaryStore()
    await select(store, fixture('pets.zip'))
    await select(store, fixture('idx-plain'))
    const root = path.join(store.root, '../cache')
    const [old = '', fresh = ''] = readdirSync(root)
    const days = (count: number): Date => new Date(Date.now() - count * 24 * 3600 * 1000)
    utimesSync(path.join(root, old, 'meta.json'), days(31), days(31))
    new ReferenceCache(root).sweep(fresh)
    expect(readdirSync(root)).toEqual([fresh])
    await select(store, fixture('cifar-10'))
    const other = readdirSync(root).find((name) => name !== fresh) ?? ''
    utimesSync(path.join(root, other, 'meta.json'), days(1), days(1))
    new ReferenceCache(root).sweep(fresh, Date.now(), 1)
    expect(readdirSync(root)).toEqual([fresh])
  })

  it('bring classes of slices into one order, or say which two disagree', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const csv = (name: string, labels: string[]): string => {
      const file = path.join(folder, name)
      writeFileSync(file, `a,label\n${labels.map((label, i) => `${i},${label}`).join('\n')}\n`)
      return file
    }
    const full = await select(store, csv('full.csv', ['cat', 'dog', 'owl']))
    const slice = await select(store, csv('slice.csv', ['owl', 'cat', 'owl']))
    expect(Array.from(slice.labels)).toEqual([1, 0, 1])
    const [, aligned] = alignClasses([full, slice])
    expect(Array.from(aligned?.labels ?? [])).toEqual([2, 0, 2])
    expect(aligned?.readRows([2])).toEqual(Float32Array.from([2]))
    const joined = await select(
      store,
      `${csv('slice.csv', ['owl', 'cat', 'owl'])}+${csv('full.csv', ['cat', 'dog', 'owl'])}`
    )
    expect(Array.from(joined.labels)).toEqual([2, 0, 2, 0, 1, 2])
    const other = await select(store, csv('strange.csv', ['emu', 'cat']))
    const failure = await failureOf(() => alignClasses([full, other]))
    expect(failure.message).toMatch(/strange\.csv and .*full\.csv have different classes: "emu"/)
  })
})

describe('image folders', () => {
  const picture = (): Buffer => readFileSync(fixture('pillow/rgb.png'))
  const grey = (): Buffer => readFileSync(fixture('pillow/grey.png'))
  const tree = (files: Record<string, Buffer | string>): string => {
    const root = path.join(temporaryFolder(), 'set')
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
      writeFileSync(path.join(root, name), bytes)
    }
    return root
  }

  it('stay grey when all are, become colour when one is', async () => {
    const store = temporaryStore()
    const greys = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`a/${String(i).padStart(3, '0')}.png`, grey()])
    )
    const all = await select(store, tree(greys))
    expect(all.shape).toEqual([6, 5, 1])
    const late = await select(store, tree({ ...greys, 'b/last.png': picture() }))
    expect(late.shape).toEqual([6, 5, 3])
    const [one, wide] = [all.readRaw([299]), late.readRaw([299])]
    expect(Array.from(wide)).toEqual(Array.from(one).flatMap((value) => [value, value, value]))
  })

  it('take labels and truth from metadata, CSV or JSON lines', async () => {
    const store = temporaryStore()
    const csv = await select(
      store,
      tree({
        'train/1.png': picture(),
        'train/2.png': picture(),
        'test/1.png': picture(),
        'train/metadata.csv': 'file_name,label,true_label\n2.png,"a, b",c\n1.png,c,c\n',
        'test/metadata.jsonl': '{"file_name":"1.png","label":"c","true_label":"a, b"}\n'
      })
    )
    expect(csv.classNames).toEqual(['a, b', 'c'])
    expect(Array.from(csv.labels)).toEqual([1, 0, 1])
    expect(Array.from(csv.truth ?? [])).toEqual([1, 1, 0])
    expect(csv.metas[0]?.splits.map(({ name }) => name)).toEqual(['train', 'test'])
  })

  it('know a class called train, nested classes, and the folder around everything', async () => {
    const store = temporaryStore()
    const vehicles = await select(store, tree({ 'train/1.png': picture(), 'plane/1.png': picture() }))
    expect([vehicles.classNames, vehicles.metas[0]?.splits]).toEqual([['plane', 'train'], []])
    const nested = await select(
      store,
      tree({
        'around/Greek/alpha/1.png': grey(),
        'around/Greek/beta/1.png': grey(),
        'around/Latin/a/1.png': grey()
      })
    )
    expect(nested.classNames).toEqual(['Greek/alpha', 'Greek/beta', 'Latin/a'])
    expect(nested.metas[0]?.splits).toEqual([
      { name: 'Greek', from: 0, to: 2 },
      { name: 'Latin', from: 2, to: 3 }
    ])
    const out = path.join(temporaryFolder(), 'copy')
    await exportDataset(await select(store, `${nested.reference}#Greek`), { format: 'images', out })
    const copy = await select(store, `${out}#Greek`)
    expect(copy.classNames).toEqual(['Greek/alpha', 'Greek/beta'])
  })

  it('leave other files out, and say so', async () => {
    const root = tree({
      'a/1.png': picture(),
      'a/notes.doc': 'x',
      '.DS_Store': 'x',
      'b/2.png': grey(),
      'README.md': ''
    })
    const inspection = await inspectSource(root)
    expect(inspection.count).toBe(2)
    expect(inspection.classNames).toEqual(['a', 'b'])
    expect(inspection.warnings).toEqual(['1 file that is no image is left out: a/notes.doc.'])
  })
})

describe('inspection', () => {
  it.each([
    ['idx-gzip', 28, [6, 5, 1]],
    ['cifar-10', 6, [32, 32, 3]],
    ['numpy-compressed.npz', 13, [6]],
    ['pets.zip', 10, [7, 9, 3]],
    ['pandas.csv', 11, [4]],
    ['pyarrow.parquet', 11, [4]],
    ['svhn-compressed', 5, [32, 32, 3]],
    ['sample-digits', 1797, [8, 8, 1]]
  ])('%s', async (name, count, shape) => {
    const inspection = await inspectSource(existsSync(fixture(name)) ? fixture(name) : name)
    expect(inspection.count).toBe(count)
    expect(inspection.shape).toEqual(shape)
    expect(inspection.reason).not.toBe('')
    expect(inspection.missing).toEqual([])
    expect(inspection.bytes).toBeGreaterThan(100)
    expect(inspection.sampleImages.length).toBeGreaterThanOrEqual(Math.min(4, count))
    expect(inspection.sampleImages.length).toBeLessThanOrEqual(24)
    for (const { png, label } of inspection.sampleImages) {
      expect(Buffer.from(png.replace('data:image/png;base64,', ''), 'base64').toString('latin1', 1, 4)).toBe(
        'PNG'
      )
      if (inspection.classNames.length) expect(inspection.classNames).toContain(label)
    }
  })

  it('tells what a table offers', async () => {
    const inspection = await inspectSource(fixture('pandas.csv'))
    expect(inspection.labelColumn).toBe('label')
    expect(inspection.columns).toEqual(['', 'width', 'height, cm', 'the "third"', 'label', 'count'])
    expect(inspection.warnings).toEqual([
      'These columns are no features: (unnamed) (identifier: it has no name, and another value in each row). Say otherwise with --column name=role.'
    ])
  })

  it('of a table it counts rows and classes beyond the first ones, and shows rows as they stand there', async () => {
    const file = path.join(temporaryFolder(), 'questions.csv')
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `question number ${i} about ${'x'.repeat(i % 97)},kind ${Math.floor(i / 100)}`
    )
    writeFileSync(file, ['text,label', ...rows, ''].join('\n'))
    const inspection = await inspectSource(file)
    expect(inspection.count).toBe(3000)
    expect(inspection.countIsEstimate).toBe(false)
    expect(inspection.classNames).toHaveLength(30)
    expect(inspection.sampleRows).toHaveLength(10)
    expect(inspection.sampleRows![1]).toEqual({ label: 'kind 0', cells: ['question number 1 about x'] })
  })

  it('pictures have no rows to show', async () => {
    expect((await inspectSource(fixture('idx-gzip'))).sampleRows).toBeUndefined()
  })

  it('tells of a manifest that says poisoned', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const out = path.join(folder, 'poisoned')
    await exportDataset(await select(store, fixture('idx-plain')), { format: 'idx', out })
    expect((await inspectSource(out)).poisoned).toBe(false)
    writeFileSync(path.join(folder, 'manifest.json'), '{"poisoned": true}')
    expect((await inspectSource(out)).poisoned).toBe(true)
    const copy = path.join(temporaryFolder(), 'copy')
    await exportDataset(await select(store, out), { format: 'npz', out: copy })
    const meta = await store.importFrom(copy)
    expect(meta.poisoned).toBe(true)
    expect(statSync(path.join(copy, 'manifest.json')).isFile()).toBe(true)
  })
})
