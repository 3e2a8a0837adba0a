import type { Method, PoisoningSpec } from '../../../shared/domain/task-spec'
import type { PenaltySettings } from '../../bilevel/methods/penalty'
import { solverSettings } from '../shared/solver-settings'
import type { TrainingRecipe } from '../shared/classifier-training'
import { classifierRecipe } from '../shared/classifier-recipe'

/** Every number an attack by added points uses, defaults filled in from attack, method, model and data. */
export interface PoisoningSettings {
  /** Poisons of the set that is written. */
  readonly count: number
  /** Counts of the budget curve, ascending, `count` among them; only that where no curve was asked for. */
  readonly budgets: readonly number[]
  readonly upperSteps: number
  /** Training examples, and validation examples, in one step. */
  readonly batchSize: number
  /** How often a victim is retrained on the way to choose the best poisons. */
  readonly checks: number
  readonly spareWeight: number
  readonly victimSeeds: number
  readonly solver: PenaltySettings
}

type Schedule = Pick<PenaltySettings, 'lowerSteps' | 'lrUpper' | 'lrLower' | 'gamma' | 'lambda'> & {
  readonly upperSteps: number
  /** Whether both learning rates fall to zero over the upper steps. */
  readonly anneals?: true
}

/**
 * Measured on MNIST in docs/experiments.md ("Poisoning: settings"). With large steps on v that fall to zero and with
 * T = 10 untargeted Penalty needs a tenth of the authors' 5,000 steps of T = 20: v follows at first, and rests where the
 * penalty holds it at last. A targeted f is small beside g, so v must follow g more closely: smaller steps on v, a larger
 * gamma; a deep model needs that for any f.
 */
function schedule(spec: PoisoningSpec): Schedule {
  const { method, model } = spec
  const targeted = spec.attack === 'targeted'
  const linear = model === 'logistic'
  const steps = (count: number): number =>
    linear ? count : Math.ceil(count * (model === 'mlp' ? 0.6 : 0.25))
  const plain = { gamma: 10, lambda: 100 }
  const linearPenalty: Schedule = targeted
    ? { lowerSteps: 10, lrUpper: 0.03, lrLower: 1e-4, gamma: 30, lambda: 10, upperSteps: 400 }
    : {
        lowerSteps: 10,
        lrUpper: 0.05,
        lrLower: 6e-3,
        gamma: 10,
        lambda: 30,
        upperSteps: 400,
        anneals: true
      }
  const firstOrder = { lowerSteps: 5, lrUpper: 0.05, lrLower: 1e-3, ...plain, upperSteps: steps(400) }
  const byMethod: Partial<Record<Method, Schedule>> = {
    penalty: linear
      ? linearPenalty
      : { lowerSteps: 20, lrUpper: 0.05, lrLower: 1e-4, gamma: 100, lambda: 1, upperSteps: steps(400) },
    'approx-grad': {
      lowerSteps: 20,
      lrUpper: 0.05,
      lrLower: linear ? 3e-3 : 1e-3,
      ...plain,
      upperSteps: linear ? 100 : 80
    },
    rmd: { lowerSteps: 20, lrUpper: 0.1, lrLower: 1e-3, ...plain, upperSteps: steps(200) },
    gd: { lowerSteps: 5, lrUpper: 0.1, lrLower: 1e-3, ...plain, upperSteps: steps(400) }
  }
  return byMethod[method] ?? firstOrder
}

/** Share of the training data that is poisoned unless --count says otherwise: the paper's 60 of 1,000. */
const DEFAULT_SHARE = 0.06

export function poisoningSettings(spec: PoisoningSpec, sizes: { train: number }): PoisoningSettings {
  const defaults = schedule(spec)
  const upperSteps = spec.upperSteps ?? defaults.upperSteps
  const convolutional = spec.model !== 'logistic' && spec.model !== 'mlp'
  const count =
    spec.count ??
    (spec.budgets ? Math.max(...spec.budgets) : Math.max(1, Math.round(DEFAULT_SHARE * sizes.train)))
  return {
    count,
    budgets: [...new Set([...(spec.budgets ?? []), count])].sort((a, b) => a - b),
    upperSteps,
    batchSize: spec.batchSize ?? (convolutional ? 100 : 2000),
    checks: spec.model === 'logistic' ? 12 : spec.model === 'mlp' ? 8 : 4,
    spareWeight: spec.spareOthers ?? 1,
    victimSeeds: spec.victimSeeds ?? 3,
    solver: solverSettings(spec, {
      lowerSteps: defaults.lowerSteps,
      lrUpper: defaults.lrUpper,
      lrLower: defaults.lrLower,
      gamma: defaults.gamma,
      lambda: defaults.lambda,
      epsilon0: 1,
      nu: 0,
      ...(defaults.anneals && { horizon: upperSteps })
    })
  }
}

/** Weight of ||v||²: in g of the attacked model, and in the training of every victim of that model. */
export function l2Of(model: string, spec: PoisoningSpec): number {
  if (model === spec.model && spec.l2 !== undefined) return spec.l2
  return model === 'logistic' || model === 'mlp' ? 0.005 : 1e-3
}

/** Training from scratch of a victim that has no convex loss. */
export function victimRecipe(model: string, count: number, l2: number): TrainingRecipe {
  return { ...classifierRecipe(model, count), l2 }
}
