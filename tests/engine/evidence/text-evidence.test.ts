import { describe, expect, it } from 'vitest'
import type { EvidenceRows } from '@engine/evidence/labelled-rows'
import { textEvidence } from '@engine/evidence/text-evidence'
import { Random } from '@shared/numerics/random'
import { termRows } from '@shared/numerics/term-rows'

/** Texts of eight words; each class has sixty of its own, each of them rare. */
function texts(count: number, classes: number, noise: number) {
  const random = Random.derive(8, 'texts')
  const truth = Int32Array.from({ length: count }, (_, i) => i % classes)
  const words = Array.from(
    truth,
    (label) => new Set(Array.from({ length: 8 }, () => 1000 * (1 + label) + random.below(60)))
  )
  const labels = truth.map((label) =>
    random.uniform() < noise ? (label + 1 + random.below(classes - 1)) % classes : label
  )
  const rows: EvidenceRows = {
    features: new Float32Array(count),
    labels,
    width: 1,
    classes,
    doubtful: count,
    terms: (_, wanted) => termRows(Array.from(wanted, (row) => words[row]!))
  }
  return { rows, truth }
}

/** Share of rows whose likeliest class is the true one. */
function accuracy(probabilities: Float32Array, truth: Int32Array, classes: number): number {
  const right = truth.filter((label, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes)
    return own.indexOf(Math.max(...own)) === label
  })
  return right.length / truth.length
}

describe('what all words of a text say', () => {
  it('is right where labels hang on many rare words, though a fifth of the labels are wrong', () => {
    const { rows, truth } = texts(300, 3, 0.2)
    const { probabilities } = textEvidence(rows, 'words', 0)!
    expect(accuracy(probabilities, truth, 3)).toBeGreaterThan(0.93)
    for (let i = 0; i < probabilities.length; i += 3)
      expect(probabilities[i]! + probabilities[i + 1]! + probabilities[i + 2]!).toBeCloseTo(1, 5)
  })

  it('comes from models that have not seen the label', () => {
    // Every text has a word that it shares with one other only: who had seen its label would know it again.
    const { rows } = texts(120, 2, 0)
    const random = Random.derive(2, 'chance')
    const labels = rows.labels.map(() => random.below(2))
    const { probabilities } = textEvidence({ ...rows, labels }, 'words', 0)!
    expect(accuracy(probabilities, labels, 2)).toBeLessThan(0.65)
  })

  it('follows the weights of a second pass', () => {
    const { rows, truth } = texts(300, 3, 0.4)
    const first = textEvidence(rows, 'words', 0)!
    const weights = Float32Array.from(truth, (label, row) => Number(label === rows.labels[row]))
    const second = textEvidence(rows, 'words', 0, { ...first, weights })!
    expect(accuracy(second.probabilities, truth, 3)).toBeGreaterThan(accuracy(first.probabilities, truth, 3))
  })

  it('is left out where there are no texts, and where it would take too long', () => {
    const { rows } = texts(60, 2, 0)
    expect(textEvidence({ ...rows, terms: undefined }, 'words', 0)).toBeUndefined()
    const many = { starts: Int32Array.from({ length: 61 }, (_, i) => 200_000 * i), ids: new Int32Array(12e6) }
    expect(textEvidence({ ...rows, terms: () => many }, 'words', 0)).toBeUndefined()
  })
})
