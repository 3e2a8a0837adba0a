import { beforeAll, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { buildModel } from '@engine/models/classifier'
import { auroc } from '@engine/tasks/denoising/detection'
import { believeLabels } from '@engine/tasks/denoising/label-evidence'
import { networkOpinion } from '@engine/tasks/denoising/network-opinion'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { UNLIMITED } from '@engine/tasks/denoising/time-budget'
import { Random } from '@shared/numerics/random'

beforeAll(async () => {
  await selectBackend('wasm')
})

const COUNT = 240
const WIDTH = 2
const recipe = { epochs: 60, batchSize: 16, learningRate: 1e-2, l2: 0 }

/** The class is whether both numbers have one sign: no linear classifier tells. */
function crossed() {
  const random = Random.derive(4, 'crossed')
  const features = Float32Array.from({ length: COUNT * WIDTH }, () => random.normal())
  const truth = Int32Array.from({ length: COUNT }, (_, row) =>
    Number(features[row * WIDTH]! * features[row * WIDTH + 1]! > 0)
  )
  return { features, truth }
}

function network() {
  return buildModel('mlp', { shape: [WIDTH], classes: 2, hiddenSizes: [16] })
}

function rowsOf(features: Float32Array, labels: Int32Array) {
  return { features, labels, width: WIDTH, classes: 2, doubtful: COUNT }
}

function predictedOf(probabilities: Float32Array): Int32Array {
  return Int32Array.from({ length: COUNT }, (_, row) =>
    Number(probabilities[2 * row + 1]! > probabilities[2 * row]!)
  )
}

function shareOf(predicted: Int32Array, wanted: Int32Array): number {
  return predicted.reduce((sum, label, row) => sum + Number(label === wanted[row]), 0) / COUNT
}

it('knows what the labels of the others teach', async () => {
  const { features, truth } = crossed()
  const opinion = networkOpinion(network(), [WIDTH], () => recipe, 0)
  const labels = truth.map((label, row) => (row % 10 === 0 ? 1 - label : label))
  const known = predictedOf((await opinion(rowsOf(features, labels), () => Promise.resolve(), UNLIMITED))!)
  expect(shareOf(known, truth)).toBeGreaterThan(0.8)
})

it('judges a row by networks that have not seen its label', async () => {
  const { features } = crossed()
  const random = Random.derive(5, 'chance')
  const chance = Int32Array.from({ length: COUNT }, () => random.below(2))
  let rests = 0
  const opinion = networkOpinion(network(), [WIDTH], () => recipe, 0)
  const found = await opinion(rowsOf(features, chance), () => Promise.resolve(rests++), UNLIMITED)
  // One that had seen them would know most of them.
  expect(shareOf(predictedOf(found!), chance)).toBeLessThan(0.62)
  expect(rests).toBeGreaterThan(10)
})

it('is one of the opinions that a label is judged by', async () => {
  const { features, truth } = crossed()
  const labels = truth.map((label, row) => (row % 5 === 0 ? 1 - label : label))
  const wrong = Uint8Array.from(labels, (label, row) => Number(label !== truth[row]))
  const train = new ResidentExamples({
    count: COUNT,
    shape: [WIDTH],
    classNames: ['0', '1'],
    labels,
    readRows: (rows) => pick(features, rows)
  })
  const nobody = { examples: train, rows: new Int32Array() }
  const rest = (): Promise<void> => Promise.resolve()
  const sure = Float32Array.from({ length: 2 * COUNT }, (_, i) =>
    i % 2 === truth[Math.floor(i / 2)] ? 0.99 : 0.01
  )
  const foundBy = async (opinion?: () => Promise<Float32Array>): Promise<number> => {
    const { right } = await believeLabels(train, nobody, 0, rest, { opinion })
    return auroc(right, wrong)
  }
  expect(await foundBy()).toBeLessThan(0.995)
  expect(await foundBy(() => Promise.resolve(sure))).toBeGreaterThan(0.999)
})

function pick(features: Float32Array, rows: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: rows.length * WIDTH }, (_, i) => {
    return features[rows[Math.floor(i / WIDTH)]! * WIDTH + (i % WIDTH)]!
  })
}
