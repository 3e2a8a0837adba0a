import { describe, expect, it } from 'vitest'
import { outOfBagProbabilities } from '@engine/numerics/extra-trees'
import { Random } from '@shared/numerics/random'

/** Two classes on a chequered square: no linear classifier tells them apart. */
function chequered(count: number, noise: number) {
  const random = Random.derive(1, 'chequered')
  const features = Float32Array.from({ length: 2 * count }, () => 2 * random.uniform() - 1)
  const truth = Int32Array.from({ length: count }, (_, row) =>
    Number(features[2 * row]! > 0 !== features[2 * row + 1]! > 0)
  )
  const labels = truth.map((label) => (random.uniform() < noise ? 1 - label : label))
  return { data: { features, labels, width: 2, classes: 2 }, truth }
}

function share(probabilities: Float32Array, truth: Int32Array): number {
  const right = truth.reduce((count, label, row) => count + Number(probabilities[2 * row + label]! > 0.5), 0)
  return right / truth.length
}

describe('extremely randomised trees', () => {
  it('tell classes apart that no line parts, on rows that a tree has not seen', () => {
    const { data, truth } = chequered(800, 0)
    const probabilities = outOfBagProbabilities(data, { trees: 40, leaf: 3, seed: 0 })
    expect(share(probabilities, truth)).toBeGreaterThan(0.93)
    for (let row = 0; row < 800; row++) {
      expect(probabilities[2 * row]! + probabilities[2 * row + 1]!).toBeCloseTo(1, 4)
    }
  })

  it('do not follow a wrong label of the row itself', () => {
    const { data, truth } = chequered(800, 0.2)
    const probabilities = outOfBagProbabilities(data, { trees: 60, leaf: 3, seed: 0 })
    // A classifier that had seen the labels would agree with them, and be right for 80 %.
    expect(share(probabilities, truth)).toBeGreaterThan(0.86)
  })

  it('leave out rows that count nothing', () => {
    const { data, truth } = chequered(800, 0.4)
    const weights = Float32Array.from(truth, (label, row) => Number(label === data.labels[row]))
    const known = outOfBagProbabilities(data, { trees: 40, leaf: 3, seed: 0, weights })
    const unknown = outOfBagProbabilities(data, { trees: 40, leaf: 3, seed: 0 })
    expect(share(known, truth)).toBeGreaterThan(share(unknown, truth) + 0.1)
  })

  it('are the same again, and answer with the shares of the classes where nothing varies', () => {
    const { data } = chequered(100, 0.1)
    const once = (): Float32Array => outOfBagProbabilities(data, { trees: 5, leaf: 1, seed: 7 })
    expect(once()).toEqual(once())
    const flat = { ...data, features: new Float32Array(200) }
    const ones = data.labels.reduce((sum, label) => sum + label, 0)
    const [, second] = outOfBagProbabilities(flat, { trees: 200, leaf: 1, seed: 7 })
    expect(second).toBeCloseTo(ones / 100, 1)
  })
})
