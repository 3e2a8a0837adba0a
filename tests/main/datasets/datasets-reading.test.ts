import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { FIXTURES, pixelsOf, select, sha256, temporaryStore } from '@support/datasets'
import { decodeImage } from '@main/datasets/pictures/decode-image'

interface Expected {
  readonly shape?: number[]
  readonly dtype?: string
  readonly pixels?: string
  readonly labels?: number[]
  readonly truth?: number[]
  readonly classNames?: string[]
  readonly splits?: [string, number, number][]
  readonly files?: string[]
  readonly each?: string[]
  readonly rgb?: string
  readonly mean?: number
  readonly size?: number[]
}

const expected = JSON.parse(readFileSync(path.join(FIXTURES, 'expected.json'), 'utf8')) as Record<
  string,
  Expected
>
const sets = Object.entries(expected).filter(([name]) => !name.startsWith('pillow/'))
const pictures = Object.entries(expected).filter(([name]) => name.startsWith('pillow/'))

describe('datasets written by other programs', () => {
  it.each(sets)('%s is read as its writer meant it', async (name, facts) => {
    const selection = await select(temporaryStore(), path.join(FIXTURES, name))
    expect(selection.shape).toEqual(facts.shape)
    expect(Array.from(selection.labels)).toEqual(facts.labels)
    if (facts.dtype) expect(selection.dtype).toBe(facts.dtype)
    if (facts.pixels) expect(pixelsOf(selection)).toBe(facts.pixels)
    if (facts.truth) expect(Array.from(selection.truth ?? [])).toEqual(facts.truth)
    if (facts.classNames) expect(selection.classNames).toEqual(facts.classNames)
    if (facts.files) expect(selection.files).toEqual(facts.files)
    facts.each?.forEach((digest, row) => expect(sha256(selection.readRaw([row]))).toBe(digest))
    const splits = selection.metas[0]?.splits.map(({ name: split, from, to }) => [split, from, to])
    if (facts.splits) expect(splits).toEqual(facts.splits)
  })

  it('finds the format by looking', async () => {
    const formats: Record<string, string> = {
      'idx-gzip': 'idx',
      'cifar-100': 'cifar',
      'numpy-plain.npz': 'npz',
      'numpy-npy': 'npy',
      'pets.zip': 'images',
      'pandas.tsv': 'table',
      'pyarrow.parquet': 'table',
      'svhn-plain': 'svhn'
    }
    for (const [name, format] of Object.entries(formats)) {
      expect((await select(temporaryStore(), path.join(FIXTURES, name))).format).toBe(format)
    }
  })

  it('takes one file of several for the split it is', async () => {
    const store = temporaryStore()
    const idx = await select(store, `${path.join(FIXTURES, 'idx-gzip', 't10k-images-idx3-ubyte.gz')}#test`)
    expect(idx.count).toBe(8)
    const cifar = await select(store, `${path.join(FIXTURES, 'cifar-10', 'data_batch_2.bin')}#train`)
    expect(Array.from(cifar.labels)).toEqual([9, 1])
    expect(cifar.classNames[9]).toBe('truck')
    const svhn = await select(store, path.join(FIXTURES, 'svhn-plain', 'test_32x32.mat'))
    expect(Array.from(svhn.labels)).toEqual([0, 2])
    const npy = await select(store, path.join(FIXTURES, 'numpy-npy', 'x.npy'))
    expect(Array.from(npy.labels)).toEqual([0, 1, 1, 0, 2])
  })

  it('takes any column of a table as the label', async () => {
    const selection = await select(temporaryStore(), path.join(FIXTURES, 'pandas.csv'), {
      labelColumn: 'count'
    })
    // "label" then is a category like any other.
    expect(selection.columns).toEqual([
      'width',
      'height, cm',
      'the "third"',
      'label = fir',
      'label = oak',
      'label = élm'
    ])
  })
})

describe('pictures written by Pillow', () => {
  it.each(pictures)('%s', async (name, facts) => {
    const pixels = await decodeImage(readFileSync(path.join(FIXTURES, name)), name)
    const { channels, data } = pixels
    const shown =
      channels === 3 ? data : Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]!)
    if (facts.rgb) expect(sha256(shown)).toBe(facts.rgb)
    if (facts.size) expect([pixels.height, pixels.width]).toEqual(facts.size)
    if (facts.mean) {
      const mean = shown.reduce((sum, value) => sum + value, 0) / shown.length
      expect(Math.abs(mean - facts.mean)).toBeLessThan(1)
    }
  })

  it('resizes to the side asked for, BMP too', async () => {
    for (const name of ['pillow/smooth.jpg', 'pillow/rgb.bmp', 'pillow/grey.png']) {
      const pixels = await decodeImage(readFileSync(path.join(FIXTURES, name)), name, 12)
      expect([pixels.width, pixels.height]).toEqual([12, 12])
      expect(pixels.data.length).toBe(144 * pixels.channels)
    }
  })
})
