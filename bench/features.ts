// Features of photographs, beside ONNX Runtime alone on pictures that are decoded and cut already:
// npm run bench -- features <extractor> [pictures] [--copies n] [--rounds n]. The pictures (default: ants-bees.zip in
// BILEVEL_REAL_DATA) are copied, so that the start of a process does not decide. The product's time is that of its total
// process: start, model, decoding, files; ONNX Runtime's begins when its model is loaded, with a batch on each core and with
// one batch on all cores, whichever is faster. Beside them what decoding and resizing the same pictures takes with nothing
// else done: no program that computes on these cores is faster than both together.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import * as runtime from 'onnxruntime-node'
import { DatasetStore, MIXED_SIZE, decodeImage, resolveReference } from '@main/datasets'
import { modelFor, openExtractor } from '@main/extractors/extractor'
import { picturePreparation, plainPreparation } from '@main/extractors/picture-preparation'
import { SelectedFeatures } from '@main/features/selected-features'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { copies: { type: 'string', default: '3' }, rounds: { type: 'string', default: '3' } }
})
const real = process.env['BILEVEL_REAL_DATA'] ?? '../shared/data/real'
const [extractorFolder, pictures = path.join(real, 'ants-bees.zip')] = positionals
if (!extractorFolder) throw new Error('features <extractor> [pictures]: name the folder of an extractor.')
const extractor = openExtractor(path.resolve(extractorFolder))
const cores = availableParallelism()
const BATCH = 8
const CHANNELS = 3
/** Photographs keep their own sizes. */
const ANY_SIZE = { mixedSize: MIXED_SIZE }

/** The pictures as they came, so many times, in a folder a class. @returns how many */
async function copied(into: string, store: DatasetStore): Promise<number> {
  const selection = await resolveReference(store, pictures, ANY_SIZE)
  const copies = Number(values.copies)
  for (let row = 0; row < selection.count; row++) {
    const original = await selection.originalOf(row)
    if (!original) throw new Error(`${pictures} keeps no original pictures: name photographs.`)
    const folder = path.join(into, `class-${selection.labels[row]!}`)
    mkdirSync(folder, { recursive: true })
    for (let copy = 0; copy < copies; copy++) writeFileSync(path.join(folder, `${row}-${copy}.jpg`), original)
  }
  const count = selection.count * copies
  selection.close()
  return count
}

/** Seconds of the product, from pictures to features. */
async function product(workspace: string, source: string, round: number): Promise<number> {
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const selection = await resolveReference(store, source, ANY_SIZE)
  const features = await SelectedFeatures.open(
    workspace,
    { examples: selection },
    extractor,
    `round ${round}`
  )
  const begun = performance.now()
  await features.compute()
  const seconds = (performance.now() - begun) / 1000
  features.close()
  selection.close()
  return seconds
}

/** Seconds of ONNX Runtime for as many pictures, whose numbers lie ready. */
async function alone(count: number, threads: number): Promise<number> {
  const session = await runtime.InferenceSession.create(modelFor(extractor, 'pictures'), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3
  })
  const [input] = session.inputMetadata
  if (!input?.isTensor) throw new Error('The model takes no pictures.')
  const { width, height } = picturePreparation(extractor.folder) ?? plainPreparation()
  const isChannelsLast = input.shape[3] === CHANNELS
  const dims = isChannelsLast ? [BATCH, height, width, CHANNELS] : [BATCH, CHANNELS, height, width]
  const size = BATCH * CHANNELS * height * width
  const numbers =
    input.type === 'uint8'
      ? new Uint8Array(size).map((_, i) => i * 7)
      : new Float32Array(size).map((_, i) => ((i * 7) % 256) / 255)
  const feeds = { [input.name]: new runtime.Tensor(input.type as 'float32', numbers as Float32Array, dims) }
  await session.run(feeds)
  let left = Math.ceil(count / BATCH)
  const begun = performance.now()
  const lane = async (): Promise<void> => {
    while (left-- > 0) await session.run(feeds)
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(cores / threads)) }, lane))
  const seconds = (performance.now() - begun) / 1000
  await session.release()
  return seconds
}

/** Seconds of decoding and resizing, a picture on each core. */
async function decoding(store: DatasetStore, source: string): Promise<number> {
  const selection = await resolveReference(store, source, ANY_SIZE)
  const { resize } = picturePreparation(extractor.folder) ?? plainPreparation()
  let next = 0
  const begun = performance.now()
  const lane = async (): Promise<void> => {
    while (next < selection.count) {
      const row = next++
      await decodeImage((await selection.originalOf(row))!, `picture ${row}`, resize)
    }
  }
  await Promise.all(Array.from({ length: cores }, lane))
  const seconds = (performance.now() - begun) / 1000
  selection.close()
  return seconds
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!

interface Round {
  /** Seconds. */
  readonly total: number
  readonly runtime: number
  readonly decoding: number
  readonly isEach: boolean
}

function print(count: number, rounds: readonly Round[]): void {
  const speed = (of: (round: Round) => number): string => (count / median(rounds.map(of))).toFixed(1)
  const percent = (of: (round: Round) => number): string => `${(100 * median(rounds.map(of))).toFixed(0)} %`
  const manner =
    rounds.filter(({ isEach }) => isEach).length > rounds.length / 2
      ? 'a batch on each core'
      : 'one batch on all cores'
  console.log(`\n| ${count} photographs, ${extractor.name} | pictures a second |\n|---|---|`)
  console.log(`| product, all of its process | ${speed((round) => round.total)} |`)
  console.log(`| ONNX Runtime alone, ${manner} | ${speed((round) => round.runtime)} |`)
  console.log(`| decoding and resizing alone | ${speed((round) => round.decoding)} |`)
  console.log(
    `\nThe product reaches ${percent((round) => round.runtime / round.total)} of ONNX Runtime's speed, ` +
      `${percent((round) => (round.runtime + round.decoding) / round.total)} of what both leave ` +
      `(medians of ${rounds.length} rounds, ${cores} cores).`
  )
}

const folder = mkdtempSync(path.join(tmpdir(), 'bilevel-features-'))
try {
  const workspace = path.join(folder, 'workspace')
  const source = path.join(folder, 'pictures')
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const count = await copied(source, store)
  const rounds: Round[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const total = await product(workspace, source, round)
    const [eachCore, allCores] = [await alone(count, 1), await alone(count, cores)]
    rounds.push({
      total,
      runtime: Math.min(eachCore, allCores),
      decoding: await decoding(store, source),
      isEach: eachCore <= allCores
    })
  }
  print(count, rounds)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
