import { beforeAll, describe, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { stratifiedFolds } from '@engine/evidence/labelled-rows'
import { logisticEvidence } from '@engine/evidence/logistic-evidence'
import { neighbourEvidence } from '@engine/evidence/neighbour-evidence'
import { trustedEvidence } from '@engine/evidence/trusted-evidence'
import { sigmoid } from '@engine/evidence/log-odds'
import { flagsForF1, LabelBeliefs } from '@engine/evidence/wrong-labels'
import { fitLogistic, logisticProbabilities } from '@engine/numerics/logistic-regression'
import { cutForFlags } from '@engine/tasks/denoising/label-evidence'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { Random } from '@shared/numerics/random'

beforeAll(async () => {
  await selectBackend('wasm')
})

/** Three Gaussian classes, the last rows trusted, so many of the others given another class. */
function clusters(count: number, trusted: number, noise: number, seed: number) {
  const random = Random.derive(seed, 'clusters')
  const total = count + trusted
  const truth = Int32Array.from({ length: total }, () => random.below(3))
  const centres = [
    [2, 0, 0],
    [0, 2, 0],
    [0, 0, 2]
  ]
  const features = Float32Array.from({ length: total * 3 }, (_, i) => {
    return centres[truth[Math.floor(i / 3)]!]![i % 3]! + random.normal()
  })
  const labels = truth.map((label, row) =>
    row < count && random.uniform() < noise ? (label + 1 + random.below(2)) % 3 : label
  )
  const wrong = Uint8Array.from({ length: count }, (_, row) => Number(labels[row] !== truth[row]))
  return { rows: { features, labels, width: 3, classes: 3, doubtful: count }, wrong }
}

describe('logistic regression by L-BFGS', () => {
  it('ends where the gradient of the penalised loss is zero, for each of several weighings', () => {
    const { rows } = clusters(200, 0, 0.1, 1)
    const weighings = [1, 0.3].map((low) => Float32Array.from({ length: 200 }, (_, i) => (i % 2 ? 1 : low)))
    const problems = weighings.map((weights, i) => ({ weights, c: i ? 0.02 : 0.5 }))
    const models = fitLogistic(rows, problems)
    const probabilities = logisticProbabilities(rows, models)
    problems.forEach(({ weights, c }, p) => {
      for (let j = 0; j < 4; j++) {
        for (let k = 0; k < 3; k++) {
          const coefficient = models[(p * 4 + j) * 3 + k]!
          let slope = j < 3 ? coefficient : 0
          for (let i = 0; i < 200; i++) {
            const residual = probabilities[(i * 2 + p) * 3 + k]! - Number(rows.labels[i] === k)
            slope += c * weights[i]! * residual * (j < 3 ? rows.features[i * 3 + j]! : 1)
          }
          // The tolerance is one of the mean loss; this is c times the sum.
          expect(Math.abs(slope)).toBeLessThan(c * 200 * 2e-3)
        }
      }
    })
  })

  it('knows the answer without features: the shares of the classes', () => {
    const labels = Int32Array.from([0, 0, 0, 1])
    const rows = { features: new Float32Array(4), labels, width: 1, classes: 2 }
    const models = fitLogistic(rows, [{ weights: new Float32Array(4).fill(1), c: 1 }])
    expect(logisticProbabilities(rows, models)[0]).toBeCloseTo(0.75, 2)
  })

  it('judges a row by models that have not seen its label', () => {
    // Labels by chance: who had seen them would find them likelier than chance.
    const random = Random.derive(9, 'chance')
    const features = Float32Array.from({ length: 60 * 40 }, () => random.normal())
    const labels = Int32Array.from({ length: 60 }, () => random.below(2))
    const rows = { features, labels, width: 40, classes: 2, doubtful: 60 }
    const { probabilities } = logisticEvidence(rows, 0)
    const right = labels.reduce((count, label, i) => count + Number(probabilities[i * 2 + label]! > 0.5), 0)
    expect(right / 60).toBeLessThan(0.7)
  })
})

describe('evidence on labels', () => {
  it('spreads each class over the folds', () => {
    const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3)
    const order = Random.derive(0, 'order').permutation(30)
    const folds = stratifiedFolds(labels, 5, order)
    for (let label = 0; label < 3; label++) {
      for (let fold = 0; fold < 5; fold++) {
        const inside = folds.filter((own, row) => own === fold && labels[row] === label)
        expect(inside.length).toBe(2)
      }
    }
  })

  it('counts the votes of the nearest others', () => {
    const features = Float32Array.from([1, 0, 1, 0.1, 1, 0.2, -1, 0, -1, 0.1])
    const labels = Int32Array.from([0, 0, 1, 1, 1])
    const votes = neighbourEvidence({ features, labels, width: 2, classes: 2, doubtful: 5 })
    // All four others vote: one 0 and three 1, of 4.5.
    expect(votes[0]).toBeCloseTo((1 + 0.25) / 4.5, 5)
    expect(votes[1]).toBeCloseTo((3 + 0.25) / 4.5, 5)
  })

  it.each([0.05, 0.2, 0.4])('finds %s wrong labels and says how many there are', (noise) => {
    const { rows, wrong } = clusters(1500, 30, noise, 4)
    const opinions = [
      logisticEvidence(rows, 0).probabilities,
      neighbourEvidence(rows),
      trustedEvidence(rows, 0)!.probabilities
    ]
    const logOdds = new LabelBeliefs(opinions, rows.labels, 3, 1500, 0).logOdds()
    const probabilities = logOdds.map(sigmoid)
    const total = probabilities.reduce((sum, p) => sum + p, 0)
    const there = wrong.reduce((sum, one) => sum + one, 0)
    expect(Math.abs(total - there)).toBeLessThan(0.04 * 1500)
    const scores = Float32Array.from(logOdds, (odds) => sigmoid(-odds))
    const cut = cutForFlags(scores, flagsForF1(probabilities))
    const flagged = Uint8Array.from(scores, (score) => Number(score < cut))
    const { auroc, f1 } = detectionOf(scores, flagged, wrong)
    expect(auroc).toBeGreaterThan(0.88)
    expect(f1).toBeGreaterThan(noise < 0.1 ? 0.5 : 0.75)
    // Calibrated: of those called wrong at 50 to 100 %, about as many are.
    const bold = [...probabilities.keys()].filter((row) => probabilities[row]! > 0.5)
    const expected = bold.reduce((sum, row) => sum + probabilities[row]!, 0) / bold.length
    const found = bold.reduce((sum, row) => sum + wrong[row]!, 0) / bold.length
    expect(Math.abs(expected - found)).toBeLessThan(0.12)
  })

  it('flags hardly anything on clean labels', () => {
    const { rows } = clusters(1500, 30, 0, 5)
    const opinions = [
      logisticEvidence(rows, 0).probabilities,
      neighbourEvidence(rows),
      trustedEvidence(rows, 0)!.probabilities
    ]
    const logOdds = new LabelBeliefs(opinions, rows.labels, 3, 1500, 0).logOdds()
    expect(flagsForF1(logOdds.map(sigmoid))).toBeLessThan(0.015 * 1500)
  })

  it('gives the same numbers again', () => {
    const { rows } = clusters(300, 30, 0.2, 6)
    const once = (): Float64Array =>
      new LabelBeliefs([logisticEvidence(rows, 3).probabilities], rows.labels, 3, 300, 3).logOdds()
    expect(once()).toEqual(once())
  })

  it('flags as many as maximise the expected F1', () => {
    // One: 2 * .9 / (1 + 1.5) = .72; two: 2 * 1.4 / (2 + 1.5) = .8; three: 3 / 4.5 = .667.
    expect(flagsForF1([0.1, 0.9, 0.5])).toBe(2)
    expect(cutForFlags(Float32Array.from([0.9, 0.1, 0.5]), 2)).toBeCloseTo(0.9, 6)
    expect(cutForFlags(Float32Array.from([0.9, 0.1, 0.5]), 0)).toBeCloseTo(0.1, 6)
    expect(cutForFlags(Float32Array.from([0.9, 0.1]), 2)).toBe(1)
  })
})
