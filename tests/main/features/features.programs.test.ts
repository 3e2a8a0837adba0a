import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { DatasetStore, folderOfMeta } from '@main/datasets'
import { extractorHash, openExtractor } from '@main/extractors/extractor'
import { DONE_FILE, missingBlocks, openFeatureSet } from '@main/features/feature-store'
import { SelectedFeatures } from '@main/features/selected-features'
import { extract, probe } from '@main/features/worker/extraction'
import { pooled } from '@main/features/worker/pooling'
import { temporaryFolder } from '@support/command'
import { allRows, failureOf, select } from '@support/datasets'
import { MEAN, meanColourModel, pictureExtractor, SIDE, STD, textExtractor, WORDS } from '@support/extractors'
import { writeArrays } from '@main/datasets'

const BLOCK = 8

function colourOf(i: number): [number, number, number] {
  return [(i * 37) % 256, (i * 91) % 256, (i * 11) % 256]
}

/** What the mean-colour extractor gives of a picture of one colour. */
function expected(i: number): number[] {
  return colourOf(i).map((value, c) => (value / 255 - MEAN[c]!) / STD[c]!)
}

/** A folder of pictures of one colour each, of sizes that differ; two classes by turns. */
async function colours(count: number): Promise<string> {
  const root = temporaryFolder()
  for (let i = 0; i < count; i++) {
    const [r, g, b] = colourOf(i)
    const folder = path.join(root, ['even', 'odd'][i % 2]!)
    mkdirSync(folder, { recursive: true })
    const image = sharp({
      create: { width: 20 + i, height: 30, channels: 3, background: { r, g, b } }
    })
    writeFileSync(path.join(folder, `${String(i).padStart(3, '0')}.png`), await image.png().toBuffer())
  }
  return root
}

interface Opened {
  readonly workspace: string
  readonly store: DatasetStore
  readonly source: string
}

async function workspaceOf(count: number): Promise<Opened> {
  const workspace = temporaryFolder()
  return {
    workspace,
    store: new DatasetStore(path.join(workspace, 'datasets')),
    source: await colours(count)
  }
}

/** Which colour a file is of. */
function indexOf(file: string): number {
  return Number(path.basename(file, '.png'))
}

async function features(
  { workspace, store, source }: Opened,
  folder: string,
  reference = source
): Promise<{ features: SelectedFeatures; files: readonly string[] }> {
  const selection = await select(store, reference, { mixedSize: 8 })
  const extractor = openExtractor(folder, 'means')
  const opened = await SelectedFeatures.open(
    workspace,
    { train: selection },
    extractor,
    await extractorHash(extractor)
  )
  return { features: opened, files: selection.files! }
}

function requireFeatures(values: Float32Array, files: readonly string[]): void {
  files.forEach((file, row) => {
    for (const [c, value] of expected(indexOf(file)).entries())
      expect(values[3 * row + c]).toBeCloseTo(value, 2)
  })
}

describe('features of pictures', () => {
  test('come from the pictures as they are, prepared and pooled, in the order of the data', async () => {
    const opened = await workspaceOf(11)
    const { features: of, files } = await features(opened, pictureExtractor(temporaryFolder()))
    expect(of.facts).toEqual({ width: 3, output: 'pooler_output', block: BLOCK })
    expect(of.missing).toBe(11)
    const seen: number[] = []
    await of.compute({ onProgress: (done, total) => seen.push(done, total) })
    const { train } = of.selections
    expect(train?.shape).toEqual([3])
    expect(train?.files).toEqual(files)
    requireFeatures(train!.readRows(allRows(train!)), files)
    expect(seen.slice(0, 2)).toEqual([0, 11])
    expect(of.missing).toBe(0)
    of.close()
  })

  test('are computed once; a range needs no more than its blocks; a changed model is another', async () => {
    const opened = await workspaceOf(20)
    const folder = pictureExtractor(temporaryFolder())
    const first = await features(opened, folder, `${opened.source}[0:3]`)
    expect(first.features.missing).toBe(BLOCK)
    await first.features.compute()
    first.features.close()
    const all = await features(opened, folder)
    expect(all.features.missing).toBe(20 - BLOCK)
    all.features.close()
    const [mean, ...more] = MEAN
    pictureExtractor(folder, meanColourModel(), { image_mean: [mean! / 2, ...more] })
    const other = await features(opened, folder, `${opened.source}[0:3]`)
    expect(other.features.missing).toBe(BLOCK)
    other.features.close()
  })

  test('that were stopped go on from the blocks that are done', async () => {
    const opened = await workspaceOf(40)
    const folder = pictureExtractor(temporaryFolder())
    const { features: of, files } = await features(opened, folder)
    const { meta } = (await select(opened.store, opened.source, { mixedSize: 8 })).selected[0]!
    const target = of.selections['train']!.folders[0]!
    const order = {
      type: 'extract',
      extractor: folder,
      input: 'pictures',
      source: folderOfMeta(meta),
      target
    } as const
    const isComplete = await extract({ ...order, blocks: [0, 1, 2, 3, 4] }, stopsAfter(2), () => undefined)
    expect(isComplete).toBe(false)
    const done = readFileSync(path.join(target, DONE_FILE))
    const count = done.reduce((sum, byte) => sum + byte, 0)
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(5)
    expect(of.missing).toBe(40 - BLOCK * count)
    const rest = [0, 1, 2, 3, 4].filter((block) => done[block] !== 1)
    expect(missingBlocks({ folder: target, meta, block: BLOCK }, [[0, 40]])).toEqual(rest)
    await extract(
      { ...order, blocks: rest },
      () => false,
      () => undefined
    )
    requireFeatures(of.selections['train']!.readRows(allRows(of.selections['train']!)), files)
    of.close()
  })

  test('of arrays are made of their pixels', async () => {
    const workspace = temporaryFolder()
    const file = path.join(temporaryFolder(), 'colours.npz')
    const pixels = new Uint8Array(2 * 6 * 6 * 3).map((_, i) => colourOf(Math.floor(i / 108))[i % 3]!)
    await writeArrays(file, {
      x: { shape: [2, 6, 6, 3], values: pixels },
      y: { shape: [2], values: Int32Array.of(0, 1) }
    })
    const store = new DatasetStore(path.join(workspace, 'datasets'))
    const extractor = openExtractor(pictureExtractor(temporaryFolder()))
    const train = await select(store, file)
    const of = await SelectedFeatures.open(workspace, { train }, extractor, await extractorHash(extractor))
    await of.compute()
    const values = of.selections['train']!.readRows([0, 1])
    for (const i of [0, 1]) expected(i).forEach((value, c) => expect(values[3 * i + c]).toBeCloseTo(value, 2))
    of.close()
  })

  test('of data that are numbers already are refused', async () => {
    const file = path.join(temporaryFolder(), 'numbers.npz')
    await writeArrays(file, {
      x: { shape: [4, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      y: { shape: [4], values: Int32Array.of(0, 1, 0, 1) }
    })
    const workspace = temporaryFolder()
    const train = await select(new DatasetStore(path.join(workspace, 'datasets')), file)
    const extractor = openExtractor(pictureExtractor(temporaryFolder()))
    await expect(SelectedFeatures.open(workspace, { train }, extractor, 'hash')).rejects.toMatchObject({
      code: 'bad-input',
      remedy: 'Leave --features out: numbers are features already.'
    })
  })
})

/** Says stop from its n-th question on. */
function stopsAfter(questions: number): () => boolean {
  let asked = 0
  return () => ++asked > questions
}

describe('what a model gives', () => {
  const probed = (model: Uint8Array, config?: object): ReturnType<typeof probe> =>
    probe({ extractor: pictureExtractor(temporaryFolder(), model, config), input: 'pictures' })

  test('the pooled output is taken before the scores of its classes', async () => {
    const model = meanColourModel({ output: 'image_embeds', extra: ['logits'] })
    expect((await probed(model)).output).toBe('image_embeds')
  })

  test('scores are taken where there is nothing else, and said so', async () => {
    expect((await probed(meanColourModel({ output: 'logits' }))).output).toMatch(
      /scores of the model's own classes/
    )
  })

  test('a model of bytes, channels last, scales them itself', async () => {
    const input = { name: 'image', type: 'uint8', shape: ['n', 'h', 'w', 3] } as const
    const opened = await workspaceOf(3)
    const { features: of, files } = await features(
      opened,
      pictureExtractor(temporaryFolder(), meanColourModel({ input }))
    )
    await of.compute()
    const values = of.selections['train']!.readRows([0, 1, 2])
    files.forEach((file, row) =>
      colourOf(indexOf(file)).forEach((value, c) => expect(values[3 * row + c]).toBeCloseTo(value, 0))
    )
    of.close()
  })

  test.each([
    ['that is cut off', meanColourModel().subarray(0, 60), {}, /cannot be run as an ONNX model/],
    [
      'that takes other sizes than its preparation makes',
      meanColourModel(),
      { size: { height: 2 * SIDE, width: SIDE } },
      /makes pictures of 4 x 8, the model takes 4 x 4/
    ],
    [
      'that takes no pictures',
      meanColourModel({ input: { name: 'pixel_values', type: 'float', shape: ['n', 3, 4] } }),
      {},
      /not one batch of pictures/
    ]
  ])('one %s is refused', async (_, model, config, sentence) => {
    await expect(probed(model, config)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(sentence)
    })
  })
})

describe('pooling', () => {
  test('tokens that fill a row do not count', () => {
    const data = Float32Array.of(1, 10, 3, 30, 100, 100, 5, 50, 7, 70, 9, 90)
    const mask = [1, 1, 0, 1, 0, 0]
    expect([...pooled(data, [2, 3, 2], { mask }).values]).toEqual([2, 20, 5, 50])
    expect([...pooled(data, [2, 3, 2], { mask, pooling: 'max' }).values]).toEqual([3, 30, 5, 50])
    expect([...pooled(data, [2, 3, 2], { mask, pooling: 'cls' }).values]).toEqual([1, 10, 5, 50])
  })

  test('maps give their means', () => {
    expect([...pooled(Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40), [1, 2, 2, 2]).values]).toEqual([2.5, 25])
  })

  test('more numbers than can be trained on are refused', async () => {
    const failure = await failureOf(() => pooled(new Float32Array(20_000), [1, 20_000]))
    expect(failure.message).toMatch(/20000 numbers an example; 16384/)
  })
})

test('the folder of features belongs to the content of data and model', async () => {
  const { workspace, store, source } = await workspaceOf(4)
  const { selected } = await select(store, source, { mixedSize: 8 })
  const facts = { width: 3, output: 'pooler_output', block: BLOCK }
  const identity = { name: 'means', hash: 'a'.repeat(64), input: 'pictures' } as const
  const [part] = selected
  const first = await openFeatureSet(workspace, part!, identity, facts)
  expect((await openFeatureSet(workspace, part!, identity, facts)).folder).toBe(first.folder)
  const other = await openFeatureSet(workspace, part!, { ...identity, hash: 'b'.repeat(64) }, facts)
  expect(other.folder).not.toBe(first.folder)
})

test('a text extractor gives vectors of its words', async () => {
  const facts = await probe({ extractor: textExtractor(temporaryFolder()), input: 'texts' })
  expect(facts).toEqual({ width: 2, output: 'last_hidden_state, mean over the tokens', block: 128 })
})

test('texts alone in a table: features of each, words that the vocabulary lacks among them', async () => {
  const workspace = temporaryFolder()
  const source = path.join(temporaryFolder(), 'texts.csv')
  const texts = ['good card', 'bad never card', 'Lost, my good card was lost']
  writeFileSync(
    source,
    ['text,intent', ...texts.map((text, i) => `"${text}, as they say so often",${i % 2 ? 'b' : 'a'}`)].join(
      '\n'
    )
  )
  const opened = { workspace, store: new DatasetStore(path.join(workspace, 'datasets')), source }
  const { selected } = await select(opened.store, source)
  expect(selected[0]!.meta.columns).toContain('text has card')
  const selection = await select(opened.store, source)
  const extractor = openExtractor(textExtractor(temporaryFolder()), 'words')
  const of = await SelectedFeatures.open(
    workspace,
    { train: selection },
    extractor,
    await extractorHash(extractor)
  )
  await of.compute()
  // At most six tokens: the first five and the last.
  const tokens = [
    ['[CLS]', 'good', 'card', '[UNK]', '[UNK]', '[SEP]'],
    ['[CLS]', 'bad', '[UNK]', 'card', '[UNK]', '[SEP]'],
    ['[CLS]', 'lost', '[UNK]', '[UNK]', 'good', '[SEP]']
  ]
  const values = of.selections.train!.readRows(allRows(of.selections.train!))
  tokens.forEach((words, row) => {
    const places = words.map((word) => WORDS.indexOf(word))
    const mean = places.reduce((sum, place) => sum + place, 0) / 6
    const square = places.reduce((sum, place) => sum + place * place, 0) / 6
    const norm = Math.hypot(mean, square)
    expect(values[2 * row]).toBeCloseTo(mean / norm, 4)
    expect(values[2 * row + 1]).toBeCloseTo(square / norm, 4)
  })
  of.close()
})

test('what reads models keeps no records for its makers', async () => {
  await probe({ extractor: textExtractor(temporaryFolder()), input: 'texts' })
  expect(readdirSync(os.tmpdir()).filter((name) => /^(\.ses|mat-debug)/.test(name))).toEqual([])
})
