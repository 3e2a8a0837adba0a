import { describe, expect, it } from 'vitest'
import { cutByPrices } from '@engine/tasks/denoising/threshold'
import { cheapestCut, pricesOf } from '@shared/domain/prices'

describe('prices of errors', () => {
  it('cost 1 where only the other is named, and are none where neither is', () => {
    expect(pricesOf({})).toBeUndefined()
    expect(pricesOf({ missCost: 4 })).toEqual({ miss: 4, falseAlarm: 1 })
    expect(pricesOf({ falseAlarmCost: 3 })).toEqual({ miss: 1, falseAlarm: 3 })
  })

  it('cut probabilities where the expected cost is least', () => {
    for (const [miss, falseAlarm] of [
      [1, 1],
      [9, 1],
      [1, 4]
    ] as const) {
      const right = [0.05, 0.3, 0.55, 0.7, 0.85, 0.95]
      const cost = (cut: number): number =>
        right.reduce((sum, p) => sum + (p < cut ? p * falseAlarm : (1 - p) * miss), 0)
      const least = Math.min(...[0, ...right.map((p) => p + 0.01)].map(cost))
      expect(cost(cheapestCut({ miss, falseAlarm }))).toBeCloseTo(least, 12)
    }
  })

  it('leave the cut of scores that are no probabilities where both cost alike, and move it towards what is dear', () => {
    expect(cutByPrices(0.2, { miss: 2, falseAlarm: 2 })).toBeCloseTo(0.2, 12)
    expect(cutByPrices(0.2, { miss: 9, falseAlarm: 1 })).toBeGreaterThan(0.3)
    expect(cutByPrices(0.2, { miss: 1, falseAlarm: 9 })).toBeLessThan(0.12)
  })
})
