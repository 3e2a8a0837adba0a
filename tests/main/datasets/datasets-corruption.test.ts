import { readFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corruptDataset, corruptLabels, MIXED_SIZE, resolveReference } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { filesBelow, FIXTURES, pixelsOf, select, temporaryStore } from '@support/datasets'
import { folderOf } from '@support/pictures'

const clean = Int32Array.from({ length: 4001 }, (_, i) => i % 10)
const wrong = (labels: Int32Array): number =>
  labels.reduce((n, label, i) => n + (label === clean[i] ? 0 : 1), 0)

describe('wrong labels', () => {
  it.each([0, 0.1, 0.25, 0.5, 0.75, 1])('a noise of %s makes exactly that share wrong', (noise) => {
    for (const pattern of ['uniform', 'asymmetric'] as const) {
      const labels = corruptLabels(clean, { noise, pattern, seed: 3 })
      expect(wrong(labels)).toBe(Math.round(noise * clean.length))
      expect(labels.every((label) => label >= 0 && label < 10)).toBe(true)
    }
  })

  it('uniform takes every other class alike, asymmetric the next', () => {
    const uniform = corruptLabels(clean, { noise: 1, pattern: 'uniform', seed: 1 })
    const steps = new Array<number>(10).fill(0)
    uniform.forEach((label, i) => steps[(label - clean[i]! + 10) % 10]!++)
    expect(steps[0]).toBe(0)
    // 4001 draws over nine classes: 444.6 each, deviation 19.9; five deviations.
    for (const count of steps.slice(1)) expect(Math.abs(count - 444.6)).toBeLessThan(100)
    const next = corruptLabels(clean, { noise: 1, pattern: 'asymmetric', seed: 1 })
    expect(next.every((label, i) => label === (clean[i]! + 1) % 10)).toBe(true)
  })

  it('the same seed gives the same labels, another seed others', () => {
    const make = (seed: number): Int32Array => corruptLabels(clean, { noise: 0.5, pattern: 'uniform', seed })
    expect(make(5)).toEqual(make(5))
    expect(make(5)).not.toEqual(make(6))
  })
})

describe('a corrupted copy', () => {
  const sources = [
    'idx-gzip#train[2:12]',
    'idx-plain',
    'idx-plain#test',
    'cifar-10#train',
    'cifar-100',
    'numpy-plain.npz#train[3:9]',
    'numpy-compressed.npz',
    'numpy-compressed.npz#test',
    'numpy-npy',
    'pets.zip',
    'pets.zip#train',
    'pandas.csv',
    'pandas.tsv[1:9]',
    'pyarrow.parquet',
    'svhn-compressed#train'
  ]

  it.each(sources)('of %s has the noise, the truth beside it, and its splits', async (source) => {
    const store = temporaryStore()
    const selection = await select(store, path.join(FIXTURES, source))
    const out = path.join(temporaryFolder(), 'corrupted')
    const result = await corruptDataset(selection, { noise: 0.5, pattern: 'uniform', seed: 0 }, out)
    expect(result.corrupted).toBe(Math.round(selection.count / 2))
    const split = /#(\w+)/.exec(source)?.[1]
    for (const reference of split ? [out, `${out}#${split}`] : [out]) {
      const copy = await select(store, reference)
      const names = (labels: Int32Array | undefined): string[] =>
        Array.from(labels ?? [], (i) => copy.classNames[i]!)
      expect(copy.format).toBe(selection.format)
      expect(names(copy.truth)).toEqual(Array.from(selection.labels, (i) => selection.classNames[i]!))
      const count = copy.labels.reduce((n, label, i) => n + (label === copy.truth![i] ? 0 : 1), 0)
      expect(count).toBe(result.corrupted)
      expect(pixelsOf(copy)).toBe(pixelsOf(selection))
      expect(copy.files).toEqual(selection.files)
    }
  })

  it('of an image folder keeps the tree and explains itself in metadata.csv', async () => {
    const store = temporaryStore()
    const selection = await select(store, path.join(FIXTURES, 'pets.zip#train'))
    const out = path.join(temporaryFolder(), 'corrupted')
    await corruptDataset(selection, { noise: 1, pattern: 'asymmetric', seed: 0 }, out)
    expect(filesBelow(out)).toEqual([...(selection.files ?? []), 'train/metadata.csv'].sort())
    expect(readFileSync(path.join(out, 'train/metadata.csv'), 'utf8')).toContain(
      'file_name,label,true_label\ncat/000.png,dog,cat\n'
    )
  })

  it('corrupted again keeps the first truth', async () => {
    const store = temporaryStore()
    const selection = await select(store, path.join(FIXTURES, 'idx-plain#train'))
    const once = path.join(temporaryFolder(), 'once')
    await corruptDataset(selection, { noise: 0.5, pattern: 'uniform', seed: 0 }, once)
    const twice = path.join(temporaryFolder(), 'twice')
    await corruptDataset(await select(store, once), { noise: 0.5, pattern: 'uniform', seed: 1 }, twice)
    expect((await select(store, twice)).truth).toEqual(selection.labels)
  })
})

it('photographs of several sizes are copied as they are', async () => {
  const photograph = (width: number, height: number, shade: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background: { r: shade, g: 90, b: 40 } } })
      .png()
      .toBuffer()
  const files = {
    'ants/a.png': await photograph(300, 200, 10),
    'ants/b.png': await photograph(200, 260, 60),
    'bees/c.png': await photograph(90, 90, 110),
    'bees/d.png': await photograph(400, 100, 160)
  }
  const store = temporaryStore()
  const selection = await resolveReference(store, folderOf(files), { mixedSize: MIXED_SIZE })
  const out = path.join(temporaryFolder(), 'corrupted')
  const { corrupted } = await corruptDataset(selection, { noise: 0.5, pattern: 'uniform', seed: 0 }, out)
  selection.close()
  expect(corrupted).toBe(2)
  for (const [name, bytes] of Object.entries(files)) {
    const copy = filesBelow(out).find((file) => path.basename(file) === path.basename(name))!
    expect(readFileSync(path.resolve(out, copy)).equals(bytes)).toBe(true)
  }
})
