import { badInput } from '../../shared/domain/failure'
import type { Method } from '../../shared/domain/task-spec'
import { PenaltySolver } from '../bilevel/penalty'
import type { PenaltySettings } from '../bilevel/penalty'
import type { BilevelProblem } from '../bilevel/problem'
import type { BilevelSolver } from '../bilevel/solver'

/** Options of single methods that a spec may carry. */
export interface MethodOptions {
  readonly linearSolver?: 'adam' | 'cg'
}

/** The solver that a spec names. @throws Failure bad-input for a method that is not built yet */
export function buildSolver<B>(
  method: Method,
  problem: BilevelProblem<B>,
  settings: PenaltySettings,
  _options: MethodOptions
): BilevelSolver<B> {
  switch (method) {
    case 'penalty':
      return new PenaltySolver(problem, settings)
    default:
      throw badInput(`The method "${method}" is not available for this task.`, 'Take --method penalty.')
  }
}
