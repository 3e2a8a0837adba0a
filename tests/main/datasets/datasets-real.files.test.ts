import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { corruptDataset, exportDataset } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { filesBelow, hasTestData, select, sha256, temporaryStore, TEST_DATA } from '@support/datasets'

const MNIST = path.join(TEST_DATA, 'mnist')
const DOG_FROG = path.join(TEST_DATA, 'cifar10-dog-frog/dog-frog.zip')
const OMNIGLOT = path.join(TEST_DATA, 'omniglot/images_background_small1.zip')
const raw = (file: string): Buffer => gunzipSync(readFileSync(path.join(MNIST, file)))

describe.skipIf(!hasTestData('mnist'))('MNIST', () => {
  it('goes through the store bit for bit, compressed and not', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(MNIST, { name: 'mnist' })
    expect([meta.count, meta.shape, meta.dtype, meta.classNames.length]).toEqual([
      70_000,
      [28, 28, 1],
      'uint8',
      10
    ])
    const features = readFileSync(path.join(store.folderOf(meta.id), 'features.npy')).subarray(128)
    const [train, test] = [raw('train-images-idx3-ubyte.gz'), raw('t10k-images-idx3-ubyte.gz')]
    expect(sha256(features)).toBe(sha256(Buffer.concat([train.subarray(16), test.subarray(16)])))

    const source = await select(store, 'mnist')
    const copy = path.join(temporaryFolder(), 'copy')
    await exportDataset(source, { format: 'idx', out: copy })
    expect(filesBelow(copy)).toEqual(filesBelow(MNIST))
    for (const file of filesBelow(MNIST)) {
      expect(sha256(readFileSync(path.join(copy, file)))).toBe(sha256(readFileSync(path.join(MNIST, file))))
    }
    // Written anew rather than copied, the content is the same.
    const split = path.join(temporaryFolder(), 'split')
    await exportDataset(await select(store, 'mnist#test'), { format: 'idx', out: split })
    for (const file of filesBelow(split)) {
      expect(sha256(gunzipSync(readFileSync(path.join(split, file))))).toBe(sha256(raw(file)))
    }
  })

  it('is sliced, corrupted and read back with its truth', async () => {
    const store = temporaryStore()
    const slice = await select(store, `${MNIST}#train[5000:10000]`)
    expect(Array.from(slice.labels)).toEqual(
      Array.from(raw('train-labels-idx1-ubyte.gz').subarray(8 + 5000, 8 + 10000))
    )
    expect(
      Buffer.from(slice.readRaw([17])).equals(
        raw('train-images-idx3-ubyte.gz').subarray(16 + 5017 * 784, 16 + 5018 * 784)
      )
    ).toBe(true)
    const out = path.join(temporaryFolder(), 'noisy')
    const { corrupted } = await corruptDataset(slice, { noise: 0.5, pattern: 'uniform', seed: 0 }, out)
    expect(corrupted).toBe(2500)
    const noisy = await select(store, `${out}#train`)
    expect(noisy.truth).toEqual(slice.labels)
  })
})

describe.skipIf(!hasTestData('cifar10-dog-frog'))('dog-frog.zip', () => {
  it('imports, corrupts and exports back with the same file names and bytes', async () => {
    const store = temporaryStore()
    const train = await select(store, `${DOG_FROG}#train[2000:3000]`)
    expect([train.count, train.shape, train.classNames]).toEqual([1000, [32, 32, 3], ['dog', 'frog']])
    const noisy = path.join(temporaryFolder(), 'noisy')
    await corruptDataset(train, { noise: 0.3, pattern: 'uniform', seed: 0 }, noisy)
    const corrupted = await select(store, noisy)
    const keep = Int32Array.from(corrupted.labels.keys()).filter(
      (row) => corrupted.labels[row] === corrupted.truth?.[row]
    )
    expect(keep.length).toBe(700)
    const cleaned = path.join(temporaryFolder(), 'cleaned')
    await exportDataset({ selection: corrupted, keep }, { format: 'images', out: cleaned })
    const pictures = filesBelow(cleaned).filter((file) => file.endsWith('.jpg'))
    expect(pictures).toEqual(Array.from(keep, (row) => train.files?.[row]).sort())
    const back = await select(store, `${cleaned}#train`)
    for (const [row, file] of (back.files ?? []).entries()) {
      if (row % 100) continue
      const original = train.files?.indexOf(file) ?? -1
      expect((await train.originalOf(original))?.equals(readFileSync(path.join(cleaned, file)))).toBe(true)
    }
  })
})

describe.skipIf(!hasTestData('omniglot'))('Omniglot', () => {
  it('has a class a character and a split an alphabet', async () => {
    const store = temporaryStore()
    const greek = await select(store, `${OMNIGLOT}#Greek`)
    expect([greek.count, greek.shape]).toEqual([480, [105, 105, 1]])
    expect(new Set(greek.labels).size).toBe(24)
    expect(greek.classNames).toHaveLength(136)
    expect(greek.classNames).toContain('Greek/character01')
  })
})
