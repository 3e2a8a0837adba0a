import { describe, expect, it } from 'vitest'
import { expectedErrors } from '@engine/evidence/expected-errors'
import type { Grounds } from '@engine/evidence/expected-errors'

const odds = (p: number): number => Math.log(p / (1 - p))
const known: Grounds = { isAnchored: true, explained: 0.5 }

describe('how many labels are wrong', () => {
  it('sums the probabilities, flagged and not', () => {
    const logOdds = Float64Array.from([0.9, 0.8, 0.2, 0.1].map(odds))
    const { flagged, kept, all } = expectedErrors(logOdds, 2, 0, known)
    expect(flagged.expected).toBeCloseTo(1.7, 6)
    expect(kept.expected).toBeCloseTo(0.3, 6)
    expect(all.expected).toBeCloseTo(2, 6)
  })

  it('says an interval that holds the expectation and no more labels than there are', () => {
    const logOdds = Float64Array.from({ length: 1000 }, (_, i) => odds(i < 100 ? 0.9 : 0.02))
    const { flagged, kept, all } = expectedErrors(logOdds, 100, 0, known)
    for (const { low, expected, high } of [flagged, kept, all]) {
      expect(low).toBeLessThanOrEqual(expected)
      expect(high).toBeGreaterThanOrEqual(expected)
    }
    expect(flagged.high).toBeLessThanOrEqual(100)
    // All of them may be off together: wider than independent labels would make it (90 ± 5).
    expect(flagged.low).toBeLessThan(80)
    expect(kept.high).toBeGreaterThan(35)
  })

  it('reaches far up where the opinions explain next to nothing of the labels', () => {
    const logOdds = new Float64Array(1000).fill(odds(0.05))
    const clear = expectedErrors(logOdds, 0, 0, known).kept
    const unclear = expectedErrors(logOdds, 0, 0, { ...known, explained: 0.005 }).kept
    expect(unclear.expected).toBeCloseTo(clear.expected, 6)
    expect(unclear.low).toBe(clear.low)
    expect(clear.high).toBeLessThan(300)
    expect(unclear.high).toBeGreaterThan(600)
  })

  it('knows what is certain, and the case without labels', () => {
    const none = { expected: 0, low: 0, high: 0 }
    expect(expectedErrors(new Float64Array(0), 0, 0, known)).toEqual({ flagged: none, kept: none, all: none })
    const sure = expectedErrors(new Float64Array(10).fill(40), 10, 0, known)
    expect(sure.flagged).toEqual({ expected: 10, low: 10, high: 10 })
  })
})
