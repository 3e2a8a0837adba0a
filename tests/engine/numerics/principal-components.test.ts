import { expect, it } from 'vitest'
import { principalComponents, project } from '@engine/numerics/principal-components'
import { Random } from '@shared/numerics/random'

/** Rows that spread 9 along (3, 4, 0) / 5, 2 along (4, -3, 0) / 5, and not along the third axis. */
function spread(count: number): { values: Float32Array; count: number; width: number } {
  const random = Random.derive(3, 'spread')
  const values = new Float32Array(3 * count)
  for (let i = 0; i < count; i++) {
    const [a, b] = [9 * random.normal(), 2 * random.normal()]
    values.set([7 + 0.6 * a + 0.8 * b, 1 + 0.8 * a - 0.6 * b, 5], 3 * i)
  }
  return { values, count, width: 3 }
}

it('finds the directions of a known spread, the widest first, and its middle', () => {
  const components = principalComponents(spread(2000), 2, 0)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = components.directions
  expect(Math.abs(0.6 * a + 0.8 * b)).toBeCloseTo(1, 3)
  expect(Math.abs(0.8 * d - 0.6 * e)).toBeCloseTo(1, 3)
  expect([c, f].every((value) => Math.abs(value) < 1e-6)).toBe(true)
  expect(components.mean[2]).toBeCloseTo(5, 6)
})

it('keeps distances where nothing lies outside its directions', () => {
  const rows = spread(500)
  const flat = project(rows, principalComponents(rows, 2, 0))
  const distance = (of: Float32Array, width: number, a: number, b: number): number =>
    Math.hypot(...Array.from({ length: width }, (_, j) => of[a * width + j]! - of[b * width + j]!))
  for (const [a, b] of [
    [0, 1],
    [17, 400],
    [33, 34]
  ] as const)
    expect(distance(flat, 2, a, b)).toBeCloseTo(distance(rows.values, 3, a, b), 3)
})

it('gives a direction without variance nothing', () => {
  const components = principalComponents({ values: new Float32Array(30).fill(4), count: 10, width: 3 }, 3, 0)
  const flat = project({ values: new Float32Array([4, 4, 4]), count: 1, width: 3 }, components)
  for (const value of flat) expect(value).toBeCloseTo(0, 6)
})
