import { selectBackend } from '@engine/backends'
import { APPROXIMATE_GRADIENT, SIGMA } from '@engine/bilevel/methods/approximate-gradient'
import { F2SA } from '@engine/bilevel/methods/f2sa'
import { GRADIENT_DESCENT } from '@engine/bilevel/methods/gradient-descent'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { REVERSE_MODE } from '@engine/bilevel/methods/reverse-mode'
import type { Solver } from '@engine/bilevel/solver'
import type { MethodSettings } from '@engine/bilevel/methods/method'
import type { StepNumbers } from '@shared/domain/run-event'
import { VALUE_FUNCTION } from '@engine/bilevel/methods/value-function'
import { solverOf } from '@engine/bilevel/solver'
import { isComplete } from './complete'
import { QuadraticProblem } from './quadratic-problem'

type Make = (problem: QuadraticProblem, options?: Partial<MethodSettings>) => Solver<null>

export const common: MethodSettings = { lowerSteps: 10, lrUpper: 0.02, lrLower: 0.02 }
const linear = { linearSteps: 10, lrLinear: 0.02, sigma: SIGMA }
export const penalty = {
  ...PENALTY_DEFAULTS,
  gamma: 10,
  lambda: 1,
  epsilon0: 0.1,
  nu: 0,
  projectedStationarity: true
}
const growth = { gamma: 10, gammaGrowth: 1.005, gammaMax: 50, lrUpper: 0.005, lrLower: 0.005 }

/** Every solver with settings that suit problems of a few variables. */
export const SOLVERS: Record<string, Make> = {
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
export function annealed(name: string): { steps: number; options: Partial<MethodSettings> } {
  if (name === 'rmd') return { steps: 250, options: { lrUpper: 0.05 } }
  const steps = SLOW.includes(name) ? 350 : 200
  const lrUpper = SLOW.includes(name) ? 0.03 : 0.06
  return { steps, options: { lrUpper, ...(name === 'f2sa' ? {} : { lrLower: 0.06 }), horizon: steps } }
}

/** u* of (I + M'M) u = a + M'b by hand; GD ends where grad_u f = 0, at u = a. */
export const PROBLEMS: Record<string, { make: () => QuadraticProblem; solution: number[] }> = {
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
export function problemsFor(name: string): string[] {
  const all = Object.keys(PROBLEMS)
  return isComplete ? all : [all[Object.keys(SOLVERS).indexOf(name) % all.length]!]
}

export function run(solver: Solver<null>, steps: number): StepNumbers {
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
export async function selectSuited(name: string): Promise<void> {
  await selectBackend(COMPILED.includes(name) ? 'native' : 'wasm')
}
