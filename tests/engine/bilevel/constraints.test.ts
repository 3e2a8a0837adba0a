import { describe, expect, test } from 'vitest'
import {
  box,
  eachBlock,
  inTurn,
  l2Ball,
  linearInequalities,
  linfBall,
  simplex
} from '@engine/bilevel/constraints'
import type { Projection } from '@engine/bilevel/constraints'
import { SlackConstraints } from '@engine/bilevel/slack-constraints'
import { Random } from '@shared/numerics/random'

function projected(project: Projection, values: readonly number[]): number[] {
  const point = Float32Array.from(values)
  project(point)
  return Array.from(point)
}

const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(5)))

describe('projections with known answers', () => {
  test('box', () => {
    expect(projected(box(-1, 2), [-3, 0.5, 2, 7])).toEqual([-1, 0.5, 2, 2])
  })

  test('Linf ball around a centre', () => {
    expect(projected(linfBall([1, 1, 1], 0.5), [0, 1.25, 3])).toEqual([0.5, 1.25, 1.5])
  })

  test('L2 ball around a centre: outside along the ray, inside untouched', () => {
    expect(rounded(projected(l2Ball([1, 1], 5), [1 + 6, 1 + 8]))).toEqual([4, 5])
    expect(projected(l2Ball([1, 1], 5), [2, 3])).toEqual([2, 3])
  })

  test('simplex', () => {
    expect(rounded(projected(simplex(), [0.5, 0.25, 0.25]))).toEqual([0.5, 0.25, 0.25])
    expect(rounded(projected(simplex(), [2, 0, -1]))).toEqual([1, 0, 0])
    // theta = 0.3: 1.3 + 0.6 - 2 theta = 1.
    expect(rounded(projected(simplex(), [1, 0.6, -5]))).toEqual([0.7, 0.3, 0])
    expect(rounded(projected(simplex(6), [0, 0, 0]))).toEqual([2, 2, 2])
  })

  test('a ball for each block, then a box that holds the centres: in both', () => {
    const project = inTurn(
      eachBlock(2, (block) => l2Ball(block === 0 ? [0, 0] : [1, 1], 1)),
      box(0, 1)
    )
    expect(rounded(projected(project, [3, 4, 1, 0.5]))).toEqual([0.6, 0.8, 1, 0.5])
    expect(rounded(projected(project, [-3, 4, 7, 1]))).toEqual([0, 0.8, 1, 1])
  })
})

describe('what makes a projection one', () => {
  const SETS: Record<string, { project: Projection; contains: (point: readonly number[]) => boolean }> = {
    'L2 ball': {
      project: l2Ball([0.5, -1, 0, 2], 1),
      contains: ([a, b, c, d]) => Math.hypot(a! - 0.5, b! + 1, c!, d! - 2) <= 1 + 1e-5
    },
    'Linf ball': {
      project: linfBall([0.5, -1, 0, 2], 0.5),
      contains: (point) => point.every((value, i) => Math.abs(value - [0.5, -1, 0, 2][i]!) <= 0.5 + 1e-6)
    },
    simplex: {
      project: simplex(1),
      contains: (point) =>
        point.every((value) => value >= 0) && Math.abs(point.reduce((a, b) => a + b, 0) - 1) < 1e-5
    }
  }

  test.each(Object.keys(SETS))('%s: in the set, and no point of the set is nearer', (name) => {
    const { project, contains } = SETS[name]!
    const random = new Random(3)
    const draw = (): number[] => Array.from({ length: 4 }, () => 3 * random.normal())
    const distance = (a: readonly number[], b: readonly number[]): number =>
      Math.hypot(...a.map((value, i) => value - b[i]!))
    for (let trial = 0; trial < 100; trial++) {
      const point = draw()
      const nearest = projected(project, point)
      expect(contains(nearest)).toBe(true)
      const other = projected(project, draw())
      expect(distance(point, nearest)).toBeLessThanOrEqual(distance(point, other) + 1e-5)
      // The obtuse angle that tells the nearest point of a convex set.
      const angle = point.reduce(
        (total, value, i) => total + (value - nearest[i]!) * (other[i]! - nearest[i]!),
        0
      )
      expect(angle).toBeLessThan(1e-4)
    }
  })
})

describe('slack variables', () => {
  // h(u) = u_0 + 2 u_1 - 1
  const h = linearInequalities([[1, 2]], [1])

  test('no pull inside, gamma h along the normal outside', () => {
    const slack = new SlackConstraints(h)
    const inside = new Float32Array(2)
    expect(slack.add(Float32Array.of(0, 0), 10, inside, undefined)).toBe(0)
    expect(Array.from(inside)).toEqual([0, 0])
    const outside = new Float32Array(2)
    expect(slack.add(Float32Array.of(1, 1), 10, outside, undefined)).toBe(2)
    expect(Array.from(outside)).toEqual([20, 40])
  })

  test('the gradient is that of the penalty with the slack at its best', () => {
    const slack = new SlackConstraints(h)
    slack.multipliers[0] = 0.7
    const gamma = 3
    const value = (u: readonly number[]): number => {
      const hu = u[0]! + 2 * u[1]! - 1
      const square = Math.max(0, -hu - 0.7 / gamma)
      return 0.7 * (hu + square) + (gamma / 2) * (hu + square) ** 2
    }
    for (const u of [
      [0.5, 0.2],
      [1, 1],
      [-3, 0]
    ]) {
      const gradient = new Float32Array(2)
      slack.add(Float32Array.from(u), gamma, gradient, undefined)
      const numeric = [0, 1].map((i) => {
        const [up, down] = [1e-5, -1e-5].map((d) => value(u.map((x, k) => (k === i ? x + d : x))))
        return (up! - down!) / 2e-5
      })
      numeric.forEach((slope, i) => expect(gradient[i]).toBeCloseTo(slope, 3))
    }
  })

  test('only the entries of the batch are touched', () => {
    const slack = new SlackConstraints(h)
    const gradient = Float32Array.of(100)
    slack.add(Float32Array.of(1, 1), 10, gradient, Int32Array.of(1))
    expect(Array.from(gradient)).toEqual([140])
  })

  test('multipliers take over the pull and let go inside', () => {
    const slack = new SlackConstraints(h)
    slack.advance(Float32Array.of(1, 1), 10)
    expect(slack.multipliers[0]).toBe(20)
    slack.advance(Float32Array.of(-5, 0), 10)
    expect(slack.multipliers[0]).toBe(0)
  })
})
