import { describe, expect, test } from 'vitest'
import { queueOf } from '@renderer/features/datasets/trust-queue'
import { classKeys } from '@renderer/ui/class-keys'

describe('keys of classes', () => {
  test('digits keep their own, in whatever order they are named', () => {
    expect(classKeys(['0', '1', '2'])).toEqual(['0', '1', '2'])
    expect(classKeys(['7', '3'])).toEqual(['7', '3'])
  })

  test('others are counted from 1', () => {
    expect(classKeys(['cat', 'dog'])).toEqual(['1', '2'])
    expect(classKeys(['0', '1', '10'])).toEqual(['1', '2', '3'])
    expect(classKeys(Array.from({ length: 12 }, (_, k) => `class ${k}`))).toEqual([...'1234567890', 'q', 'w'])
  })

  test('no two classes share a key, and beyond the keys there is none', () => {
    const keys = classKeys(Array.from({ length: 40 }, (_, k) => `${k}`))
    const given = keys.filter((key) => key !== undefined)
    expect(keys).toHaveLength(40)
    expect(given).toHaveLength(29)
    expect(new Set(given).size).toBe(29)
    expect(keys.slice(29).every((key) => key === undefined)).toBe(true)
  })
})

describe('the queue of examples to check', () => {
  /** Ten examples: five of class 0, three of class 1, two of class 2. */
  const given = [0, 1, 0, 2, 0, 1, 0, 2, 0, 1]
  const all = given.map((_, row) => row)
  const none: ReadonlySet<number> = new Set()

  test('classes come in turn, so that it is balanced from the start', () => {
    const queue = queueOf(all, given, none, 0)
    expect(queue.map((row) => given[row])).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 0, 0])
    expect([...queue].sort((a, b) => a - b)).toEqual(all)
  })

  test('the same seed gives the same order, another one another', () => {
    expect(queueOf(all, given, none, 3)).toEqual(queueOf(all, given, none, 3))
    const orders = new Set([0, 1, 2, 3, 4].map((seed) => queueOf(all, given, none, seed).join()))
    expect(orders.size).toBeGreaterThan(1)
  })

  test('what is decided does not come again, and deciding does not shuffle the rest', () => {
    const before = queueOf(all, given, none, 1)
    const [first, second] = before as [number, number]
    const after = queueOf(all, given, new Set([first, second]), 1)
    expect(after).toHaveLength(8)
    for (const label of [0, 1, 2]) {
      const ofClass = (rows: readonly number[]): number[] => rows.filter((row) => given[row] === label)
      expect(ofClass(after)).toEqual(ofClass(before).filter((row) => row !== first && row !== second))
    }
    expect(queueOf(all, given, new Set(all), 1)).toEqual([])
  })

  test('only the candidates come, with labels of their own rows', () => {
    expect(queueOf([9, 3], given, none, 0).map((row) => given[row])).toEqual([1, 2])
    expect(queueOf([9, 3], given, none, 0)).toEqual([9, 3])
    expect(queueOf([], given, none, 0)).toEqual([])
  })
})
