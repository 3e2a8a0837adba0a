import { memory } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { QuadraticProblem } from '@support/quadratic-problem'
import { METHODS } from '@shared/domain/method'
import { annealed, PROBLEMS, problemsFor, run, selectSuited, SOLVERS } from '@support/small-solvers'

beforeAll(() => selectSuited(''))

test.each(METHODS)('%s is among them', (method) => {
  expect(Object.keys(SOLVERS).map((name) => name.split(',')[0])).toContain(method)
})

describe.each(Object.keys(SOLVERS))('%s', (name) => {
  const make = SOLVERS[name]!
  beforeAll(() => selectSuited(name))

  test.each(problemsFor(name))('finds what it should find: %s', (which) => {
    const { make: problemOf, solution } = PROBLEMS[which]!
    const problem = problemOf()
    const { steps, options } = annealed(name)
    const solver = make(problem, options)
    run(solver, steps)
    const expected = name === 'gd' ? problem.a : solution
    expected.forEach((value, i) => expect(solver.upper[i]).toBeCloseTo(value, 1.5))
    const v = solver.lower()
    problem.m.forEach((row, k) => {
      const best = row.reduce((total, value, i) => total + value * expected[i]!, 0)
      expect(v[k]).toBeCloseTo(best, 1)
    })
    solver.dispose()
    problem.dispose()
  })

  test('continues from a saved state exactly, and is bound to no tensor of the first solver', () => {
    const problem = PROBLEMS['as many upper as lower variables']!.make()
    const first = make(problem)
    run(first, 7)
    const state = first.save()
    run(first, 5)
    const second = make(problem)
    run(second, 3)
    second.restore(state)
    const ofFirst = [first.upper.slice(), first.lower()]
    first.dispose()
    run(second, 5)
    expect([second.upper, second.lower()]).toEqual(ofFirst)
    second.dispose()
    problem.dispose()
  })

  test('anneals both rates along a half cosine, and resumes in the middle of it', () => {
    const problem = PROBLEMS['as many upper as lower variables']!.make()
    const rates = { lrUpper: 0.02, lrLower: 0.01, horizon: 10 }
    const first = make(problem, rates)
    expect(run(first, 1).lrUpper).toBeCloseTo(0.02, 6)
    run(first, 4)
    const second = make(problem, rates)
    second.restore(first.save())
    // After 5 of 10 steps: the half.
    expect(run(second, 1)).toMatchObject({
      lrUpper: expect.closeTo(0.01, 6) as number,
      lrLower: expect.closeTo(0.005, 6) as number
    })
    run(second, 4)
    const settled = second.upper.slice()
    run(second, 3)
    expect(second.upper).toEqual(settled)
    first.dispose()
    second.dispose()
    problem.dispose()
  })

  test('leaks no tensor', () => {
    const before = memory().numTensors
    const problem = PROBLEMS['one upper variable, a curved lower level']!.make()
    const solver = make(problem)
    run(solver, 2)
    const between = memory().numTensors
    run(solver, 5)
    solver.setLower(solver.lower())
    solver.restore(solver.save())
    expect(memory().numTensors).toBe(between)
    solver.dispose()
    problem.dispose()
    expect(memory().numTensors).toBe(before)
  })

  test('divergence is a result with a remedy, not an exception, and leaks nothing', () => {
    const problem = PROBLEMS['as many upper as lower variables']!.make()
    const before = memory().numTensors
    const solver = make(problem, { lrLower: 1e9, lrUpper: 1e9 })
    let divergence
    for (let i = 0; i < 200 && !divergence; i++) {
      const result = solver.step(null)
      if (!result.ok) divergence = result.divergence
    }
    expect(divergence!.reason).toMatch(/exploded|not-finite/)
    expect(divergence!.remedy).toMatch(/--lr-lower/)
    solver.dispose()
    expect(memory().numTensors).toBe(before)
    problem.dispose()
  })
})

test.each(Object.keys(SOLVERS).filter((name) => name !== 'f2sa'))(
  'where the lower minimiser is not unique, only the penalties choose the one that serves f: %s',
  async (name) => {
    await selectSuited(name)
    // g sees v_0 alone; f wants v_1 = 3. v starts at 0.5.
    const problem = new QuadraticProblem([[1], [0]], [1], [1, 3], {
      curvature: [
        [1, 0],
        [0, 0]
      ]
    })
    const solver = SOLVERS[name]!(problem)
    const chooses = ['penalty', 'value-function'].includes(name)
    // The others leave v_1 where it is, however long they go on.
    run(solver, chooses ? 600 : 30)
    const end = solver.lower()[1]!
    if (chooses) expect(end).toBeCloseTo(3, 1)
    else expect(end).toBe(0.5)
    solver.dispose()
    problem.dispose()
  }
)

test('memory against T: flat for Penalty and ApproxGrad, one more v a step for RMD', () => {
  const size = 500
  const bytes = (name: string, lowerSteps: number): number => {
    const rows = Array.from({ length: size }, (_, i) => [i / size])
    const problem = new QuadraticProblem(rows, [1], new Array<number>(size).fill(1))
    const solver = SOLVERS[name]!(problem, { lowerSteps })
    const before = memory().numBytes
    const { tensorBytes } = run(solver, 2)
    solver.dispose()
    problem.dispose()
    return tensorBytes! - before
  }
  for (const name of ['penalty', 'approx-grad, cg', 'gd', 'value-function']) {
    expect(bytes(name, 40)).toBe(bytes(name, 1))
  }
  expect(bytes('rmd', 40) - bytes('rmd', 10)).toBe(30 * size * 4)
})
