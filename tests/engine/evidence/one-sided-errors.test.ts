import { expect, it } from 'vitest'
import { sigmoid } from '@engine/evidence/log-odds'
import { LabelBeliefs } from '@engine/evidence/wrong-labels'
import { Random } from '@shared/numerics/random'

const ROWS = 500
const TRUSTED = 6
/** Of the second class's labels. */
const WRONG = 0.4
/** Of the classes' means, in standard deviations. */
const DISTANCE = 2.5

/** Two classes of which one's labels are often wrong, and the opinion of a classifier that has learned them. */
function oneSided(): { opinion: Float32Array; labels: Int32Array; wrong: number } {
  const random = Random.derive(1, 'one-sided')
  const truth = Int32Array.from({ length: ROWS + TRUSTED }, (_, row) => row % 2)
  const labels = truth.map((label, row) =>
    row < ROWS && label === 1 && random.uniform() < WRONG ? 0 : label
  )
  const opinion = Float32Array.from(
    Array.from(truth).flatMap((label) => {
      const x = random.normal() + (label === 1 ? DISTANCE : -DISTANCE) / 2
      // Flatter than Bayes' rule for these Gaussians, and moved by the errors.
      const second = sigmoid(0.5 * DISTANCE * x - 0.5)
      return [1 - second, second]
    })
  )
  return { opinion, labels, wrong: truth.reduce((sum, label, row) => sum + Number(label !== labels[row]), 0) }
}

it('counts the wrong labels of one class of two, though the classifier has learned them', () => {
  const { opinion, labels, wrong } = oneSided()
  const beliefs = new LabelBeliefs([opinion], labels, 2, ROWS, 0)
  const expected = beliefs.logOdds().reduce((sum, odds) => sum + sigmoid(odds), 0)
  expect(wrong).toBe(110)
  expect(expected).toBeGreaterThan(0.6 * wrong)
  expect(expected).toBeLessThan(1.4 * wrong)
})
