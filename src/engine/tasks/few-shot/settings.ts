import type { FewShotSpec } from '../../../shared/domain/task-spec'
import type { PenaltySettings } from '../../bilevel/methods/penalty'
import { solverSettings } from '../shared/solver-settings'
import type { TrainingRecipe } from '../shared/classifier-training'
import type { EpisodeSize } from './episodes'

/** Every number a few-shot run uses, defaults filled in. */
export interface FewShotSettings {
  readonly size: EpisodeSize
  readonly metaBatch: number
  readonly upperSteps: number
  /** L2 strength of the heads while learning. */
  readonly headL2: number
  /** Length that every example's features are scaled to. */
  readonly featureLength: number
  readonly solver: PenaltySettings
  readonly pretrain: TrainingRecipe
  /** Share of the training classes that only choose the best step. */
  readonly heldBack: number
  readonly validationTasks: number
  /** Upper steps between two looks at the held-back classes. */
  readonly checkEvery: number
}

/**
 * Measured in docs/experiments.md ("Few-shot learning"). Heads regularised more strongly learn features that new
 * classes like less; those regularised weakly leave an ill-conditioned lower problem, whose variables are counted in
 * coordinates that undo this (head-coordinates.ts). There T steps, cheap ones since the features are computed once for
 * all of them, follow the lower problem under a gamma that is large beside f's curvature: a larger one is nearer to the
 * exact direction and takes more steps.
 */
export function fewShotSettings(spec: FewShotSpec, images: number): FewShotSettings {
  const metaBatch = spec.metaBatch ?? 8
  const upperSteps = spec.upperSteps ?? 400
  return {
    size: { ways: spec.ways, shots: spec.shots, queries: spec.queries },
    metaBatch,
    upperSteps,
    headL2: spec.headL2 ?? 0.01,
    featureLength: 4.5,
    solver: solverSettings(spec, {
      lowerSteps: spec.method === 'penalty' ? 120 : 40,
      lrUpper: 1e-3,
      lrLower: 2e-3,
      gamma: 400,
      lambda: 1,
      // The multipliers belong to heads, and every step has other tasks with other heads: the schedule rests.
      epsilon0: 1e-6,
      nu: 0,
      horizon: upperSteps
    }),
    pretrain: {
      epochs: spec.pretrainEpochs ?? Math.max(2, Math.ceil(100_000 / Math.max(images, 1))),
      batchSize: 64,
      learningRate: 2e-3,
      l2: 0
    },
    heldBack: 0.2,
    validationTasks: 200,
    checkEvery: Math.max(1, Math.ceil(upperSteps / 16))
  }
}
