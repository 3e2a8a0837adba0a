import { badInput } from '../../../shared/domain/failure'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import type { PenaltySettings } from '../../bilevel/methods/penalty'
import { solverSettings } from '../shared/solver-settings'
import type { TrainingRecipe } from '../shared/classifier-training'
import type { VictimRecipe } from './feature-victims'
import type { PerturbationBound } from '../shared/perturbation'

/** Every number a clean-label attack uses, defaults filled in. */
export interface CleanLabelSettings {
  readonly targets: number
  /** Poisons for each target. */
  readonly poisons: number
  readonly upperSteps: number
  /** Training features in one lower step. */
  readonly batchSize: number
  readonly bound: PerturbationBound
  readonly beta: number
  readonly featureWeight: number
  readonly extractor: TrainingRecipe
  readonly victim: VictimRecipe
  readonly solver: PenaltySettings
}

/** The usual budget of published clean-label attacks on CIFAR. */
const DEFAULT_EPSILON = 16 / 255

/** Passes over the training images by which a small extractor nearly fits them. */
const EXTRACTOR_EPOCHS = 20
/** The smallest number of images worth a step of the extractor's training, and so the most steps. */
const EXTRACTOR_BATCH = 50

/**
 * Defaults measured in docs/experiments.md ("Clean-label poisoning"). Larger steps on fewer updates than the
 * authors' 200 of 0.01 find the same poisons; the victim is regularised as weakly as float32 allows, because an
 * attack by single examples needs one that fits every example.
 * @throws Failure bad-input for bounds outside 0..1
 */
export function cleanLabelSettings(spec: PoisoningSpec, train: number): CleanLabelSettings {
  const { epsilon, epsilonL2 } = spec
  if (epsilon !== undefined && epsilon > 1) {
    throw badInput(
      `--epsilon is ${epsilon}, but pixels lie in 0..1.`,
      'Give the largest change as a fraction: 16/255 is 0.06275; 1 sets no bound.'
    )
  }
  const linf = epsilon ?? (epsilonL2 === undefined ? DEFAULT_EPSILON : undefined)
  const bounded = linf !== undefined && linf < 1 ? linf : undefined
  return {
    targets: spec.targets ?? 50,
    poisons: spec.count ?? 1,
    upperSteps: spec.upperSteps ?? 100,
    batchSize: Math.min(spec.batchSize ?? 5000, train),
    bound: { linf: bounded, l2: epsilonL2 },
    beta: spec.beta ?? 0.01,
    featureWeight: 1,
    extractor: {
      epochs: spec.epochs ?? EXTRACTOR_EPOCHS,
      batchSize: EXTRACTOR_BATCH,
      learningRate: 1e-3,
      l2: 0
    },
    victim: { l2: spec.l2 ?? 1e-6, iterations: 300 },
    solver: solverSettings(spec, {
      lowerSteps: 5,
      // A third of the budget a step; without one, as far as one of 16/255 would go.
      lrUpper: Math.min(bounded ?? 1, DEFAULT_EPSILON) / 3,
      lrLower: 1e-3,
      gamma: 1,
      lambda: 1,
      epsilon0: 1,
      nu: 0
    })
  }
}
