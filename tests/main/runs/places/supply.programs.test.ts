import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { PlaceShell } from '@main/runs/places/place-shell'
import { Supply } from '@main/runs/places/supply'
import type { LocatedData } from '@main/runs/protocol'
import type { Place } from '@shared/domain/place'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const place: Place = {
  name: 'here',
  login: null,
  folder: path.join(dir, 'shared'),
  command: 'bilevel',
  partition: null,
  gres: null,
  time: null,
  options: []
}
const shell = new PlaceShell(place)
const hash = (letter: string): string => letter.repeat(64)

/** Files of this machine, and the spec that names them, relative to `dir`. */
function named(): { spec: ReturnType<typeof denoisingSpec.parse>; located: LocatedData[] } {
  mkdirSync(path.join(dir, 'earlier'), { recursive: true })
  mkdirSync(path.join(dir, 'extractor/onnx'), { recursive: true })
  writeFileSync(path.join(dir, 'truth.npy'), 'true labels')
  writeFileSync(path.join(dir, 'earlier/weights.npy'), 'weights')
  writeFileSync(path.join(dir, 'extractor/onnx/model.onnx'), 'a model')
  const pin = (source: string, contentHash: string, file: 'truth' | 'startFrom' | 'features') => ({
    source,
    dataset: null,
    contentHash,
    corrections: null,
    file
  })
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: 'a',
    trusted: 'b',
    truth: 'truth.npy',
    startFrom: 'earlier',
    features: 'extractor',
    pins: [
      pin('truth.npy', hash('a'), 'truth'),
      pin('earlier', hash('b'), 'startFrom'),
      pin('extractor', hash('c'), 'features')
    ]
  })
  const at = (source: string, letter: string, folder: string, field: string, files: string[]): LocatedData =>
    ({ source, contentHash: hash(letter), folder, named: { field, files } }) as LocatedData
  return {
    spec,
    located: [
      at('truth.npy', 'a', dir, 'truth', ['truth.npy']),
      at('earlier', 'b', path.join(dir, 'earlier'), 'startFrom', ['weights.npy']),
      at('extractor', 'c', path.join(dir, 'extractor'), 'features', ['onnx/model.onnx'])
    ]
  }
}

test('files that a spec names beside its data go to the place by content, once for all that ask', async () => {
  const { spec, located } = named()
  let looked = 0
  const needed = {
    spec,
    cwd: dir,
    locate: () => {
      looked++
      return Promise.resolve(located)
    }
  }
  const supply = new Supply()
  const brought = await Promise.all([1, 2, 3].map(() => supply.bring(shell, place, needed, () => undefined)))
  expect(looked).toBe(1)
  const files = path.join(place.folder, 'files')
  const there = {
    truth: path.join(files, hash('a'), 'truth.npy'),
    startFrom: path.join(files, hash('b')),
    features: path.join(files, hash('c'), 'extractor')
  }
  for (const one of brought) {
    expect(one).toMatchObject(there)
    expect(one.pins?.map(({ source }) => source)).toEqual([there.truth, there.startFrom, there.features])
  }
  expect(readFileSync(there.truth, 'utf8')).toBe('true labels')
  expect(readFileSync(path.join(there.startFrom, 'weights.npy'), 'utf8')).toBe('weights')
  expect(readFileSync(path.join(there.features, 'onnx/model.onnx'), 'utf8')).toBe('a model')
})
