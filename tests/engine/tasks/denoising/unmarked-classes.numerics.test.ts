import { tensor1d, tensor2d } from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { buildModel } from '@engine/models/classifier'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { ImportanceProblem } from '@engine/tasks/denoising/importance-problem'
import { believeLabels } from '@engine/tasks/denoising/label-evidence'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { Random } from '@shared/numerics/random'
import { heldRows } from '@support/held-rows'

const CLASSES = 4
const WIDTH = 8
const COUNT = 400
/** Classes that somebody has marked examples of. */
const MARKED = 2
const NAMES = ['a', 'b', 'c', 'd']

beforeAll(async () => {
  await selectBackend('wasm')
})

function drawn(count: number, classes: number, seed: number): { x: Float32Array; y: Int32Array } {
  const random = Random.derive(seed, 'unmarked')
  const y = Int32Array.from({ length: count }, () => random.below(classes))
  const x = new Float32Array(count * WIDTH)
  y.forEach((label, row) => {
    for (let j = 0; j < WIDTH; j++) x[row * WIDTH + j] = (j % CLASSES === label ? 2 : 0) + random.normal()
  })
  return { x, y }
}

const truth = drawn(COUNT, CLASSES, 1)
const random = Random.derive(2, 'wrong')
const given = truth.y.map((label) =>
  random.uniform() < 0.2 ? (label + 1 + random.below(3)) % CLASSES : label
)
const train = new ResidentExamples(heldRows(truth.x, given, NAMES))
const marked = drawn(40, MARKED, 3)
const known = Uint8Array.of(1, 1, 0, 0)
const trusted = new ResidentExamples(heldRows(marked.x, marked.y, NAMES), marked.y, known)

test('labels of classes without a trusted example are judged as well as those of the others', async () => {
  const rows = Int32Array.from(marked.y.keys())
  const { right, trustedOnly } = await believeLabels(train, { examples: trusted, rows }, 0, () =>
    Promise.resolve()
  )
  const wrong = Uint8Array.from(given, (label, row) => Number(label !== truth.y[row]))
  for (const isMarked of [true, false]) {
    const isOn = (_: number, row: number): boolean => given[row]! < MARKED === isMarked
    const found = detectionOf(right.filter(isOn), new Uint8Array(COUNT).filter(isOn), wrong.filter(isOn))
    expect(found.averagePrecision).toBeGreaterThan(0.85)
  }
  // What the trusted ones say alone does not rule out what they have no example of.
  const sure = given.reduce((sum, label, row) => {
    return label < MARKED || wrong[row] ? sum : sum + Number(trustedOnly![row * CLASSES + label]! > 0.5)
  }, 0)
  expect(sure).toBeGreaterThan(100)
})

test('the upper loss says nothing of them: no weight falls because it names such a class', () => {
  const network = buildModel('logistic', { shape: [WIDTH], classes: CLASSES })
  const start = network.initialise(Random.derive(4, 'start'))
  const problem = new ImportanceProblem(network, new Float32Array(COUNT).fill(0.6), start)
  const rows = Int32Array.from({ length: 20 }, (_, row) => row)
  const batch = { rows, train: train.batch(rows), trusted: trusted.batch(rows), masks: [] }
  const v = tensor1d(start)
  const { lowerGradient, value } = problem.upper({ u: tensor1d([]), v }, batch)
  const gradient = Float32Array.from(lowerGradient.dataSync())
  const ofClass = (label: number): number =>
    gradient.reduce((sum, share, i) => sum + (i % CLASSES === label ? Math.abs(share) : 0), 0)
  expect(NAMES.map((_, label) => ofClass(label) > 0.01)).toEqual([true, true, false, false])
  // Among the two that it knows: half of the examples, were it to know nothing.
  expect(value.dataSync()[0]!).toBeLessThan(1.2)
  expect(problem.batchTensors(batch)).toContain(batch.trusted.mask)
  expect(tensor2d([[0, 0, -1e6, -1e6]]).dataSync()).toEqual(batch.trusted.mask!.dataSync())
})
