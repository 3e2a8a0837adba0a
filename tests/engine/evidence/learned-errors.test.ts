import { expect, it } from 'vitest'
import { sigmoid } from '@engine/evidence/log-odds'
import { LabelBeliefs } from '@engine/evidence/wrong-labels'
import { Random } from '@shared/numerics/random'

const TRUSTED_EACH = 3

interface Kind {
  readonly classes: number
  readonly rowsEach: number
  /** Share of labels that are the next class's. */
  readonly wrong: number
  /** What of it the classifier has learned. */
  readonly seen: number
  /** Whether only the last class has wrong labels. */
  readonly isOneSided?: boolean
  /** Standard deviation of the classifier's log odds. */
  readonly spread: number
}

/** Labels of which some are another class's, and the opinion of a classifier that has learned the errors with the classes. */
function learned({ classes, rowsEach, wrong, seen, isOneSided = false, spread }: Kind) {
  const random = Random.derive(2, 'learned errors')
  const doubtful = classes * rowsEach
  const truth = Int32Array.from({ length: doubtful + classes * TRUSTED_EACH }, (_, row) => row % classes)
  const rateOf = (label: number): number => (isOneSided && label < classes - 1 ? 0 : wrong)
  const other = (label: number): number => (label + 1) % classes
  const labels = truth.map((label, row) =>
    row < doubtful && random.uniform() < rateOf(label) ? other(label) : label
  )
  const opinion = new Float32Array(truth.length * classes)
  truth.forEach((label, row) => {
    const shares = opinion.subarray(row * classes, (row + 1) * classes).fill(0.02)
    shares[label] = 1 - seen * rateOf(label)
    if (rateOf(label) > 0) shares[other(label)] = seen * rateOf(label)
    shares.forEach((share, k) => (shares[k] = share * Math.exp(spread * random.normal())))
    const total = shares.reduce((sum, share) => sum + share, 0)
    shares.forEach((share, k) => (shares[k] = share / total))
  })
  const count = labels.reduce((sum, label, row) => sum + Number(label !== truth[row]), 0)
  return { opinion, labels, doubtful, count }
}

it.for<[string, Kind]>([
  [
    'one of two classes',
    { classes: 2, rowsEach: 400, wrong: 0.45, seen: 0.5, isOneSided: true, spread: 0.4 }
  ],
  ['each of forty classes for the next', { classes: 40, rowsEach: 30, wrong: 0.3, seen: 0.8, spread: 0.8 }]
])('counts the wrong labels of %s, though the classifier has learned them', ([, kind]) => {
  const { opinion, labels, doubtful, count } = learned(kind)
  const beliefs = new LabelBeliefs([opinion], labels, kind.classes, doubtful, 0)
  const expected = beliefs.logOdds().reduce((sum, odds) => sum + sigmoid(odds), 0)
  expect(expected).toBeGreaterThan(0.7 * count)
  expect(expected).toBeLessThan(1.2 * count)
})
