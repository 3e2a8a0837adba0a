import { describe, expect, test } from 'vitest'
import { Random } from '@shared/numerics/random'
import { formatReference, parseReference } from '@shared/domain/reference'

describe('references', () => {
  test.for([
    ['photos.zip', [{ source: 'photos.zip' }]],
    ['data/mnist#train[0:5000]', [{ source: 'data/mnist', split: 'train', from: 0, to: 5000 }]],
    [
      'a#test+b[10:]',
      [
        { source: 'a', split: 'test' },
        { source: 'b', from: 10 }
      ]
    ],
    ['a[:7]', [{ source: 'a', to: 7 }]]
  ] as const)('%s', ([text, parts]) => {
    const parsed = parseReference(text)
    expect(parsed).toHaveLength(parts.length)
    parsed.forEach((part, i) => expect(part).toMatchObject(parts[i]!))
    expect(parseReference(formatReference(parsed))).toEqual(parsed)
  })

  test.for(['', 'a++b', '#train', 'a#', 'a[x:y]', 'a[5]', 'a[9:3]', 'a[2:2]'])('refuses "%s"', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })
})

describe('random numbers', () => {
  test('the same seed gives the same stream, and a saved state continues it', () => {
    const a = new Random(42)
    const b = new Random(42)
    const first = Array.from({ length: 10 }, () => a.uint32())
    expect(Array.from({ length: 10 }, () => b.uint32())).toEqual(first)
    const continued = new Random(a.state)
    expect(continued.uniform()).toBe(a.uniform())
    expect(new Random(43).uint32()).not.toBe(first[0])
    expect(Random.derive(1, 'x').uint32()).not.toBe(Random.derive(1, 'y').uint32())
  })

  test('uniform, normal and bounded draws have their moments', () => {
    const random = new Random(7)
    const draws = Array.from({ length: 20000 }, () => random.normal())
    const mean = draws.reduce((x, y) => x + y, 0) / draws.length
    const variance = draws.reduce((x, y) => x + y * y, 0) / draws.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
    const counts = [0, 0, 0]
    for (let i = 0; i < 30000; i++) counts[random.below(3)]! += 1
    for (const count of counts) expect(Math.abs(count - 10000)).toBeLessThan(400)
  })

  test('a permutation holds every number once', () => {
    const order = new Random(1).permutation(100)
    expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect([...order]).not.toEqual(Array.from({ length: 100 }, (_, i) => i))
  })
})
