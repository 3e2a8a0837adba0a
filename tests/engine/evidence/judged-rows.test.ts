import { describe, expect, it } from 'vitest'
import { fitChannel } from '@engine/evidence/channel'
import type { ChannelData } from '@engine/evidence/channel'
import { sigmoid } from '@engine/evidence/log-odds'
import { LabelBeliefs } from '@engine/evidence/wrong-labels'
import { Random } from '@shared/numerics/random'

const PRIOR = { pull: 300, uniform: true, wrong: 1, right: 9 }
const WRONG = 0.3

/** One opinion that is calibrated; labels made wrong at random; those that look most wrong are judged. */
function judged(count: number, asked: number): { data: ChannelData; naive: ChannelData } {
  const random = Random.derive(7, 'judged rows')
  const right = Float64Array.from({ length: count }, () => 0.5 + 0.5 * random.uniform())
  const truth = Int32Array.from(right, (p) => Number(random.uniform() >= p))
  const given = truth.map((label) => (random.uniform() < WRONG ? 1 - label : label))
  const doubt = (row: number): number => (given[row] === 0 ? right[row]! : 1 - right[row]!)
  const order = Array.from(right.keys()).sort((a, b) => doubt(b) - doubt(a))
  const rows = Int32Array.from(order)
  const doubtful = count - asked
  const opinion = Float64Array.from({ length: 2 * count }, (_, i) => {
    const p = right[rows[Math.floor(i / 2)]!]!
    return Math.log(Math.max(i % 2 === 0 ? p : 1 - p, 1e-6))
  })
  const labels = rows.map((row, i) => (i < doubtful ? given[row]! : truth[row]!))
  const naive = { opinions: [opinion], labels, classes: 2, doubtful }
  return { naive, data: { ...naive, judged: rows.slice(doubtful).map((row) => given[row]!) } }
}

describe('rows that a person judged', () => {
  it('tell the rate of errors though the most suspicious were asked for', () => {
    const { data, naive } = judged(3000, 200)
    const { rate, weights } = fitChannel(data, PRIOR)
    expect(Math.abs(rate - WRONG)).toBeLessThan(0.03)
    expect(Math.abs(weights[0]! - 1)).toBeLessThan(0.25)
    // As a fair sample of right labels they would mislead.
    const misled = fitChannel(naive, PRIOR)
    expect(Math.abs(misled.weights[0]! - 1)).toBeGreaterThan(Math.abs(weights[0]! - 1))
  })
})

const DRAWS = 11

/** Of draws: a single one may look either way. */
function medianOf(value: (draw: number) => number): number {
  const values = Array.from({ length: DRAWS }, (_, draw) => value(draw))
  return values.sort((a, b) => a - b)[(DRAWS - 1) / 2]!
}

describe('an opinion that is surer than it may be', () => {
  /** Its odds rise exponentially where the true ones rise as a power; the last 40 rows are trusted. */
  function believed(noise: number, draw: number): LabelBeliefs {
    const random = Random.derive(draw, 'heavy tails')
    const count = 3000
    const doubtful = count - 40
    const opinion = new Float32Array(2 * count)
    const labels = Int32Array.from({ length: count }, (_, row) => {
      const odds = 16 * random.uniform() - 8
      const p = sigmoid(odds)
      opinion.set([p, 1 - p], 2 * row)
      const truth = Number(random.uniform() >= sigmoid(1.3 * Math.asinh(odds)))
      return row < doubtful && random.uniform() < noise ? 1 - truth : truth
    })
    return new LabelBeliefs([opinion], labels, 2, doubtful, 0)
  }

  it('is not taken for errors where there are none', () => {
    expect(medianOf((draw) => believed(0, draw).anyWrong)).toBeLessThan(0.1)
  })

  it('does not hide errors that there are', () => {
    expect(medianOf((draw) => believed(0.05, draw).anyWrong)).toBeGreaterThan(0.9)
  })
})

describe('classes that overlap', () => {
  /** One opinion that is calibrated; the last 40 rows are trusted. */
  function believed(noise: number, draw: number): LabelBeliefs {
    const random = Random.derive(draw, 'overlapping classes')
    const count = 1500
    const doubtful = count - 40
    const opinion = new Float32Array(2 * count)
    const labels = Int32Array.from({ length: count }, (_, row) => {
      // Far from sure of most, surer than wrong labels ever look.
      const p = 0.02 + 0.96 * random.uniform()
      opinion.set([p, 1 - p], 2 * row)
      const truth = Number(random.uniform() >= p)
      return row < doubtful && random.uniform() < noise ? 1 - truth : truth
    })
    return new LabelBeliefs([opinion], labels, 2, doubtful, 0)
  }

  it('are not taken for errors where there are none', () => {
    const draws = Array.from({ length: DRAWS }, (_, draw) => believed(0, draw))
    expect(medianOf((draw) => draws[draw]!.anyWrong)).toBeLessThan(0.5)
    expect(medianOf((draw) => Math.max(...draws[draw]!.logOdds().map(sigmoid)))).toBeLessThan(0.5)
  })

  it('do not hide errors that there are', () => {
    expect(medianOf((draw) => believed(0.1, draw).anyWrong)).toBeGreaterThan(0.9)
  })
})
