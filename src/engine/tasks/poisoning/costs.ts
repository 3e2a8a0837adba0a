import { exampleSize } from '../../../shared/domain/dataset'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { LOWER_STEP, stepSeconds } from '../shared/step-seconds'
import { poisoningSettings, victimRecipe } from './settings'

/** Seconds of a number of an example, where a linear victim is minimised (docs/performance.md). */
const MINIMISED = 1e-6
/** Sets that victims are trained on: clean, with label flips, poisoned. */
const SETS = 3
/** Of what crafting and judging take: a defence, as the progress counts it. */
const DEFENCE = 0.4

/** Seconds of the complete run on two cores: poisons of each number, victims on the way and at the end, a defence. */
export function poisoningSeconds(
  spec: PoisoningSpec,
  { count, shape }: { readonly count: number; readonly shape: readonly number[] }
): number {
  const {
    budgets,
    upperSteps,
    batchSize,
    checks,
    victimSeeds,
    solver,
    count: poisons
  } = poisoningSettings(spec, { train: count })
  const all = count + poisons
  const victim = (model: string): number => {
    if (model === 'logistic') return MINIMISED * all * exampleSize(shape)
    const { epochs, batchSize: batch } = victimRecipe(model, all, 0)
    return epochs * Math.ceil(all / batch) * stepSeconds({ model, shape }, batch)
  }
  const step = stepSeconds({ model: spec.model, shape }, Math.min(batchSize, count))
  const crafted = upperSteps * (solver.lowerSteps + 1) * LOWER_STEP * step + checks * victim(spec.model)
  const others = (spec.victims ?? []).filter((model) => model !== spec.model)
  const judged =
    victimSeeds *
    (SETS * [spec.model, ...others].reduce((total, model) => total + victim(model), 0) +
      (SETS - 1) * (budgets.length - 1) * victim(spec.model))
  return (1 + (spec.defend ? DEFENCE : 0)) * (budgets.length * crafted + judged)
}
