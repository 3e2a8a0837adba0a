import { expect, test } from 'vitest'
import { PHASES, surveyProgress } from '@main/survey/worker/survey-progress'

test.each(['photographs', 'pictures', 'tables'] as const)(
  'the bar of a survey of %s goes forward through all phases, from nothing to all',
  (kind) => {
    for (const count of [10, 2000, 100_000]) {
      const sent: { done: number; total: number }[] = []
      const progress = surveyProgress(kind, count, (_, done, total) => sent.push({ done, total }))
      for (const phase of PHASES) for (const share of [0, 0.5, 1]) progress(phase)(share * count)
      const shares = sent.map(({ done, total }) => done / total)
      expect(shares).toEqual([...shares].sort((a, b) => a - b))
      expect(shares[0]).toBe(0)
      expect(shares.at(-1)).toBeGreaterThan(0.89)
      expect(shares.at(-1)).toBeLessThanOrEqual(1)
    }
  }
)

test('among many rows it is the comparing that takes the time, among few photographs the measuring', () => {
  const spanOf = (
    kind: 'pictures' | 'photographs',
    count: number,
    phase: (typeof PHASES)[number]
  ): number => {
    const sent: number[] = []
    const progress = surveyProgress(kind, count, (_, done) => sent.push(done / count))
    progress(phase)(0)
    progress(phase)(count)
    return sent[1]! - sent[0]!
  }
  expect(spanOf('pictures', 70_000, 'comparing examples')).toBeGreaterThan(0.7)
  expect(spanOf('photographs', 1600, 'measuring examples')).toBeGreaterThan(0.7)
})
