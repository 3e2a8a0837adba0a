import { describe, expect, test } from 'vitest'
import { combinedScore } from '@engine/tasks/denoising/combined-score'
import type { Opinion } from '@engine/tasks/denoising/combined-score'

const opinion = (scores: number[], share = 1): Opinion => ({ scores: Float32Array.from(scores), share })

describe('the combined score', () => {
  test('of one opinion is that opinion', () => {
    const scores = [0, 0.1, 0.5, 0.75, 1]
    combinedScore([opinion(scores, 0.5)]).forEach((score, i) => expect(score).toBeCloseTo(scores[i]!, 6))
  })

  test('an opinion counts by its share, not by how far it spreads', () => {
    // The same order, told timidly and told boldly, against the opposite order: shares of 1 and 1 against 3.
    const timid = opinion([0.5, 0.51, 0.52, 0.53])
    const bold = opinion([0.01, 0.3, 0.7, 0.99])
    const against = opinion([0.99, 0.7, 0.3, 0.01], 3)
    const scores = [...combinedScore([timid, bold, against])]
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(new Set(scores).size).toBe(4)
    const other = [...combinedScore([timid, bold, { ...against, share: 1 }])]
    expect(other).toEqual([...other].sort((a, b) => a - b))
  })

  test('an opinion that is the same of all does not count', () => {
    const telling = opinion([0.2, 0.9, 0.4])
    const silent = opinion([0.7, 0.7, 0.7], 9)
    combinedScore([silent, telling]).forEach((score, i) => expect(score).toBeCloseTo(telling.scores[i]!, 6))
    combinedScore([silent]).forEach((score) => expect(score).toBeCloseTo(0.7, 6))
  })
})
