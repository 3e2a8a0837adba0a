import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset, sourceFormat, verifyExport, type ExampleSelection } from '@main/datasets'
import { DATASET_FORMATS, type DatasetFormat } from '@shared/domain/dataset'
import { temporaryFolder } from '@support/command'
import { allRows, failureOf, filesBelow, FIXTURES, pixelsOf, select, temporaryStore } from '@support/datasets'

const fixture = (name: string): string => path.join(FIXTURES, name)

function labelsByName({ labels, classNames }: ExampleSelection): string[] {
  return Array.from(labels, (label) => classNames[label] ?? '?')
}

/** Examples as a set, for formats that order them by class. */
function examples(selection: ExampleSelection): string[] {
  return allRows(selection)
    .map(
      (row) =>
        `${selection.splitOf(row)} ${labelsByName(selection)[row]} ${Buffer.from(selection.readRows([row]).buffer).toString('base64')}`
    )
    .sort()
}

describe('a set keeps everything through its own format', () => {
  const sources = [
    'idx-plain',
    'cifar-10',
    'cifar-100',
    'svhn-plain',
    'numpy-plain.npz',
    'numpy-compressed.npz',
    'numpy-big-endian.npz',
    'numpy-npy',
    'numpy-fortran.npz',
    'numpy-fortran-cubes.npz',
    'pets.zip',
    'pandas.csv',
    'pandas.tsv',
    'pandas-quoted.csv.gz',
    'python-quoted.csv',
    'python-quoted.tsv',
    'pyarrow.parquet'
  ]
  it.each(sources)('%s', async (name) => {
    const store = temporaryStore()
    const before = await select(store, fixture(name))
    const out = path.join(temporaryFolder(), 'copy')
    const result = await exportDataset(before, { format: sourceFormat(before), out })
    expect(result.files).toEqual(filesBelow(out))
    const after = await select(store, out)
    expect(after.shape).toEqual(before.shape)
    expect(after.dtype).toBe(before.dtype)
    expect(after.classNames).toEqual(before.classNames)
    expect(after.metas[0]?.splits).toEqual(before.metas[0]?.splits)
    expect(after.labels).toEqual(before.labels)
    expect(after.truth).toEqual(before.truth)
    expect(after.files).toEqual(before.files)
    expect(pixelsOf(after)).toBe(pixelsOf(before))
  })

  it.each(['idx-plain', 'idx-gzip'])('%s: file by file, bit by bit', async (name) => {
    const out = path.join(temporaryFolder(), 'copy')
    await exportDataset(await select(temporaryStore(), fixture(name)), { format: 'idx', out })
    expect(filesBelow(out)).toEqual(filesBelow(fixture(name)))
    for (const file of filesBelow(out)) {
      expect(readFileSync(path.join(out, file)).equals(readFileSync(path.join(fixture(name), file)))).toBe(
        true
      )
    }
  })

  it.each(['cifar-10', 'cifar-100'])('%s: the batches bit by bit', async (name) => {
    const out = path.join(temporaryFolder(), 'copy')
    await exportDataset(await select(temporaryStore(), fixture(name)), { format: 'cifar', out })
    const batches = filesBelow(fixture(name)).filter((file) => file.endsWith('.bin'))
    expect(filesBelow(out).filter((file) => file.endsWith('.bin'))).toEqual(batches)
    for (const file of batches) {
      expect(readFileSync(path.join(out, file)).equals(readFileSync(path.join(fixture(name), file)))).toBe(
        true
      )
    }
  })

  it('image files come back as the very bytes they were', async () => {
    const store = temporaryStore()
    const first = path.join(temporaryFolder(), 'first')
    await exportDataset(await select(store, fixture('pets.zip')), { format: 'images', out: first })
    const second = path.join(temporaryFolder(), 'second')
    await exportDataset(await select(store, first), { format: 'images', out: second })
    expect(filesBelow(second)).toEqual(filesBelow(first))
    for (const file of filesBelow(first)) {
      expect(readFileSync(path.join(second, file)).equals(readFileSync(path.join(first, file)))).toBe(true)
    }
  })
})

describe('from every format to every other', () => {
  const images = ['idx-plain', 'cifar-10', 'svhn-compressed', 'numpy-plain.npz', 'pets.zip']
  const cases = images.flatMap((source) => DATASET_FORMATS.map((format) => [source, format] as const))

  it.each(cases)('%s as %s', async (source, format: DatasetFormat) => {
    const store = temporaryStore()
    const before = await select(store, fixture(source))
    const out = path.join(temporaryFolder(), 'copy')
    if (format === 'cifar' && before.shape.join() !== '32,32,3') {
      const failure = await failureOf(() => exportDataset(before, { format, out }))
      expect(failure.code).toBe('bad-input')
      expect(failure.message).toContain('32 x 32 x 3')
      return
    }
    const result = await exportDataset(before, { format, out })
    expect(await verifyExport(before, result)).toEqual({ examples: before.count, largestDifference: 0 })
    const after = await select(store, out)
    expect(after.format).toBe(format)
    expect(after.count).toBe(before.count)
    expect(after.metas[0]?.splits).toEqual(before.metas[0]?.splits)
    if (format === 'table' || format === 'arrow') {
      expect(labelsByName(after)).toEqual(labelsByName(before))
      const bytes = after.readRows([0]).map((value) => Math.fround(value / 255))
      expect(bytes).toEqual(before.readRows([0]))
    } else if (format === 'images') {
      expect(examples(after)).toEqual(examples(before))
    } else {
      expect(labelsByName(after)).toEqual(labelsByName(before))
      expect(pixelsOf(after)).toBe(pixelsOf(before))
    }
  })

  it('float features stay exact through CSV, TSV, Parquet, NPZ, NPY and IDX', async () => {
    const store = temporaryStore()
    const before = await select(store, fixture('numpy-compressed.npz'))
    for (const options of [
      { format: 'table' },
      { format: 'table', tableType: 'tsv' },
      { format: 'table', tableType: 'parquet' },
      { format: 'npz' },
      { format: 'npy' },
      { format: 'idx' }
    ] as const) {
      const out = path.join(temporaryFolder(), 'copy')
      await exportDataset(before, { ...options, out })
      const after = await select(store, out)
      expect(pixelsOf(after)).toBe(pixelsOf(before))
      expect(labelsByName(after)).toEqual(labelsByName(before))
    }
  })
})

describe('reading an export back', () => {
  it.each([
    ['a pixel', 'images', 400],
    ['a label', 'labels', 9]
  ])('notices %s that changed', async (_, file, at) => {
    const store = temporaryStore()
    const selection = await select(store, `${fixture('idx-plain')}#train`)
    const out = path.join(temporaryFolder(), 'copy')
    const result = await exportDataset(selection, { format: 'idx', out })
    const written = path.join(out, result.files.find((name) => name.includes(file)) ?? '')
    const bytes = readFileSync(written)
    bytes[at] = bytes[at] === 0 ? 3 : 0
    writeFileSync(written, bytes)
    const failure = await failureOf(() => verifyExport(selection, result))
    expect(failure.message).toMatch(/does not read back as it was meant/)
  })

  it('accepts rows left out, relabelled and added', async () => {
    const store = temporaryStore()
    const selection = await select(store, fixture('pets.zip'))
    const request = {
      selection,
      keep: Int32Array.from([9, 2, 4, 0]),
      labels: selection.labels.map((label) => 1 - label),
      extra: { rows: new Float32Array(2 * 189).fill(0.2), labels: Int32Array.from([0, 1]), split: 'test' }
    }
    for (const format of ['images', 'npz', 'idx', 'table'] as const) {
      const result = await exportDataset(request, { format, out: path.join(temporaryFolder(), 'copy') })
      expect(await verifyExport(request, result)).toEqual({ examples: 6, largestDifference: 0 })
    }
  })
})

describe('changed copies', () => {
  it('keeps only the rows asked for, with their labels, and says their order', async () => {
    const store = temporaryStore()
    const selection = await select(store, `${fixture('idx-gzip')}#train`)
    const keep = Int32Array.from([3, 1, 19, 7])
    const labels = selection.labels.map((label) => (label + 1) % 4)
    const out = path.join(temporaryFolder(), 'copy')
    const result = await exportDataset({ selection, keep, labels }, { format: 'idx', out })
    expect(Array.from(result.order)).toEqual([3, 1, 19, 7])
    const after = await select(store, `${out}#train`)
    expect(Array.from(after.labels)).toEqual(Array.from(keep, (row) => labels[row]))
    expect(after.readRaw(allRows(after))).toEqual(selection.readRaw(keep))
  })

  it('appends extra examples to their split and marks the copy as poisoned', async () => {
    const store = temporaryStore()
    for (const format of ['npz', 'images', 'cifar', 'table', 'svhn', 'npy', 'idx'] as const) {
      const selection = await select(store, fixture('cifar-10'))
      const rows = Float32Array.from({ length: 2 * 3072 }, (_, i) => ((i * 7) % 256) / 255)
      const extra = { rows, labels: Int32Array.from([9, 0]), split: 'train' }
      const out = path.join(temporaryFolder(), 'copy')
      const result = await exportDataset({ selection, extra }, { format, out })
      const after = await select(store, out)
      expect(after.count).toBe(8)
      expect(after.poisoned).toBe(true)
      expect(after.metas[0]?.splits).toEqual([
        { name: 'train', from: 0, to: 6 },
        { name: 'test', from: 6, to: 8 }
      ])
      // The order names each written example in the order in which it is read back.
      const added = allRows(after).filter((row) => result.order[row]! >= selection.count)
      expect(added.map((row) => after.classNames[after.labels[row]!]).sort()).toEqual(['airplane', 'truck'])
      for (const row of allRows(after)) {
        const from = result.order[row]!
        const scale = format === 'table' ? 255 : 1
        const written = after.readRows([row]).map((value) => Math.fround(value / scale))
        const source =
          from < selection.count
            ? selection.readRows([from])
            : rows.slice((from - selection.count) * 3072, (from - selection.count + 1) * 3072)
        expect(written).toEqual(source)
      }
    }
  })

  it('moves a relabelled image into the folder of its class without overwriting another', async () => {
    const store = temporaryStore()
    const selection = await select(store, `${fixture('pets.zip')}#train`)
    const labels = selection.labels.slice()
    labels[0] = 1
    const out = path.join(temporaryFolder(), 'copy')
    await exportDataset({ selection, labels }, { format: 'images', out })
    expect(filesBelow(out)).toEqual([
      'train/cat/001.png',
      'train/cat/002.png',
      'train/dog/000-2.png',
      'train/dog/000.png',
      'train/dog/001.png',
      'train/dog/002.png'
    ])
    const after = await select(store, `${out}#train`)
    expect(Array.from(after.labels)).toEqual([0, 0, 1, 1, 1, 1])
  })

  it('keeps a class without examples', async () => {
    const store = temporaryStore()
    for (const [name, format] of [
      ['pets.zip', 'images'],
      ['pets.zip', 'npz'],
      ['pets.zip', 'idx'],
      ['idx-plain', 'idx'],
      ['cifar-10', 'cifar']
    ] as const) {
      const selection = await select(store, fixture(name))
      const keep = Int32Array.from(allRows(selection).filter((row) => selection.labels[row] === 0))
      const out = path.join(temporaryFolder(), 'copy')
      await exportDataset({ selection, keep }, { format, out })
      const after = await select(store, out)
      expect(after.classNames).toEqual(selection.classNames)
      expect(new Set(after.labels)).toEqual(new Set([0]))
    }
  })

  it('writes images resized on import in their own size again', async () => {
    const store = temporaryStore()
    const selection = await select(store, fixture('pets.zip'), { imageSize: 4 })
    expect(selection.shape).toEqual([4, 4, 3])
    const out = path.join(temporaryFolder(), 'copy')
    await exportDataset(selection, { format: 'images', out })
    expect((await select(store, out)).shape).toEqual([7, 9, 3])
  })
})
