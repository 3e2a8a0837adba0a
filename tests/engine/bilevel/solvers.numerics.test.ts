import { memory } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { APPROXIMATE_GRADIENT, SIGMA } from '@engine/bilevel/methods/approximate-gradient'
import { box, linearInequalities } from '@engine/bilevel/constraints'
import { F2SA } from '@engine/bilevel/methods/f2sa'
import { GRADIENT_DESCENT } from '@engine/bilevel/methods/gradient-descent'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { REVERSE_MODE } from '@engine/bilevel/methods/reverse-mode'
import type { Solver } from '@engine/bilevel/solver'
import type { MethodSettings } from '@engine/bilevel/methods/method'
import type { StepNumbers } from '@shared/domain/run-event'
import { VALUE_FUNCTION } from '@engine/bilevel/methods/value-function'
import { solverOf } from '@engine/bilevel/solver'
import { isComplete } from '@support/complete'
import { QuadraticProblem } from '@support/quadratic-problem'

type Make = (problem: QuadraticProblem, options?: Partial<MethodSettings>) => Solver<null>

const common: MethodSettings = { lowerSteps: 10, lrUpper: 0.02, lrLower: 0.02 }
const linear = { linearSteps: 10, lrLinear: 0.02, sigma: SIGMA }
const penalty = {
  ...PENALTY_DEFAULTS,
  gamma: 10,
  lambda: 1,
  epsilon0: 0.1,
  nu: 0,
  projectedStationarity: true
}
const growth = { gamma: 10, gammaGrowth: 1.005, gammaMax: 50, lrUpper: 0.005, lrLower: 0.005 }

/** Every solver with settings that suit problems of a few variables. */
const SOLVERS: Record<string, Make> = {
  penalty: (problem, options) => solverOf(problem, PENALTY, { ...penalty, ...common, ...options }),
  'approx-grad, adam': (problem, options) =>
    solverOf(problem, APPROXIMATE_GRADIENT, { ...common, ...linear, linearSolver: 'adam', ...options }),
  'approx-grad, cg': (problem, options) =>
    solverOf(problem, APPROXIMATE_GRADIENT, { ...common, ...linear, linearSolver: 'cg', ...options }),
  rmd: (problem, options) =>
    solverOf(problem, REVERSE_MODE, { ...common, lowerSteps: 30, lrLower: 0.3, ...options }),
  gd: (problem, options) => solverOf(problem, GRADIENT_DESCENT, { ...common, ...options }),
  'value-function': (problem, options) =>
    solverOf(problem, VALUE_FUNCTION, { ...common, ...growth, ...options }),
  f2sa: (problem, options) =>
    solverOf(problem, F2SA, { ...common, lrUpper: 0.005, lrLower: 0.4, gamma: 20, doubling: 100, ...options })
}

/** Whose u moves slowly, so that the follower keeps up. */
const SLOW = ['value-function', 'f2sa']

/** Large steps that end in none: from start to solution in few. RMD differentiates a descent whose rate stays. */
function annealed(name: string): { steps: number; options: Partial<MethodSettings> } {
  if (name === 'rmd') return { steps: 250, options: { lrUpper: 0.05 } }
  const steps = SLOW.includes(name) ? 350 : 200
  const lrUpper = SLOW.includes(name) ? 0.03 : 0.06
  return { steps, options: { lrUpper, ...(name === 'f2sa' ? {} : { lrLower: 0.06 }), horizon: steps } }
}

/** u* of (I + M'M) u = a + M'b by hand; GD ends where grad_u f = 0, at u = a. */
const PROBLEMS: Record<string, { make: () => QuadraticProblem; solution: number[] }> = {
  'as many upper as lower variables': {
    make: () =>
      new QuadraticProblem(
        [
          [1, 0.5],
          [0, 2]
        ],
        [1, -1],
        [2, 1]
      ),
    // [[2, 0.5], [0.5, 5.25]] u = [3, 2]
    solution: [(3 * 5.25 - 0.5 * 2) / 10.25, (2 * 2 - 0.5 * 3) / 10.25]
  },
  'one upper variable, a curved lower level': {
    make: () =>
      new QuadraticProblem([[1], [-1], [2]], [0.5], [1, 0, -1], {
        curvature: [
          [2, 0.5, 0],
          [0.5, 1, 0],
          [0, 0, 0.5]
        ]
      }),
    // (1 + 6) u = 0.5 + (1 - 2)
    solution: [-0.5 / 7]
  },
  'more upper than lower variables': {
    make: () => new QuadraticProblem([[1, 2, -1]], [1, 1, 1], [0]),
    // a - m (m'a - b) / (1 + m'm), m'a = 2
    solution: [1 - 2 / 7, 1 - 4 / 7, 1 + 2 / 7]
  }
}

/** One of them in turn, so that each is met by some. */
function problemsFor(name: string): string[] {
  const all = Object.keys(PROBLEMS)
  return isComplete ? all : [all[Object.keys(SOLVERS).indexOf(name) % all.length]!]
}

function run(solver: Solver<null>, steps: number): StepNumbers {
  let last: StepNumbers | undefined
  for (let i = 0; i < steps; i++) {
    const result = solver.step(null)
    if (!result.ok) throw new Error(result.divergence.sentence)
    last = result.report
  }
  return last!
}

/** Whose whole step is one program, which the native backend compiles. */
const COMPILED = ['penalty', 'gd', 'value-function']

/** Tensors of a few numbers: where ops run one by one, the backend on which one costs least. */
async function selectSuited(name: string): Promise<void> {
  await selectBackend(COMPILED.includes(name) ? 'native' : 'wasm')
}

beforeAll(() => selectSuited(''))

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
