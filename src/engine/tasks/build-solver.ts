import { badInput } from '../../shared/domain/failure'
import type { Method } from '../../shared/domain/task-spec'
import { ApproximateGradientSolver, SIGMA } from '../bilevel/approximate-gradient'
import { GradientDescentSolver } from '../bilevel/gradient-descent'
import { PenaltySolver } from '../bilevel/penalty'
import type { PenaltySettings } from '../bilevel/penalty'
import type { BilevelProblem } from '../bilevel/problem'
import { ReverseModeSolver } from '../bilevel/reverse-mode'
import type { BilevelSolver } from '../bilevel/solver'
import { VALUE_FUNCTION_DEFAULTS, ValueFunctionSolver } from '../bilevel/value-function'

/** What a spec may say about single methods; where it says nothing the method's own default holds. */
export interface MethodOptions {
  readonly linearSolver?: 'adam' | 'cg'
  readonly gamma?: number
  readonly lrLower?: number
}

/** RMD's steps on v are plain gradient steps: about this many times Adam's rate moves v as far. */
const PLAIN_RATE = 50

/**
 * The solver that a spec names.
 * @param settings Penalty's settings with the task's defaults filled in; the other methods share T and the
 *   learning rates
 * @param options the spec: what was asked for outright
 * @throws Failure bad-input where the method cannot take the problem's constraints
 */
export function buildSolver<B>(
  method: Method,
  problem: BilevelProblem<B>,
  settings: PenaltySettings,
  options: MethodOptions
): BilevelSolver<B> {
  if (problem.constraints && method !== 'penalty') {
    throw badInput(`The method "${method}" takes no inequality constraints.`, 'Take --method penalty.')
  }
  switch (method) {
    case 'penalty':
      return new PenaltySolver(problem, settings)
    case 'approx-grad':
      return new ApproximateGradientSolver(problem, {
        ...settings,
        linearSolver: options.linearSolver ?? 'cg',
        linearSteps: settings.lowerSteps,
        lrLinear: settings.lrLower,
        sigma: SIGMA
      })
    case 'rmd':
      return new ReverseModeSolver(problem, {
        ...settings,
        lrLower: options.lrLower ?? settings.lrLower * PLAIN_RATE
      })
    case 'gd':
      return new GradientDescentSolver(problem, settings)
    case 'value-function': {
      const gamma = options.gamma ?? VALUE_FUNCTION_DEFAULTS.gamma
      const gammaMax = Math.max(gamma, VALUE_FUNCTION_DEFAULTS.gammaMax)
      return new ValueFunctionSolver(problem, { ...settings, ...VALUE_FUNCTION_DEFAULTS, gamma, gammaMax })
    }
  }
}
