import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { exportChecked, exportDataset, formatsFor, importNoisySample, npyFile } from '@main/datasets'
import type { ExampleSelection } from '@main/datasets'
import { npyTexts } from '@main/file-formats/npy'
import { DATASET_FORMATS } from '@shared/domain/dataset'
import { Failure } from '@shared/domain/failure'
import { temporaryFolder } from '@support/command'
import { select, temporaryStore } from '@support/datasets'

const NAMES = [
  'a/b',
  '..',
  'CON',
  'ends.',
  'Cat',
  'cat',
  'e\u0301',
  '-',
  '0',
  '=1+1',
  'with "quotes", and more'
]

/** A dataset from arrays of these shapes and names. */
async function arrays(options: {
  shape: number[]
  float?: boolean
  splits?: Record<string, number>
  truth?: boolean
  names?: readonly string[]
}): Promise<ExampleSelection> {
  const { shape, float = false, splits = { train: 24 }, truth = false, names = ['x', 'y', 'z'] } = options
  const folder = path.join(temporaryFolder(), 'set')
  mkdirSync(folder)
  let seed = 7
  const next = (below: number): number => (seed = (seed * 48271) % 0x7fffffff) % below
  for (const [split, count] of Object.entries(splits)) {
    const suffix = split === 'train' ? '' : `_${split}`
    const size = shape.reduce((product, side) => product * side, count)
    const values = float
      ? Float32Array.from({ length: size }, () => next(1000) / 7)
      : Uint8Array.from({ length: size }, () => next(256))
    const labels = Int32Array.from({ length: count }, (_, i) => i % names.length)
    const save = (name: string, file: Buffer): void =>
      writeFileSync(path.join(folder, `${name}${suffix}.npy`), file)
    save('x', npyFile({ shape: [count, ...shape], values }))
    save('y', npyFile({ shape: [count], values: labels }))
    if (truth)
      save('true_y', npyFile({ shape: [count], values: labels.map((label) => (label + 1) % names.length) }))
  }
  writeFileSync(path.join(folder, 'class_names.npy'), npyTexts(names))
  return select(temporaryStore(), folder)
}

const KINDS: Record<string, () => Promise<ExampleSelection>> = {
  'the bundled noisy sample': async () => {
    const store = temporaryStore()
    return select(store, (await importNoisySample(store, 0.2)).id)
  },
  'grey pictures': () => arrays({ shape: [9, 7] }),
  'colour pictures': () => arrays({ shape: [32, 32, 3], splits: { train: 20, test: 6 } }),
  'pictures of two channels': () => arrays({ shape: [5, 6, 2] }),
  'pictures of floats': () => arrays({ shape: [6, 6, 3], float: true }),
  'a table of floats': () => arrays({ shape: [5], float: true, splits: { train: 20, test: 6, val: 3 } }),
  'vectors of bytes': () => arrays({ shape: [12] }),
  'other splits beside the usual ones': () =>
    arrays({ shape: [4, 4], splits: { train: 12, test: 6, extra: 3 } }),
  'only other splits': () => arrays({ shape: [4, 4], splits: { first: 9, second: 6 } }),
  'a split called valid': () => arrays({ shape: [4, 4], splits: { train: 9, valid: 6 } }),
  'known truth': () => arrays({ shape: [4, 4], truth: true, splits: { train: 12, test: 6 } }),
  'names that no file may have': () => arrays({ shape: [4, 4, 3], names: NAMES }),
  'names that differ only in how they are written': () =>
    arrays({ shape: [4, 4], names: ['caf\u00e9', 'cafe\u0301', ' x', 'x', 'True', 'true', 'a\nb'] }),
  'a thousand classes': () =>
    arrays({
      shape: [3, 3],
      names: Array.from({ length: 1000 }, (_, i) => `class ${i}`),
      splits: { train: 1000 }
    }),
  'classes without examples': () =>
    arrays({ shape: [3, 3], names: Array.from({ length: 30 }, (_, i) => `c${i}`) })
}

describe.each(Object.keys(KINDS))('%s', (kind) => {
  let selection: ExampleSelection
  beforeAll(async () => {
    selection = await KINDS[kind]!()
  })
  test.each(DATASET_FORMATS)(
    'as %s: what is offered works, and all else is refused in words',
    async (format) => {
      const out = path.join(temporaryFolder(), 'copy')
      if (formatsFor(selection).some((offer) => offer.format === format)) {
        const { check } = await exportChecked(selection, { format, out }, () => ({}))
        expect(check.examples).toBe(selection.count)
        return
      }
      const failure: unknown = await exportDataset(selection, { format, out }).catch(
        (error: unknown) => error
      )
      expect(failure).toBeInstanceOf(Failure)
      expect(failure).toMatchObject({ code: 'bad-input', remedy: expect.stringMatching(/\w/) })
    }
  )
})

test('the bundled noisy sample is offered as pictures', async () => {
  const offers = formatsFor(await KINDS['the bundled noisy sample']!())
  expect(offers.map(({ format }) => format)).toEqual(expect.arrayContaining(['images', 'npz', 'npy']))
})
