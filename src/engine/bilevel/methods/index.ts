import { badInput } from '../../../shared/domain/failure'
import type { Method as MethodName } from '../../../shared/domain/method'
import type { BilevelProblem } from '../problem'
import { solverOf } from '../solver'
import type { Solver } from '../solver'
import { APPROXIMATE_GRADIENT, SIGMA } from './approximate-gradient'
import { F2SA, F2SA_DEFAULTS } from './f2sa'
import { GRADIENT_DESCENT } from './gradient-descent'
import type { MethodDefinition, MethodSettings } from './method'
import { PENALTY } from './penalty'
import type { PenaltySettings } from './penalty'
import { REVERSE_MODE } from './reverse-mode'
import { VALUE_FUNCTION, VALUE_FUNCTION_DEFAULTS } from './value-function'

/** What a spec may say about single methods; where it says nothing the method's own default holds. */
export interface MethodOptions {
  readonly linearSolver?: 'adam' | 'cg'
  readonly gamma?: number
  readonly lrLower?: number
}

/** RMD's and F2SA's steps on v are plain gradient steps: about this many times Adam's rate moves v as far. */
const PLAIN_RATE = 50

/** One line a method: its settings from Penalty's, for which every task has defaults, and from the spec. */
export const METHODS = {
  penalty: entry(PENALTY, (settings) => settings),
  'approx-grad': entry(APPROXIMATE_GRADIENT, (settings, { linearSolver = 'cg' }) => ({
    ...settings,
    linearSolver,
    linearSteps: settings.lowerSteps,
    lrLinear: settings.lrLower,
    sigma: SIGMA
  })),
  rmd: entry(REVERSE_MODE, (settings, { lrLower = settings.lrLower * PLAIN_RATE }) => ({
    ...settings,
    lrLower
  })),
  gd: entry(GRADIENT_DESCENT, (settings) => settings),
  'value-function': entry(VALUE_FUNCTION, (settings, { gamma = VALUE_FUNCTION_DEFAULTS.gamma }) => ({
    ...settings,
    ...VALUE_FUNCTION_DEFAULTS,
    gamma,
    gammaMax: Math.max(gamma, VALUE_FUNCTION_DEFAULTS.gammaMax)
  })),
  f2sa: entry(F2SA, (settings, { gamma = F2SA_DEFAULTS.gamma, lrLower = settings.lrLower * PLAIN_RATE }) => ({
    ...settings,
    ...F2SA_DEFAULTS,
    gamma,
    lrLower
  }))
} satisfies Record<MethodName, MethodEntry>

interface MethodEntry {
  readonly takesConstraints: boolean
  readonly hasFollower: boolean
  solver<B>(problem: BilevelProblem<B>, settings: PenaltySettings, options: MethodOptions): Solver<B>
}

function entry<Settings extends MethodSettings>(
  definition: MethodDefinition<Settings>,
  settingsOf: (settings: PenaltySettings, options: MethodOptions) => Settings
): MethodEntry {
  return {
    takesConstraints: definition.takesConstraints ?? false,
    hasFollower: definition.hasFollower ?? false,
    solver: (problem, settings, options) => solverOf(problem, definition, settingsOf(settings, options))
  }
}

/**
 * The solver that a spec names.
 * @param settings Penalty's settings with the task's defaults filled in; the other methods share T and the
 *   learning rates
 * @param options the spec: what was asked for outright
 * @throws Failure bad-input where the method cannot take the problem's constraints
 */
export function buildSolver<B>(
  method: MethodName,
  problem: BilevelProblem<B>,
  settings: PenaltySettings,
  options: MethodOptions
): Solver<B> {
  const { takesConstraints, solver } = METHODS[method]
  if (problem.constraints && !takesConstraints) {
    throw badInput(`The method "${method}" takes no inequality constraints.`, 'Take --method penalty.')
  }
  return solver(problem, settings, options)
}
