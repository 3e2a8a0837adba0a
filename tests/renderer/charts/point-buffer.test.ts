import { describe, expect, test } from 'vitest'
import { PointBuffer } from '@renderer/charts/point-buffer'

/** A buffer of this limit that was given x = 1, 2, ..., each with y = 10 x. */
function filled(limit: number, count: number): PointBuffer {
  const buffer = new PointBuffer(limit)
  for (let x = 1; x <= count; x++) buffer.add(x, 10 * x)
  return buffer
}

const xs = (buffer: PointBuffer): number[] => buffer.points().map(([x]) => x)

describe('the points of a growing series', () => {
  test('below the limit all are kept as they came', () => {
    expect(new PointBuffer(4).points()).toEqual([])
    expect(filled(4, 3).points()).toEqual([
      [1, 10],
      [2, 20],
      [3, 30]
    ])
  })

  test('at the limit every second one goes, and from then on every second new one', () => {
    expect(xs(filled(4, 4))).toEqual([1, 3, 4])
    expect(xs(filled(4, 5))).toEqual([1, 3, 5])
    expect(xs(filled(4, 6))).toEqual([1, 3, 6])
    expect(xs(filled(4, 7))).toEqual([1, 3, 6, 7])
    // Full again: every fourth from here on.
    expect(xs(filled(4, 8))).toEqual([1, 6, 8])
    expect(xs(filled(4, 11))).toEqual([1, 6, 11])
    expect(xs(filled(4, 12))).toEqual([1, 6, 12])
  })

  test('the newest is always shown, once, and keeps its value', () => {
    for (let count = 1; count < 70; count++) {
      const points = filled(8, count).points()
      expect(points.at(-1)).toEqual([count, 10 * count])
      expect(new Set(points.map(([x]) => x)).size).toBe(points.length)
    }
  })

  test('a run of any length costs the same, from its beginning to its end, evenly', () => {
    const buffer = filled(2000, 300_000)
    const points = buffer.points()
    expect(points.length).toBeGreaterThan(900)
    expect(points.length).toBeLessThanOrEqual(2000)
    expect(points[0]).toEqual([1, 10])
    const gaps = points.slice(1).map(([x], i) => x - points[i]![0])
    expect(Math.min(...gaps)).toBeGreaterThan(0)
    // 300,000 points in at most 2,000 places: every 256th, and no hole larger than two of them.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(512)
  })

  test('what it gives out is a copy', () => {
    const buffer = filled(10, 2)
    buffer.points().pop()
    expect(xs(buffer)).toEqual([1, 2])
  })
})
