import { createRequire } from 'node:module'
import path from 'node:path'
import { tensor, tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { buildModel } from '@engine/models/classifier'
import { predictProbabilities } from '@engine/tasks/shared/classifier-training'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { saveModel } from '@main/runs/worker/save-model'
import { Random } from '@shared/numerics/random'
import { temporaryFolder } from '@support/command'

interface LayersModule {
  loadLayersModel(handler: unknown): Promise<{ predict(x: Tensor): Tensor }>
}

const dir = temporaryFolder()

describe('a saved model', () => {
  beforeAll(async () => {
    await selectBackend('auto')
  })

  // The spread of the weights keeps the logits near one: at a hundred, single precision alone, in another
  // order of summing, moves a probability by 1e-4.
  for (const [name, shape, spread] of [
    ['logistic', [8, 8, 1], 0.2],
    ['mlp', [5], 0.2],
    ['cnn', [28, 28, 1], 0.05],
    ['cifar-cnn', [16, 16, 3], 0.05]
  ] as const) {
    test(`${name} predicts the same when tfjs's own layers load it`, async () => {
      const network = buildModel(name, { shape, classes: 4, hiddenSizes: [6] })
      const random = new Random(9)
      const parameters = Float32Array.from({ length: network.layout.size }, () => spread * random.normal())
      const size = shape.reduce<number>((a, b) => a * b, 1)
      const features = Float32Array.from({ length: 3 * size }, () => random.uniform())
      await saveModel(dir, network, parameters, ['a', 'b', 'c', 'd'])

      const { loadLayersModel } = createRequire(import.meta.url)('@tensorflow/tfjs-layers') as LayersModule
      const model = await loadLayersModel(await fromFiles(dir))
      const theirs = tidy(() => model.predict(tensor(features, [3, ...shape])).dataSync())
      const examples = new ResidentExamples({
        count: 3,
        shape,
        classNames: ['a', 'b', 'c', 'd'],
        labels: new Int32Array(3),
        readRows: () => features
      })
      const ours = predictProbabilities(network, parameters, { examples, rows: Int32Array.from([0, 1, 2]) })
      expect(Math.max(...ours) - Math.min(...ours)).toBeGreaterThan(0.05)
      ours.forEach((value, i) => expect(value).toBeCloseTo(theirs[i]!, 5))
    })
  }
})

/** The two files as tfjs's loader takes them. */
async function fromFiles(folder: string): Promise<unknown> {
  const { readFile } = await import('node:fs/promises')
  const manifest = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8')) as {
    modelTopology: unknown
    weightsManifest: { weights: unknown[] }[]
  }
  const bytes = await readFile(path.join(folder, 'weights.bin'))
  return {
    load: () =>
      Promise.resolve({
        modelTopology: manifest.modelTopology,
        weightSpecs: manifest.weightsManifest[0]!.weights,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
      })
  }
}
