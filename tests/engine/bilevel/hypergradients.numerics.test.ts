import { beforeAll, describe, expect, test } from 'vitest'
import { PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { QuadraticProblem } from '@support/quadratic-problem'
import { common, penalty, run, selectSuited, SOLVERS } from '@support/small-solvers'

beforeAll(() => selectSuited(''))

describe('hypergradients of one upper variable, where they can be written down', () => {
  const m = [1, -1, 2]
  const b = [1, 0, -1]
  /** u stays at 0, where dF/du = (u - a) + m'(m u - b). */
  const exact = -0.5 - m.reduce((total, value, i) => total + value * b[i]!, 0)
  const problem = (): QuadraticProblem =>
    new QuadraticProblem(
      m.map((value) => [value]),
      [0.5],
      b
    )
  const still = { lrUpper: 0 }

  test('Penalty misses the exact one by m(b - m u) / (gamma + 1), so it tends to it', () => {
    // Where grad_v h = 0: v = (gamma m u + b) / (gamma + 1).
    const missed = [1, 10, 100].map((gamma) => {
      const p = problem()
      const settings = { ...penalty, ...common, ...still, gamma, lambda: 0, epsilon0: 1e-9, lrLower: 0.002 }
      const solver = solverOf(p, PENALTY, settings)
      const { gradNormUpper } = run(solver, 150)
      solver.dispose()
      p.dispose()
      return Math.abs(exact) - gradNormUpper
    })
    const offset = Math.sign(exact) * m.reduce((total, value, i) => total + value * b[i]!, 0)
    missed.forEach((miss, i) => expect(miss).toBeCloseTo(-offset / (10 ** i + 1), 2))
    expect(Math.abs(missed[2]!)).toBeLessThan(0.02)
  })

  test('F2SA misses it by m(b - m u) / (lambda + 1), and lambda grows with the cube root of the step', () => {
    // Where y is the minimiser of f + lambda g: y = (lambda m u + b) / (lambda + 1).
    const offset = m.reduce((total, value, i) => total + value * b[i]!, 0)
    for (const gamma of [1, 10, 100]) {
      const p = problem()
      const solver = SOLVERS['f2sa']!(p, { ...still, lowerSteps: 60, gamma, doubling: 1e12 } as object)
      const missed = exact - Math.sign(exact) * run(solver, 10).gradNormUpper
      expect(missed).toBeCloseTo(-offset / (gamma + 1), 3)
      solver.dispose()
      p.dispose()
    }
    const p = problem()
    const solver = SOLVERS['f2sa']!(p, still)
    expect([run(solver, 1).gamma, run(solver, 100).gamma]).toEqual([20, 40])
    solver.dispose()
    p.dispose()
  })

  test.each([
    ['approx-grad, adam', 0.01],
    ['approx-grad, cg', 0.0001],
    ['rmd', 0.0001]
  ])('%s has the exact one', (name, tolerance) => {
    const p = problem()
    const solver = SOLVERS[name]!(p, { ...still, lowerSteps: 60 })
    const { gradNormUpper } = run(solver, 30)
    expect(Math.abs(gradNormUpper - Math.abs(exact))).toBeLessThan(tolerance)
    solver.dispose()
    p.dispose()
  })

  test('RMD of T steps is the derivative of the unrolled map, not of its limit', () => {
    // v_T = m u + (1 - lr)^T (v_0 - m u), so dv_T/du = m (1 - (1 - lr)^T).
    const p = problem()
    const [lr, T] = [0.3, 3]
    const solver = SOLVERS['rmd']!(p, { ...still, lrLower: lr, lowerSteps: T })
    const { gradNormUpper } = run(solver, 1)
    const shrink = (1 - lr) ** T
    const unrolled = m.reduce(
      (total, value, i) => total + value * (1 - shrink) * (shrink * 0.5 - b[i]!),
      -0.5
    )
    expect(gradNormUpper).toBeCloseTo(Math.abs(unrolled), 4)
    solver.dispose()
    p.dispose()
  })
})
