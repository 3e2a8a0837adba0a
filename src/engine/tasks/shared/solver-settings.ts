import { PENALTY_DEFAULTS } from '../../bilevel/methods/penalty'
import type { PenaltySettings } from '../../bilevel/methods/penalty'

/** Numbers of the solver that a spec may name. */
const ASKED = [
  'lowerSteps',
  'lrUpper',
  'lrLower',
  'gamma',
  'lambda',
  'epsilon0',
  'nu',
  'cGamma',
  'cLambda',
  'cEpsilon',
  'lrDecay'
] as const satisfies readonly (keyof PenaltySettings)[]

/**
 * Every number of the solver: as the spec says, else as was measured for the task, else the paper's.
 * @param measured the task's own defaults
 */
export function solverSettings(
  spec: Partial<Pick<PenaltySettings, (typeof ASKED)[number]>>,
  measured: Partial<PenaltySettings>
): PenaltySettings {
  const asked = ASKED.flatMap((name) => (spec[name] === undefined ? [] : [[name, spec[name]] as const]))
  return { ...PENALTY_DEFAULTS, ...measured, ...Object.fromEntries(asked) }
}
