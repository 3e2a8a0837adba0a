import { describe, expect, test } from 'vitest'
import { inClassWords, mostUnusualFirst, unusualness } from '@renderer/features/review/cell-words'
import type { CellInClass, JudgedCell } from '@shared/domain/table-view'

const cell = (name: string, rarity: number | null): JudgedCell => ({
  name,
  text: '1',
  role: 'number',
  isFeature: true,
  given: rarity === null ? null : { rarity, share: rarity, numbers: null },
  suggested: null
})

describe('the cells of a row', () => {
  test('come with the most unusual first; those that cannot be judged last', () => {
    const order = mostUnusualFirst([cell('a', null), cell('b', 0.5), cell('c', 0.001), cell('d', 0.05)])
    expect(order.map(({ name }) => name)).toEqual(['c', 'd', 'b', 'a'])
    expect(order.map(unusualness)).toEqual(['striking', 'unusual', 'usual', 'usual'])
  })

  test('are told beside their class', () => {
    const among = (lower: number, share: number): CellInClass => ({
      rarity: 0.1,
      share,
      numbers: { lower, low: 21, median: 35, high: 60 }
    })
    expect(inClassWords(among(0.97, 0.01), 'number')).toBe('97.0 % lie lower; most have 21 to 60')
    expect(inClassWords(among(0.02, 0.03), 'number')).toBe('95.0 % lie higher; most have 21 to 60')
    expect(inClassWords({ rarity: 0.1, share: 0.012, numbers: null }, 'category')).toBe('1.2 % have it')
    expect(
      inClassWords({ rarity: 1, share: 1, numbers: { lower: 0, low: 0, median: 0, high: 0 } }, 'number')
    ).toBe('0.0 % lie higher; most have 0')
  })
})
