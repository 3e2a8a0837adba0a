import { LOWER_STEP, stepSeconds } from '../shared/step-seconds'
import type { HyperparameterSettings } from './settings'

/** Steps of a penalised training are cheaper than those that were measured, for they are compiled. */
const COMPILED = 0.75

/** Seconds of the complete run on two cores (docs/performance.md): a grid, the tuning, and what is trained to judge it. */
export function hyperparameterSeconds(
  { grid, training, upperSteps, checkEvery, batchSize, solver }: HyperparameterSettings,
  network: { readonly model: string; readonly shape: readonly number[] }
): number {
  const trainings = grid.length + 1 + Math.ceil(upperSteps / checkEvery) + 1
  const trained = trainings * training.steps * stepSeconds(network, training.batchSize)
  const tuned = upperSteps * (solver.lowerSteps + 1) * LOWER_STEP * stepSeconds(network, batchSize)
  return COMPILED * (trained + tuned)
}
