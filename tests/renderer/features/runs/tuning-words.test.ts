import { describe, expect, test } from 'vitest'
import { accuracyBars } from '@renderer/features/runs/tuning-words'
import { tuningVerdict } from '@shared/tasks/hyperparameters'
import type { HyperparameterMetrics } from '@shared/domain/hyperparameter-metrics'

const metrics: HyperparameterMetrics = {
  testAccuracy: { unregularised: 0.825, grid: 0.829, tuned: 0.836 },
  validationLoss: { unregularised: 0.7936, grid: 0.5086, tuned: 0.4584 },
  validationAccuracy: { unregularised: 0.846, grid: 0.852, tuned: 0.85 },
  best: 'tuned',
  bestStep: 75,
  checks: [
    { step: 0, validationLoss: 0.5086 },
    { step: 75, validationLoss: 0.4584 }
  ],
  strengths: { granularity: 'layer', count: 3, grid: 0.01, layers: [] }
}

describe('the verdict of tuning', () => {
  test('holds the tuned strengths against none and against a single one', () => {
    expect(tuningVerdict(metrics)).toEqual([
      'One strength a layer (3 in all), tuned by gradients: validation loss 0.458, against 0.794 without regularisation and 0.509 with the best single strength of a grid.',
      'Test accuracy goes from 82.5 % to 83.6 %; the single strength gives 82.9 %.'
    ])
  })

  test('owns up when another did better, and says which model was saved', () => {
    expect(tuningVerdict({ ...metrics, best: 'grid' }).at(-1)).toBe(
      'The best shared strength did better on validation: that classifier was saved.'
    )
  })

  test('says that nothing on the way was better than the start', () => {
    expect(tuningVerdict({ ...metrics, best: 'grid', bestStep: 0 }).at(-1)).toMatch(/than the start/)
  })

  test('does without what was not measured', () => {
    const nothing = { unregularised: null, grid: null, tuned: null }
    expect(tuningVerdict({ ...metrics, testAccuracy: nothing })).toHaveLength(1)
    expect(tuningVerdict({ ...metrics, validationLoss: nothing })[0]).toContain('ended before')
  })
})

test('accuracies carry the interval that their examples leave', () => {
  const [first, , tuned] = accuracyBars(metrics.testAccuracy, 1000)
  expect(tuned!.best).toBe(true)
  expect(first!.interval![0]).toBeCloseTo(0.8002, 3)
  expect(first!.interval![1]).toBeCloseTo(0.8473, 3)
  expect(accuracyBars({ unregularised: null, grid: null, tuned: 0.5 }, 0)).toEqual([
    { name: 'tuned strengths', value: 0.5, best: true }
  ])
})
