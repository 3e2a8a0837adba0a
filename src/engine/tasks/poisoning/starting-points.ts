import { badInput } from '../../../shared/domain/failure'
import { Random } from '../../../shared/numerics/random'
import type { AttackGoal } from './attack-goal'
import { occurringClasses } from '../shared/occurring-classes'
import type { ResidentExamples } from '../shared/resident-examples'

/** Poisons before anything is optimised: training images with a wrong label. Also the label-flip baseline. */
export interface StartingPoints {
  /** Rows of the training data. */
  readonly rows: Int32Array
  /** The wrong labels they carry. */
  readonly labels: Int32Array
  /** Their features, row after row. */
  readonly features: Float32Array
}

/**
 * Untargeted: random training images, each with a random other label that occurs. Targeted: by turns an example of the
 * class to be misread, labelled as it shall be read, and one of the wanted class, labelled the other way
 * round (paper: 8s labelled 3 and 3s labelled 8). An image serves again only when all have served. The first n
 * of a larger number are the same as n.
 * @throws Failure bad-input when a class is absent
 */
export function startingPoints(
  goal: AttackGoal,
  train: ResidentExamples,
  count: number,
  seed: number
): StartingPoints {
  const random = Random.derive(seed, 'starting points')
  const order = random.permutation(train.count)
  const rows = new Int32Array(count)
  const labels = new Int32Array(count)
  if (goal.kind === 'untargeted') {
    const occurring = occurringClasses(train.labels)
    const place = new Map(occurring.map((label, i) => [label, i]))
    for (let i = 0; i < count; i++) {
      rows[i] = order[i % order.length]!
      const own = place.get(train.labels[rows[i]!]!)!
      labels[i] = occurring[(own + 1 + random.below(occurring.length - 1)) % occurring.length]!
    }
  } else {
    const pools = [goal.to, goal.from].map((label) => order.filter((row) => train.labels[row] === label))
    for (let i = 0; i < count; i++) {
      const pool = pools[i % 2]!
      if (pool.length === 0) {
        throw badInput(
          '--train has no example of one of the two classes of the attack.',
          'Take more training data.'
        )
      }
      rows[i] = pool[(i >> 1) % pool.length]!
      labels[i] = i % 2 === 0 ? goal.from : goal.to
    }
  }
  return { rows, labels, features: train.read(rows) }
}
