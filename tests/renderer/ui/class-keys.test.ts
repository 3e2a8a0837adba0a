import { describe, expect, test } from 'vitest'
import { classesNamed, offeredClasses } from '@renderer/ui/class-keys'

const MANY = Array.from({ length: 200 }, (_, i) => `species ${i} of the ${i % 2 === 0 ? 'west' : 'east'}`)

describe('classes that have buttons', () => {
  test('are all of few, with their keys, whatever is likely', () => {
    expect(offeredClasses(['cat', 'dog'], [1])).toEqual([
      { label: 0, name: 'cat', key: '1' },
      { label: 1, name: 'dog', key: '2' }
    ])
    expect(offeredClasses(['7', '3'], []).map(({ key }) => key)).toEqual(['7', '3'])
  })

  test('are the likely ones of many, by the digits in their order, each once and at most nine', () => {
    const offered = offeredClasses(MANY, [150, 3, 150, ...Array.from({ length: 20 }, (_, i) => i + 20)])
    expect(offered.map(({ label, key }) => [label, key]).slice(0, 3)).toEqual([
      [150, '1'],
      [3, '2'],
      [20, '3']
    ])
    expect(offered).toHaveLength(9)
    expect(offered.at(-1)!.key).toBe('9')
  })
})

describe('classes by what is typed', () => {
  test('hold every word, in any order and case; those that begin with the first come first', () => {
    expect(classesNamed(MANY, 'WEST 199')).toEqual([])
    expect(classesNamed(MANY, 'east 199')).toEqual([199])
    expect(classesNamed(['red fox', 'fox', 'foxglove', 'ox'], 'fox')).toEqual([1, 2, 0])
    expect(classesNamed(['card_arrival', 'card_delivery_estimate'], 'card estimate')).toEqual([1])
    expect(classesNamed(MANY, ' ')).toHaveLength(200)
  })
})
