import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { bilevel, temporaryFolder } from '@support/command'
import { meanColourModel, pictureExtractor } from '@support/extractors'

const dir = temporaryFolder()
const workspace = ['--workspace', path.join(dir, 'workspace'), '--quiet']
const photos = path.join(dir, 'photos')
const extractor = path.join(dir, 'means')

/** A red or a blue picture, none like another, of a size of its own. */
async function picture(colour: 'red' | 'blue', i: number): Promise<Buffer> {
  const strong = 170 + ((i * 17) % 80)
  const weak = (i * 29) % 90
  const background = colour === 'red' ? { r: strong, g: weak, b: weak } : { r: weak, g: weak, b: strong }
  return sharp({ create: { width: 30 + i, height: 40, channels: 3, background } })
    .png()
    .toBuffer()
}

/** 20 of each class to clean, two of them under the wrong name, and 6 of each to trust. */
async function writePhotos(): Promise<void> {
  for (const [split, count] of [
    ['train', 20],
    ['test', 6]
  ] as const) {
    for (const colour of ['red', 'blue'] as const) {
      for (let i = 0; i < count; i++) {
        const isWrong = split === 'train' && i === 3
        const label = isWrong ? (colour === 'red' ? 'blue' : 'red') : colour
        const folder = path.join(photos, split, label)
        mkdirSync(folder, { recursive: true })
        writeFileSync(
          path.join(folder, `${colour}-${i}.png`),
          await picture(colour, i + (split === 'test' ? 40 : 0))
        )
      }
    }
  }
}

beforeAll(writePhotos)

test('a run on features finds wrong labels, and writes of the pictures as they came', async () => {
  pictureExtractor(extractor)
  const out = path.join(dir, 'out')
  const data = ['--train', `${photos}#train`, '--trusted', `${photos}#test`, '--features', extractor]
  const done = await bilevel(['denoise', ...data, '--out', out, '--epochs', '5', ...workspace])
  expect(done.stderr).toBe('')
  expect(done.code).toBe(0)
  const report = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
  expect(report.data).toMatchObject({
    train: 40,
    trusted: 12,
    shape: [3],
    features: { extractor: 'means', input: 'pictures', output: 'pooler_output', width: 3 }
  })
  const [header, ...lines] = readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split('\n')
  const columns = header!.split(',')
  const cell = (line: string, name: string): string => line.split(',')[columns.indexOf(name)]!
  const score = (line: string): number => Number(cell(line, 'combined_score'))
  const worst = lines.toSorted((a, b) => score(a) - score(b)).slice(0, 2)
  const files = worst.map((line) => path.basename(cell(line, 'file'))).sort()
  expect(files).toEqual(['blue-3.png', 'red-3.png'])
  // Pictures, not features: byte for byte those of the source.
  const kept = path.join(out, 'cleaned', 'train', 'red')
  const [name] = readdirSync(kept)
  expect(readFileSync(path.join(kept, name!))).toEqual(readFileSync(path.join(photos, 'train', 'red', name!)))

  // The same again is refused once the extractor is another.
  pictureExtractor(extractor, meanColourModel({ output: 'features' }))
  const again = ['run', path.join(out, 'spec.yaml'), '--out', path.join(dir, 'again'), ...workspace]
  const changed = await bilevel(again)
  expect(changed.code).toBe(2)
  expect(changed.stderr).toMatch(/means was changed since the run was created with it/)
})

writeFileSync(path.join(dir, 'features.npz'), 'arrays')

test.each([
  ['a folder without a model', ['--features', photos], /holds no ONNX model/],
  ['a name that nobody knows', ['--features', 'nothing'], /neither the folder nor the name of an extractor/],
  [
    'arrays',
    ['--features', path.join(dir, 'features.npz')],
    /only an attack with true labels takes features from elsewhere/
  ]
])('%s is refused before anything is made', async (_, features, sentence) => {
  const data = ['--train', `${photos}#train`, '--trusted', `${photos}#test`, '--image-size', '8']
  const out = path.join(dir, 'refused')
  const result = await bilevel(['denoise', ...data, ...features, '--out', out, ...workspace])
  expect(result.code).toBe(2)
  expect(result.stderr).toMatch(sentence)
  expect(result.stderr.trim().split('\n')).toHaveLength(1)
})
