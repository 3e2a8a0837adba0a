import { describe, expect, it } from 'vitest'
import { dealParts } from '@shared/domain/reviewer'
import { cohensKappa } from '@shared/numerics/kappa'
import { agreementWords } from '@shared/words/agreement'

const pairs = (counts: readonly (readonly [string, string, number])[]): [string, string][] =>
  counts.flatMap(([a, b, count]) => Array.from({ length: count }, (): [string, string] => [a, b]))

describe("Cohen's kappa", () => {
  it('is that of the textbook: 20 yes and 15 no together, 5 and 10 apart', () => {
    // Observed 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
    const { kappa, both, agreed } = cohensKappa(
      pairs([
        ['yes', 'yes', 20],
        ['yes', 'no', 5],
        ['no', 'yes', 10],
        ['no', 'no', 15]
      ])
    )
    expect({ both, agreed }).toEqual({ both: 50, agreed: 35 })
    expect(kappa).toBeCloseTo(0.4, 12)
  })

  it('is below 0 for those who disagree more than by chance, and 0 by chance alone', () => {
    expect(
      cohensKappa(
        pairs([
          ['a', 'b', 30],
          ['b', 'a', 30]
        ])
      ).kappa
    ).toBeCloseTo(-1, 12)
    expect(
      cohensKappa(
        pairs([
          ['a', 'a', 9],
          ['a', 'b', 9],
          ['b', 'a', 9],
          ['b', 'b', 9]
        ])
      ).kappa
    ).toBeCloseTo(0, 12)
  })

  it('has an interval from 20 examples on, which has a width also where all agree', () => {
    const all = (count: number): [string, string][] =>
      pairs([
        ['a', 'a', count],
        ['b', 'b', count]
      ])
    expect(cohensKappa(all(9)).interval).toBeNull()
    const { kappa, interval } = cohensKappa(all(10))
    expect(kappa).toBe(1)
    // Wilson's lower end for 20 of 20 is 1 / (1 + 1.96^2 / 20).
    expect(interval![0]).toBeCloseTo(2 / (1 + 1.959964 ** 2 / 20) - 1, 6)
    expect(interval![1]).toBeCloseTo(1, 12)
  })

  it('is none where both say one and the same of all, or nothing', () => {
    expect(cohensKappa(pairs([['a', 'a', 40]]))).toEqual({
      both: 40,
      agreed: 40,
      kappa: null,
      interval: null
    })
    expect(cohensKappa([])).toEqual({ both: 0, agreed: 0, kappa: null, interval: null })
    expect(cohensKappa(pairs([['a', 'b', 40]])).kappa).toBe(0)
  })

  it('is said with what it is of', () => {
    const of = { between: ['Ada', 'Ben'] as [string, string], both: 40, agreed: 32 }
    expect(agreementWords({ ...of, kappa: 0.6, interval: [0.3, 0.79] })).toBe(
      "Ada and Ben say the same of 32 of 40: Cohen's kappa 0.60 (95 % interval 0.30 to 0.79)."
    )
    expect(agreementWords({ ...of, kappa: 0.6, interval: null })).toContain('of too few for an interval')
    expect(agreementWords({ ...of, agreed: 40, kappa: null, interval: null })).toContain('there is no kappa')
  })
})

describe('dealing parts', () => {
  const ranked = [50, 40, 30, 20, 10, 0]

  it('deals one after the other, so that each part is as suspicious as the next', () => {
    expect(dealParts(ranked, { to: ['a', 'b'], count: 2, shared: 0 })).toEqual([
      [50, 30],
      [40, 20]
    ])
  })

  it('spreads what all get over the ranking', () => {
    expect(dealParts(ranked, { to: ['a', 'b'], count: 4, shared: 2 })).toEqual([
      [50, 40, 20, 10],
      [50, 30, 20, 0]
    ])
  })

  it('deals what there is, and shares no more than a part has', () => {
    expect(dealParts([7], { to: ['a', 'b'], count: 5, shared: 0 })).toEqual([[7], []])
    expect(dealParts(ranked, { to: ['a', 'b'], count: 3, shared: 100 })).toEqual([
      [50, 40, 30],
      [50, 40, 30]
    ])
    expect(dealParts([], { to: ['a'], count: 3, shared: 1 })).toEqual([[]])
  })
})
