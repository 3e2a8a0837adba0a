import { exampleSize } from '../../../shared/domain/dataset'
import type { FewShotSettings } from './settings'

/** Numbers and filters of the pictures and networks that were measured. */
const MEASURED = { size: 784, filters: 32 }
/** Seconds of a picture, with its backward pass, on two cores (docs/performance.md). */
const PICTURE = 5.5e-4

/** What each part costs, in pictures that pass the network. */
export function fewShotCosts(
  { size: { ways, shots, queries }, metaBatch, upperSteps, pretrain }: FewShotSettings,
  images: number
): Readonly<Record<'pretraining' | 'learning' | 'testing', number>> {
  return {
    pretraining: pretrain.epochs * images,
    // The features alone once, and once more with the backward pass; the heads' steps are small beside it.
    learning: 2 * upperSteps * metaBatch * ways * (shots + queries),
    testing: 2 * images
  }
}

/** Seconds of the complete run on two cores. */
export function fewShotSeconds(
  settings: FewShotSettings,
  { images, shape, filters }: { images: number; shape: readonly number[]; filters: number }
): number {
  const { pretraining, learning, testing } = fewShotCosts(settings, images)
  const scale = (exampleSize(shape) / MEASURED.size) * Math.max(0.3, filters / MEASURED.filters)
  return PICTURE * scale * (pretraining + learning + testing)
}
