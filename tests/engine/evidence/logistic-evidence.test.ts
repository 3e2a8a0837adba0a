import { beforeAll, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { logisticEvidence } from '@engine/evidence/logistic-evidence'
import { fitLogistic } from '@engine/numerics/logistic-regression'
import { Random } from '@shared/numerics/random'

beforeAll(async () => {
  await selectBackend('wasm')
})

it('knows nothing of labels drawn by lot, though all rows together fit them', () => {
  const random = Random.derive(1, 'wide rows')
  const [count, width] = [60, 600]
  const features = Float32Array.from({ length: count * width }, () => random.normal())
  const labels = Int32Array.from({ length: count }, () => random.below(2))
  const rows = { features, labels, width, classes: 2, doubtful: count }
  const weights = new Float32Array(count).fill(1)
  // A weak penalty, as where labels count for what they are worth.
  const model = fitLogistic(rows, [{ weights, c: 10 }])
  const { probabilities } = logisticEvidence(rows, 0, { c: 10, model, weights })
  const right = labels.filter((label, row) => probabilities[2 * row + label]! > 0.5).length
  // Half of sixty; five deviations of 3.9.
  expect(right).toBeLessThan(50)
})
