import { describe, expect, it } from 'vitest'
import {
  fitted,
  moved,
  nearestPoint,
  placeOf,
  pointsWithin,
  refitted,
  zoomed
} from '@renderer/charts/point-view'

const EXTENT = { width: 400, height: 300 }
const POINTS = Float32Array.from([0, 0, 10, 0, 10, 5, 0, 5, 5, 2.5])
const all = (): boolean => true

describe('the view of a map', () => {
  it('fits all points with a margin, without stretching them', () => {
    const view = fitted(POINTS, EXTENT)
    expect(view).toEqual({ x: 5, y: 2.5, scale: 35.2 })
    expect(placeOf(0, 5, view, EXTENT)).toEqual({ x: 200 - 5 * 35.2, y: 150 - 2.5 * 35.2 })
  })

  it('keeps what lies under the pointer there while it zooms', () => {
    const before = fitted(POINTS, EXTENT)
    const at = placeOf(10, 5, before, EXTENT)
    const after = zoomed(before, 3, at, EXTENT, before.scale)
    expect(after.scale).toBeCloseTo(3 * before.scale)
    const still = placeOf(10, 5, after, EXTENT)
    expect([still.x, still.y]).toEqual([expect.closeTo(at.x, 6), expect.closeTo(at.y, 6)])
  })

  it('shows all in a smaller window too where it showed all, and stays zoomed in where it was', () => {
    const before = fitted(POINTS, EXTENT)
    const narrow = { width: 200, height: 300 }
    const fit = { before: before.scale, now: fitted(POINTS, narrow).scale }
    expect(refitted(before, fit)).toEqual({ x: 5, y: 2.5, scale: expect.closeTo(fit.now, 9) as number })
    const corner = placeOf(0, 0, refitted(before, fit), narrow)
    expect(corner.x).toBeGreaterThan(0)
    const close = { x: 1, y: 1, scale: 4 * before.scale }
    expect(refitted(close, fit)).toEqual({ x: 1, y: 1, scale: expect.closeTo(4 * fit.now, 9) as number })
  })

  it('moves with the pointer', () => {
    const before = fitted(POINTS, EXTENT)
    const at = placeOf(5, 2.5, before, EXTENT)
    expect(placeOf(5, 2.5, moved(before, 30, -20), EXTENT)).toEqual({ x: at.x + 30, y: at.y - 20 })
  })

  it('finds the point under the pointer, and none that is hidden or too far', () => {
    const view = fitted(POINTS, EXTENT)
    const at = placeOf(10, 0, view, EXTENT)
    const near = { x: at.x + 3, y: at.y - 3 }
    expect(nearestPoint(POINTS, all, near, 10, view, EXTENT)).toBe(1)
    expect(nearestPoint(POINTS, (row) => row !== 1, near, 10, view, EXTENT)).toBe(-1)
    expect(nearestPoint(POINTS, all, { x: at.x + 40, y: at.y }, 10, view, EXTENT)).toBe(-1)
  })

  it('a line around points has those within, also where it is hollow', () => {
    const view = fitted(POINTS, EXTENT)
    const corner = (x: number, y: number) => placeOf(x, y, view, EXTENT)
    const square = [corner(-1, -1), corner(6, -1), corner(6, 6), corner(-1, 6)]
    expect(pointsWithin(POINTS, all, square, view, EXTENT)).toEqual([0, 3, 4])
    const hollow = [corner(-1, -1), corner(11, -1), corner(11, 6), corner(5, 1), corner(-1, 6)]
    expect(pointsWithin(POINTS, all, hollow, view, EXTENT)).toEqual([0, 1, 2, 3])
    // Circled twice, in either direction, is circled.
    const twice = [...square, ...square]
    expect(pointsWithin(POINTS, all, twice, view, EXTENT)).toEqual([0, 3, 4])
    expect(pointsWithin(POINTS, all, twice.toReversed(), view, EXTENT)).toEqual([0, 3, 4])
  })
})
