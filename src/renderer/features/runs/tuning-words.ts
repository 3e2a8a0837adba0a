import type { Contender, HyperparameterMetrics } from '@shared/domain/hyperparameter-metrics'
import { wilsonInterval } from '@shared/numerics/rate-interval'

export const CONTENDER_WORDS: Readonly<Record<Contender, string>> = {
  unregularised: 'no regularisation',
  grid: 'best shared strength',
  tuned: 'tuned strengths'
}
export const CONTENDERS: readonly Contender[] = ['unregularised', 'grid', 'tuned']

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
