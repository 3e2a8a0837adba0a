import { exampleSize } from '../../../shared/domain/dataset'
import { takesTrees } from '../../evidence/tree-evidence'
import type { TrainingRecipe } from '../shared/classifier-training'
import { LOWER_STEP, stepSeconds } from '../shared/step-seconds'
import { shortened } from './confidence'
import { asksNetworkAlone, networkRecipe, rowsOfFold } from './network-folds'
import { hearsNetwork, OPINION_FOLDS } from './network-opinion'
import { FEWEST_TO_CHOOSE } from './recommendation'
import type { DenoisingSettings } from './settings'

export type DenoisingPhase = 'judging' | 'pretraining' | 'learning' | 'cross-validating' | 'comparing'

/** What the costs of a run follow from. */
export interface CostedRun {
  readonly model: string
  readonly settings: DenoisingSettings
  readonly sizes: { readonly train: number; readonly trusted: number }
  readonly shape: readonly number[]
  /** Products of one pass over the terms of texts (productsAsked); left out where there are none. */
  readonly texts?: number
  /** Whether a probability is given to each label before anything is learned. */
  readonly isJudged: boolean
  /** Whether there are examples to measure accuracy on. */
  readonly isTested: boolean
  /** Whether nothing is trusted: then only a classifier on what is kept follows. */
  readonly isFirstLook: boolean
}

/** Seconds of a row, by trees. */
const BY_TREES = 3.6e-4
/** Seconds of a product of terms of texts, in both passes over the labels. */
const BY_TEXTS = 1e-6
/** Seconds of a number of an example, by the linear classifiers of the evidence, and by those that are compared. */
const EVIDENCE = 1.6e-6
const SOLVED = 6e-7
const EVIDENCE_STARTS = 1

/**
 * Seconds that each phase takes on two cores (docs/performance.md, "Whether a run takes the time that was forecast"): so
 * the shares of a progress are shares of time, and the sum is a forecast before any run has ended here.
 */
export function phaseCosts(run: CostedRun): Readonly<Record<DenoisingPhase, number>> {
  const { settings, sizes, isJudged, isFirstLook } = run
  const all = sizes.train + sizes.trusted
  const final = settings.final(all)
  const training = (recipe: TrainingRecipe, count: number): number =>
    recipe.epochs * batchesOf(count, recipe.batchSize) * stepSeconds(run, recipe.batchSize)
  const numbers = all * exampleSize(run.shape)
  const compared = isSolved(run) ? SOLVED * numbers : training(final, all)
  const lowerSteps = settings.epochs * batchesOf(sizes.train, settings.batchSize) * settings.solver.lowerSteps
  const folds = settings.folds
  const isAlone = !isFirstLook && folds > 1 && asksNetworkAlone(run)
  return {
    judging: isAlone && !isJudged ? folds * training(...ofFold(run)) : judging(run, numbers, training),
    pretraining: isFirstLook || isSolved(run) ? 0 : training(settings.pretrain, sizes.trusted),
    learning: lowerSteps * LOWER_STEP * stepSeconds(run, settings.batchSize),
    'cross-validating': isJudged || isAlone || folds < 2 ? 0 : folds * training(...shortFold(run)),
    comparing: isFirstLook
      ? compared
      : isSolved(run)
        ? compared
        : trainings(run).large * compared +
          trainings(run).small * training(settings.final(sizes.trusted), sizes.trusted)
  }
}

/** Of these, what a run whose time is limited keeps time for: where it starts, and the classifier on what is kept. */
export function neededCosts(run: CostedRun): Readonly<Record<DenoisingPhase, number>> {
  const { comparing, pretraining } = phaseCosts(run)
  const { large, small } = trainings(run)
  const { settings, sizes, isFirstLook } = run
  const all = settings.final(sizes.train + sizes.trusted).epochs * (sizes.train + sizes.trusted)
  const alone = settings.final(sizes.trusted).epochs * sizes.trusted
  // To choose by, and to keep.
  const kept = Math.min(large, 2) * all
  const share = isFirstLook || isSolved(run) ? 1 : kept / (large * all + small * alone)
  return { judging: 0, pretraining, learning: 0, 'cross-validating': 0, comparing: share * comparing }
}

/** Whether classifiers are solved, not trained: linear ones that start at a probability. */
function isSolved({ isJudged, model }: CostedRun): boolean {
  return isJudged && model === 'logistic'
}

/** Examples that the trainings of a phase pass over: what its progress is counted in. */
export function phaseExamples(run: CostedRun): Readonly<Partial<Record<DenoisingPhase, number>>> {
  const { settings, sizes, isFirstLook } = run
  const { large, small } = trainings(run)
  const all = sizes.train + sizes.trusted
  const final = settings.final(all).epochs * all
  const [recipe, count] = ofFold(run)
  return {
    ...(run.isJudged ? {} : { judging: settings.folds * recipe.epochs * count }),
    pretraining: settings.pretrain.epochs * sizes.trusted,
    'cross-validating': settings.folds < 2 ? 0 : settings.folds * passedOver(shortFold(run)),
    comparing: isFirstLook
      ? final
      : large * final + small * settings.final(sizes.trusted).epochs * sizes.trusted
  }
}

/**
 * Trainings that are compared, on all examples and on the trusted ones: cleaned and as given, each to choose by and, where
 * somebody looks at it, to keep.
 */
function trainings({ settings, sizes, isTested }: CostedRun): { large: number; small: number } {
  const isChosen = Math.floor(settings.heldBack * sizes.trusted) >= FEWEST_TO_CHOOSE
  if (isTested) return { large: isChosen ? 4 : 2, small: 1 }
  return { large: isChosen ? 3 : 1, small: 0 }
}

type TrainingCost = (recipe: TrainingRecipe, count: number) => number

function judging(run: CostedRun, numbers: number, training: TrainingCost): number {
  const { shape, sizes, isJudged, isFirstLook } = run
  if (!isJudged) return 0
  const isAsked = !isFirstLook && hearsNetwork(run, shape)
  const trees = takesTrees({ width: exampleSize(shape) }) ? BY_TREES * sizes.train : 0
  const asked = isAsked ? opinion(run, sizes.train + sizes.trusted, training) : 0
  return EVIDENCE_STARTS + EVIDENCE * numbers + trees + asked + BY_TEXTS * (run.texts ?? 0)
}

/** Cross-validated, by a network that is trained for it. */
function opinion({ settings }: CostedRun, all: number, training: TrainingCost): number {
  const learned = Math.round((all * (OPINION_FOLDS - 1)) / OPINION_FOLDS)
  return OPINION_FOLDS * training(shortened(settings.final(learned)), learned)
}

/** The training of a fold by which a network alone judges, and on how many examples. */
function ofFold({ settings, sizes }: CostedRun): [TrainingRecipe, number] {
  const count = rowsOfFold(sizes.train, settings.folds) + sizes.trusted
  return [networkRecipe(settings.final(count)), count]
}

/** The training of a fold that only speaks of the labels as given, and on how many examples. */
function shortFold({ settings: { folds, final }, sizes }: CostedRun): [TrainingRecipe, number] {
  const count = Math.round((sizes.train * (folds - 1)) / folds) + sizes.trusted
  return [shortened(final(count)), count]
}

function passedOver([{ epochs }, count]: [TrainingRecipe, number]): number {
  return epochs * count
}

function batchesOf(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize)
}
