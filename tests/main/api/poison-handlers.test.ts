import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ResultsContext } from '@main/api/run-results'
import { DatasetStore, resolveReference, writeArrays } from '@main/datasets'
import type { ExampleSelection } from '@main/datasets'
import { poisoningSpec } from '@shared/domain/task-spec'
import { poisonsOf } from '@support/procedures'

const dir = mkdtempSync(path.join(os.tmpdir(), 'poison-handlers-'))
const out = path.join(dir, 'out')
let selection: ExampleSelection
let spec = poisoningSpec.parse({ task: 'poisoning', train: 'data.npz', validation: 'data.npz' })

/** Two 2 x 2 images of each of two classes: dark ones are "0", bright ones "1". */
const IMAGES = [0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 1, 1, 1, 1]

function context(): ResultsContext {
  const createdAt = new Date(Date.now() + 60_000).toISOString()
  const record = () => ({ id: 'r', name: 'attack', spec, outputDir: out, state: 'done', createdAt })
  const update = (_: string, change: { spec: typeof spec }) => {
    spec = change.spec
  }
  return {
    workspace: { store: { get: record, placesOf: () => ({ cwd: dir }), update } },
    datasets: new DatasetStore(path.join(dir, 'datasets')),
    selectionOf: async () => selection
  } as unknown as ResultsContext
}

beforeAll(async () => {
  const data = path.join(dir, 'data.npz')
  await writeArrays(data, {
    x: { shape: [4, 2, 2, 1], values: Float32Array.from(IMAGES) },
    y: { shape: [4], values: Int32Array.from([0, 0, 1, 1]) }
  })
  selection = await resolveReference(new DatasetStore(path.join(dir, 'datasets')), data)
  mkdirSync(path.join(out, 'poisoned'), { recursive: true })
  const base = IMAGES.slice(0, 4)
  await writeArrays(path.join(out, 'poisons.npz'), {
    x: { shape: [2, 2, 2, 1], values: Float32Array.from([...base.map((v) => v + 0.03), 0.7, 0.8, 0.8, 0.8]) },
    y: { shape: [2], values: Int32Array.from([1, 0]) },
    base_indices: { shape: [2], values: Int32Array.from([0, 2]) },
    x_base: { shape: [2, 2, 2, 1], values: Float32Array.from([...base, ...IMAGES.slice(8, 12)]) }
  })
})
afterAll(() => {
  selection.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('the poisons of a run', () => {
  test('say what they started from, how far they moved and what is nearest', async () => {
    const { total, shape, poisons } = await poisonsOf(context()).list({ run: 'r' })
    expect({ total, shape }).toEqual({ total: 2, shape: [2, 2, 1] })
    expect(poisons).toMatchObject([
      { index: 0, label: '1', base: { row: 0, label: '0' }, beside: { row: 0, label: '0', isTarget: false } },
      { index: 1, label: '0', base: { row: 2, label: '1' }, beside: { row: 2, label: '1' } }
    ])
    expect(poisons[0]!.linf).toBeCloseTo(0.03, 5)
    expect(poisons[0]!.l2).toBeCloseTo(0.06, 5)
  })

  test('of a targeted attack are held against the class attacked', async () => {
    spec = { ...spec, attack: 'targeted', fromClass: '1', toClass: '0' }
    const { poisons } = await poisonsOf(context()).list({ run: 'r', from: 0, size: 1 })
    expect(poisons).toHaveLength(1)
    expect(poisons[0]!.beside).toMatchObject({ row: 2, label: '1' })
  })

  test('are drawn as base, poison and ten times the difference around grey', async () => {
    const picture = await poisonsOf(context()).panels({ run: 'r', indices: [0], tileSize: 8 })
    const { data, info } = await sharp(await picture.arrayBuffer())
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([24, 8])
    const at = (x: number): number => data[(4 * info.width + x) * info.channels]!
    expect([at(2), at(10), at(18)]).toEqual([0, 8, 204])
  })

  test('that are not there are refused in words', async () => {
    const handlers = poisonsOf(context())
    await expect(handlers.panels({ run: 'r', indices: [2], tileSize: 8 })).rejects.toMatchObject({
      code: 'bad-input'
    })
    await expect(handlers.list({ run: 'r', count: 7 })).rejects.toThrow('poisons-7.npz')
  })

  test('attack, then defend: the poisoned folder, the validation examples trusted, from anywhere', async () => {
    const defence = await poisonsOf(context()).defence({ run: 'r' })
    expect(defence).toMatchObject({
      task: 'denoising',
      train: path.join(out, 'poisoned'),
      trusted: path.join(dir, 'data.npz')
    })
    const [pin] = spec.pins!
    expect(defence.pins).toContainEqual({ ...pin, source: path.join(dir, 'data.npz') })
  })
})
