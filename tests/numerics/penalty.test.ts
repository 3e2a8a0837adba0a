import { add, mul, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PenaltySolver } from '@engine/bilevel/penalty'
import { QuadraticProblem } from '../support/quadratic-problem'

const problem = (): QuadraticProblem =>
  new QuadraticProblem(
    [
      [1, 0.5],
      [0, 2]
    ],
    [1, -1],
    [2, 1]
  )
// (I + M'M) u = a + M'b: [[2, 0.5], [0.5, 5.25]] u = [3, 2].
const SOLUTION = [(3 * 5.25 - 0.5 * 2) / 10.25, (2 * 2 - 0.5 * 3) / 10.25]

const settings = {
  ...PENALTY_DEFAULTS,
  lowerSteps: 10,
  lrUpper: 0.01,
  lrLower: 0.01,
  gamma: 10,
  lambda: 10,
  epsilon0: 0.1,
  nu: 0
}

describe('Penalty', () => {
  beforeAll(async () => {
    await selectBackend('auto')
  })

  test('finds the known solution of a quadratic bilevel problem, and reports the schedule on the way', () => {
    const solver = new PenaltySolver(problem(), settings)
    let last
    for (let i = 0; i < 3000; i++) {
      const result = solver.step(null)
      if (!result.ok) throw new Error(result.divergence.sentence)
      last = result.report
    }
    expect(solver.upper[0]).toBeCloseTo(SOLUTION[0]!, 1)
    expect(solver.upper[1]).toBeCloseTo(SOLUTION[1]!, 1)
    const v = solver.lower()
    expect(v[0]).toBeCloseTo(SOLUTION[0]! + 0.5 * SOLUTION[1]!, 1)
    expect(v[1]).toBeCloseTo(2 * SOLUTION[1]!, 1)
    expect(last!.gamma!).toBeGreaterThan(settings.gamma)
    expect(last!.lambda!).toBeLessThan(settings.lambda)
    expect(last!.eps!).toBeLessThan(settings.epsilon0)
    solver.dispose()
  })

  test('its hypergradient tends to the exact one as gamma grows', () => {
    // At a v with grad_v h = 0 and nu = lambda = 0: gamma (v - M u) = -(v - b), grad_u h = (u - a) - M' p.
    const u = [0.3, -0.2]
    const mu = [0.3 - 0.1, -0.4]
    const b = [2, 1]
    const exact = [0, 1].map((i) => {
      const residual = [mu[0]! - b[0]!, mu[1]! - b[1]!]
      const m = [
        [1, 0.5],
        [0, 2]
      ]
      return u[i]! - [1, -1][i]! + m[0]![i]! * residual[0]! + m[1]![i]! * residual[1]!
    })
    const errors = [1, 10, 100, 1000].map((gamma) => {
      const v = [0, 1].map((i) => (gamma * mu[i]! + b[i]!) / (gamma + 1))
      const gradient = tidy(() => {
        const p = problem()
        const point = { u: tensor1d(u), v: tensor1d(v) }
        const lower = p.lower(point)
        const { mixed } = lower.product(mul(lower.gradient, gamma) as Tensor1D, { mixed: true })
        return Array.from(add(p.upper(point).upperGradient!, mixed!).dataSync())
      })
      return Math.hypot(gradient[0]! - exact[0]!, gradient[1]! - exact[1]!)
    })
    errors.slice(1).forEach((error, i) => expect(error).toBeLessThan(errors[i]! / 4))
    expect(errors.at(-1)).toBeLessThan(0.01)
  })

  test('divergence is a result with a remedy, not an exception', () => {
    const solver = new PenaltySolver(problem(), { ...settings, lrLower: 1e8, lrUpper: 1e8, gamma: 1e6 })
    let divergence
    for (let i = 0; i < 200 && !divergence; i++) {
      const result = solver.step(null)
      if (!result.ok) divergence = result.divergence
    }
    expect(divergence).toMatchObject({ reason: expect.stringMatching(/exploded|not-finite/) as string })
    expect(divergence!.remedy).toMatch(/--lr-lower/)
    solver.dispose()
  })
})
