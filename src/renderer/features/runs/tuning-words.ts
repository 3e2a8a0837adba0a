import { percent } from '@shared/words/numbers'
import type { Contender, HyperparameterMetrics } from '@shared/domain/hyperparameter-metrics'
import { wilsonInterval } from '@shared/numerics/rate-interval'

export const CONTENDER_WORDS: Readonly<Record<Contender, string>> = {
  unregularised: 'no regularisation',
  grid: 'best shared strength',
  tuned: 'tuned strengths'
}
export const CONTENDERS: readonly Contender[] = ['unregularised', 'grid', 'tuned']

const EACH: Readonly<Record<HyperparameterMetrics['strengths']['granularity'], string>> = {
  layer: 'One strength a layer',
  feature: 'One strength an input feature',
  weight: 'One strength a weight'
}

/** The outcome in sentences: what tuning reached on validation, against what, and what it is worth on test. */
export function tuningVerdict(metrics: HyperparameterMetrics): string[] {
  const { validationLoss, testAccuracy, best, bestStep, strengths } = metrics
  const { unregularised, grid, tuned } = validationLoss
  if (tuned === null) return ['The run was ended before its strengths could be judged.']
  const against = [
    ...(unregularised === null ? [] : [`${loss(unregularised)} without regularisation`]),
    ...(grid === null ? [] : [`${loss(grid)} with the best single strength of a grid`])
  ]
  const sentences = [
    `${EACH[strengths.granularity]} (${strengths.count} in all), tuned by gradients: validation loss ${loss(tuned)}${against.length > 0 ? `, against ${against.join(' and ')}` : ''}.`
  ]
  if (testAccuracy.tuned !== null && testAccuracy.unregularised !== null) {
    sentences.push(
      `Test accuracy goes from ${percent(testAccuracy.unregularised)} to ${percent(testAccuracy.tuned)}${testAccuracy.grid === null ? '' : `; the single strength gives ${percent(testAccuracy.grid)}`}.`
    )
  }
  if (bestStep === 0) {
    sentences.push(
      'No strengths reached on the way did better on validation than the start, so these were kept.'
    )
  } else if (best !== null && best !== 'tuned') {
    sentences.push(
      `${best === 'grid' ? 'The best shared strength' : 'No regularisation'} did better on validation: that classifier was saved.`
    )
  }
  return sentences
}

function loss(value: number): string {
  return String(Number(value.toPrecision(3)))
}

/** Accuracies as bars with the interval that so many examples leave. */
export function accuracyBars(
  accuracy: HyperparameterMetrics['testAccuracy'],
  examples: number
): { name: string; value: number; interval?: [number, number]; best: boolean }[] {
  return CONTENDERS.flatMap((contender) => {
    const value = accuracy[contender]
    if (value === null) return []
    return [
      {
        name: CONTENDER_WORDS[contender],
        value,
        best: contender === 'tuned',
        ...(examples > 0 ? { interval: wilsonInterval(value * examples, examples) } : {})
      }
    ]
  })
}
