import type { FeatureSpace } from './feature-space'
import { predictAll, predictEach, trainVictims } from './feature-victims'
import type { VictimAdditions, VictimData, VictimRecipe } from './feature-victims'
import type { CleanLabelTrial } from './trials'
import { perturbationSizes } from '../shared/perturbation'
import type { PerturbationSize } from '../shared/perturbation'

/** What retrained victims do with each target, and how far its poisons went. */
export interface TrialOutcome {
  /** Victim trained from scratch on the training data and the poisons: is the target read as their class? */
  readonly success: boolean
  /** The same with unperturbed copies of the bases in their place: what merely repeating them does. */
  readonly duplicateSuccess: boolean
  /** The same with the poisons in the place of their bases, as poisoning-benchmark does it. */
  readonly replacedSuccess: boolean
  readonly sizes: readonly PerturbationSize[]
  /** Mean squared feature distance to the target, of which 1 is that of two training examples on average. */
  readonly featureDistance: { readonly before: number; readonly after: number }
  /** L2 distance in pixels of the poison that came nearest to its target, to the target and to its base. */
  readonly pixelDistance: { readonly toTarget: number; readonly toBase: number }
  /** Some poison lies nearer to the target's image than to its base: it has become the target. */
  readonly becameTarget: boolean
}

export interface CleanLabelJudgement {
  readonly trials: readonly TrialOutcome[]
  /** Accuracy of the victims on examples that are no targets, mean over victims; null where there are none. */
  readonly testAccuracy: { readonly clean: number | null; readonly poisoned: number | null }
  /** Share of its training examples that a poisoned victim fits, mean over victims. */
  readonly trainAccuracy: number
  /** Share of the poisons that their victims read as labelled. */
  readonly poisonsFitted: number
}

export interface JudgementData {
  readonly space: FeatureSpace
  readonly data: VictimData
  readonly recipe: VictimRecipe
  /** Head of the clean victim, row-major [width, classes]. */
  readonly cleanHead: Float32Array
  readonly trials: readonly CleanLabelTrial[]
  /** Row-major [trials, width]. */
  readonly targetFeatures: Float32Array
  /** Target images, row-major [trials, size]. */
  readonly targetImages: Float32Array
  readonly bases: Float32Array
  readonly featureDistance: number
  /** Other examples to score the victims on. */
  readonly others: { readonly features: Float32Array; readonly labels: Int32Array }
}

/** Victims whose training features are multiplied at once: bounds the memory of their logits. */
const TOGETHER = 64

/**
 * Retrain victims from scratch on the poisons given, and on the controls.
 * @param images the poisons as exported, row-major [trials * poisons, size]
 */
export function judgeCleanLabel(images: Float32Array, about: JudgementData): CleanLabelJudgement {
  const { trials, space, data, bases } = about
  const each = bases.length / (about.targetImages.length || 1)
  const { width } = space
  const features = space.ofImages(images)
  const baseFeatures = space.ofImages(bases)
  const size = about.targetImages.length / trials.length
  const sizes = perturbationSizes(images, bases, size)
  const outcomes: TrialOutcome[] = []
  const totals = { right: 0, fitted: 0, train: 0 }
  for (let from = 0; from < trials.length; from += TOGETHER) {
    const part = trials.slice(from, from + TOGETHER)
    const targets = about.targetFeatures.subarray(from * width, (from + part.length) * width)
    const additions = (of: Float32Array, replace: boolean): VictimAdditions => ({
      victims: part.length,
      features: of.subarray(from * each * width, (from + part.length) * each * width),
      labels: Int32Array.from(
        { length: part.length * each },
        (_, i) => part[Math.floor(i / each)]!.poisonClass
      ),
      without: replace ? part.map((trial) => trial.bases) : undefined
    })
    const hits = (heads: Float32Array): boolean[] =>
      Array.from(
        predictEach(heads, targets, part.length, width),
        (label, k) => label === part[k]!.poisonClass
      )
    const own = additions(features, false)
    const poisoned = trainVictims(data, own, about.recipe)
    const success = hits(poisoned.heads)
    const duplicate = hits(trainVictims(data, additions(baseFeatures, false), about.recipe).heads)
    const replaced = hits(trainVictims(data, additions(features, true), about.recipe).heads)
    totals.train += poisoned.trainAccuracy.reduce((total, share) => total + share, 0)
    totals.right += rightOf(poisoned.heads, part.length, about)
    predictEach(poisoned.heads, own.features, part.length, width).forEach(
      (label, i) => (totals.fitted += Number(label === own.labels[i]))
    )
    part.forEach((_, k) => {
      const poisons = Array.from({ length: each }, (_, j) => (from + k) * each + j)
      const target = about.targetImages.subarray((from + k) * size, (from + k + 1) * size)
      const toTarget = poisons.map((i) => distance(images.subarray(i * size, (i + 1) * size), target))
      const closest = toTarget.indexOf(Math.min(...toTarget))
      const away = (of: Float32Array): number =>
        poisons.reduce((total, i) => total + squaredGap(of, i, about.targetFeatures, from + k, width), 0) /
        (each * about.featureDistance)
      outcomes.push({
        success: success[k]!,
        duplicateSuccess: duplicate[k]!,
        replacedSuccess: replaced[k]!,
        sizes: poisons.map((i) => sizes[i]!),
        featureDistance: { before: away(baseFeatures), after: away(features) },
        pixelDistance: { toTarget: toTarget[closest]!, toBase: sizes[poisons[closest]!]!.l2 },
        becameTarget: poisons.some((i, j) => toTarget[j]! < sizes[i]!.l2)
      })
    })
  }
  const scored = about.others.labels.length
  return {
    trials: outcomes,
    testAccuracy: {
      clean: scored ? rightOf(about.cleanHead, 1, about) / scored : null,
      poisoned: scored ? totals.right / (scored * trials.length) : null
    },
    trainAccuracy: totals.train / trials.length,
    poisonsFitted: totals.fitted / (trials.length * each)
  }
}

/** Right answers of all victims on the other examples. */
function rightOf(heads: Float32Array, victims: number, { others, space }: JudgementData): number {
  if (others.labels.length === 0) return 0
  const predicted = predictAll(heads, others.features, victims, space.width)
  return predicted.reduce(
    (total, label, i) => total + Number(label === others.labels[Math.floor(i / victims)]),
    0
  )
}

function squaredGap(a: Float32Array, i: number, b: Float32Array, k: number, width: number): number {
  let total = 0
  for (let at = 0; at < width; at++) total += (a[i * width + at]! - b[k * width + at]!) ** 2
  return total
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(squaredGap(a, 0, b, 0, a.length))
}
