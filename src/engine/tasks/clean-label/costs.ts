import { exampleSize } from '../../../shared/domain/dataset'
import type { CleanLabelSettings } from './settings'

/** One lower step on all heads costs about as much as this many images through the network. */
const LOWER_STEP_IMAGES = 20
/** Seconds of an image of so many numbers on two cores (docs/performance.md). */
const IMAGE = 6e-4
const MEASURED_SIZE = 784

/** What each part costs, in images that pass the network. */
export function cleanLabelCosts(
  { extractor, targets, poisons, upperSteps, solver }: CleanLabelSettings,
  train: number,
  otherVictims: number
): Readonly<Record<'representation' | 'crafting' | 'judging' | 'transfer', number>> {
  const training = extractor.epochs * train
  return {
    representation: training,
    crafting: upperSteps * (2 * targets * poisons + LOWER_STEP_IMAGES * solver.lowerSteps),
    judging: 200 * targets,
    transfer: 2 * otherVictims * training
  }
}

/** Seconds of the complete run on two cores. */
export function cleanLabelSeconds(
  settings: CleanLabelSettings,
  { train, shape, otherVictims }: { train: number; shape: readonly number[]; otherVictims: number }
): number {
  const costs = cleanLabelCosts(settings, train, otherVictims)
  const images = Object.values(costs).reduce((total, cost) => total + cost, 0)
  return IMAGE * Math.max(0.3, exampleSize(shape) / MEASURED_SIZE) * images
}
