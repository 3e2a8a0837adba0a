import { describe, expect, test } from 'vitest'
import { auroc, averagePrecision, detectionOf } from '@engine/tasks/denoising/detection'
import { partingThreshold } from '@engine/tasks/denoising/threshold'
import { Random } from '@shared/numerics/random'

describe('detection scores', () => {
  // Checked by hand; scikit-learn's roc_auc_score and average_precision_score on -score give the same.
  const scores = Float32Array.from([0.1, 0.4, 0.35, 0.8])
  const wrong = Uint8Array.from([1, 1, 0, 0])

  test('AUROC counts the pairs in the right order', () => {
    expect(auroc(scores, wrong)).toBeCloseTo(0.75, 6)
    expect(auroc(Float32Array.from([0.5, 0.5, 0.5]), Uint8Array.from([1, 0, 1]))).toBe(0.5)
    expect(auroc(scores, Uint8Array.from([0, 0, 0, 0]))).toBe(0.5)
  })

  test('average precision', () => {
    expect(averagePrecision(scores, wrong)).toBeCloseTo((1 + 2 / 3) / 2, 6)
  })

  test('precision, recall and F1 of flags', () => {
    const { precision, recall, f1 } = detectionOf(scores, Uint8Array.from([1, 0, 1, 0]), wrong)
    expect([precision, recall, f1]).toEqual([0.5, 0.5, 0.5])
  })
})

describe('parting threshold', () => {
  test('lies between two groups, wherever they are and however unequal', () => {
    const random = new Random(3)
    const group = (count: number, centre: number): number[] =>
      Array.from({ length: count }, () => Math.min(1, Math.max(0, centre + 0.05 * random.normal())))
    for (const [low, high, count] of [
      [0.1, 0.9, 500],
      [0.4, 0.65, 100],
      [0.05, 0.5, 900]
    ] as const) {
      const threshold = partingThreshold(
        Float32Array.from([...group(count, low), ...group(1000 - count, high)])
      )
      expect(threshold).toBeGreaterThan(low + 0.05)
      expect(threshold).toBeLessThan(high - 0.05)
    }
  })
})
