import { describe, expect, test } from 'vitest'
import { box, linearInequalities } from '@engine/bilevel/constraints'
import { isComplete } from '@support/complete'
import { QuadraticProblem } from '@support/quadratic-problem'
import { annealed, PROBLEMS, run, selectSuited, SOLVERS } from '@support/small-solvers'

describe('constraints on u', () => {
  const m = [
    [1, 0.5],
    [0, 2]
  ]
  const [a, b] = [
    [1, -1],
    [2, 1]
  ]

  // Projecting u is the solver's, not the method's.
  const boxed = isComplete
    ? Object.keys(SOLVERS).filter((name) => name !== 'gd')
    : ['penalty', 'approx-grad, cg']
  test.each(boxed)('%s stays in a box', async (name) => {
    await selectSuited(name)
    // With u_0 held at 1: 5.25 u_1 = 2 - 0.5 u_0.
    const problem = new QuadraticProblem(m, a, b, { project: box(-1, 1) })
    const { steps, options } = annealed(name)
    const solver = SOLVERS[name]!(problem, options)
    run(solver, steps)
    expect(solver.upper[0]).toBeCloseTo(1, 2)
    expect(solver.upper[1]).toBeCloseTo(1.5 / 5.25, 1.5)
    solver.dispose()
    problem.dispose()
  })

  test('Penalty meets an inequality with slack variables, and resumes with its multipliers', async () => {
    await selectSuited('penalty')
    // min 1/2 u'Qu - q'u with c'u <= d, c = (1, 1), d = 0.5 at the bound: u = Q^-1 (q - mu c).
    const problem = new QuadraticProblem(m, a, b, { constraints: linearInequalities([[1, 1]], [0.5]) })
    const [q00, q01, q11] = [2, 0.5, 5.25]
    const determinant = q00 * q11 - q01 * q01
    const inverse = (x: number, y: number): number[] => [
      (q11 * x - q01 * y) / determinant,
      (q00 * y - q01 * x) / determinant
    ]
    const [free, along] = [inverse(3, 2), inverse(1, 1)]
    const mu = (free[0]! + free[1]! - 0.5) / (along[0]! + along[1]!)
    expect(mu).toBeGreaterThan(0)
    const first = SOLVERS['penalty']!(problem, { horizon: 600 })
    run(first, 400)
    const solver = SOLVERS['penalty']!(problem, { horizon: 600 })
    solver.restore(first.save())
    expect(run(solver, 200).violation).toBeLessThan(0.01)
    expect(run(first, 200).violation).toBeLessThan(0.01)
    expect(solver.upper).toEqual(first.upper)
    expect(solver.upper[0]).toBeCloseTo(free[0]! - mu * along[0]!, 1.5)
    expect(solver.upper[1]).toBeCloseTo(free[1]! - mu * along[1]!, 1.5)
    first.dispose()
    solver.dispose()
    problem.dispose()
  })

  test('an inequality that does not bind changes nothing', async () => {
    await selectSuited('penalty')
    const problem = new QuadraticProblem(m, a, b, { constraints: linearInequalities([[1, 1]], [50]) })
    const solver = SOLVERS['penalty']!(problem)
    expect(run(solver, 600).violation).toBe(0)
    PROBLEMS['as many upper as lower variables']!.solution.forEach((value, i) =>
      expect(solver.upper[i]).toBeCloseTo(value, 1.5)
    )
    solver.dispose()
    problem.dispose()
  })
})
