import { add, dispose, mul, square, sum, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import { rateInterval } from '../../../shared/numerics/rate-interval'
import type { Network } from '../../models/network'
import type { AttackGoal, GoalScore, GoalTrials } from './attack-goal'
import { goalScore } from './attack-goal'
import { minimiseBlocks } from '../../numerics/block-lbfgs'
import { classificationGradient } from '../shared/classification-gradient'
import { argMaxRows, predictProbabilities, trainClassifier } from '../shared/classifier-training'
import type { RowsOf, TrainingWatch } from '../shared/classifier-training'
import { victimRecipe } from './settings'
import { disposeBatch } from '../shared/resident-examples'
import type { LabelledBatch } from '../shared/resident-examples'

/** Examples of one evaluation; their features are on the device while a victim is trained. */
const CHUNK = 4000
/** Largest entry of the gradient at which float32 has no more to say. */
const TOLERANCE = 2e-5
const MOST_ITERATIONS = 200
/** Size of random first weights where zeros would make every seed alike. */
const SMALL = 0.01

/**
 * A victim: a classifier trained from scratch, as someone would who knows nothing of poisons. A linear model's
 * loss is convex and is minimised by L-BFGS on all examples; whatever the seed, that gives the same victim. Others
 * are trained with Adam on batches, dropout on.
 * @returns parameters, [layout.size]
 */
export async function trainVictim(
  network: Network,
  parts: readonly RowsOf[],
  l2: number,
  seed: number,
  watch: TrainingWatch = {}
): Promise<Float32Array> {
  const count = parts.reduce((total, { rows }) => total + rows.length, 0)
  if (network.name !== 'logistic') {
    return trainClassifier(network, parts, victimRecipe(network.name, count, l2), seed, watch)
  }
  const random = Random.derive(seed, 'victim')
  const start = Float32Array.from({ length: network.layout.size }, () => SMALL * random.normal())
  return minimiseConvex(network, parts, count, l2, start)
}

function minimiseConvex(
  network: Network,
  parts: readonly RowsOf[],
  count: number,
  l2: number,
  start: Float32Array
): Float32Array {
  const batches: LabelledBatch[] = []
  for (const { examples, rows } of parts) {
    for (let from = 0; from < rows.length; from += CHUNK) {
      batches.push(examples.batch(rows.subarray(from, from + CHUNK)))
    }
  }
  try {
    const evaluate = (flat: Float32Array): { values: ArrayLike<number>; gradient: Float32Array } => {
      const v = tensor1d(flat)
      const [value, gradient] = tidy(() => {
        let loss = mul(l2, sum(square(v))) as Scalar
        let slope = mul(v, 2 * l2) as Tensor1D
        for (const batch of batches) {
          const share = batch.x.shape[0]! / count
          const part = classificationGradient(network, v, batch)
          loss = add(loss, mul(part.value, share))
          slope = add(slope, mul(part.gradient, share))
        }
        return [loss, slope] as const
      })
      const result = { values: value.dataSync(), gradient: gradient.dataSync() as Float32Array }
      dispose([v, value, gradient])
      return result
    }
    return minimiseBlocks(evaluate, start, 1, { iterations: MOST_ITERATIONS, tolerance: TOLERANCE }).x
  } finally {
    batches.forEach(disposeBatch)
  }
}

/** How a victim does on a set, by what the attack is after. */
export function scoreVictim(
  network: Network,
  parameters: Float32Array,
  goal: AttackGoal,
  set: RowsOf
): GoalScore {
  const predicted = argMaxRows(predictProbabilities(network, parameters, set), network.outputSize)
  return goalScore(
    goal,
    set.rows.map((row) => set.examples.labels[row]!),
    predicted
  )
}

/** A rate over victims of several seeds, with a 95 % interval. */
export interface RateEstimate {
  /** Mean over the seeds. */
  readonly rate: number
  readonly low: number
  readonly high: number
  /** One rate a seed. */
  readonly seeds: readonly number[]
}

/** Estimates of the shares that the attack is after; undefined where nothing was tried. */
export function estimateScores(
  scores: readonly GoalScore[],
  trials: GoalTrials
): Partial<Record<keyof GoalScore, RateEstimate>> {
  const estimate = (name: keyof GoalScore): RateEstimate | undefined => {
    const seeds = scores.map((score) => score[name]).filter((rate) => rate !== undefined)
    return seeds.length === 0 ? undefined : { ...rateInterval(seeds, trials[name]), seeds }
  }
  return { accuracy: estimate('accuracy'), success: estimate('success'), other: estimate('other') }
}
