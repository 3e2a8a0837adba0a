import {
  add,
  argMax,
  matMul,
  mul,
  reshape,
  square,
  sum,
  tensor,
  tidy,
  tile,
  transpose
} from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { CrossEntropy } from '../../models/cross-entropy'
import { oneHot } from '../../models/one-hot'
import { minimiseBlocks } from '../../numerics/block-lbfgs'

/** Training examples as features, and what one victim after the other adds to them. */
export interface VictimData {
  /** Features of the training examples, row-major [count, width]. */
  readonly features: Float32Array
  readonly labels: Int32Array
  readonly width: number
  readonly classes: number
}

/** What is added to the training examples of each of K victims. */
export interface VictimAdditions {
  readonly victims: number
  /** Features, row-major [victims * each, width]; each = features.length / victims / width, may be 0. */
  readonly features: Float32Array
  /** Labels, [victims * each] */
  readonly labels: Int32Array
  /** Training rows that a victim does not see, one list a victim: what its additions replace. */
  readonly without?: readonly Int32Array[]
}

export interface VictimRecipe {
  /** l2 ||v||², beside the mean cross-entropy. */
  readonly l2: number
  readonly iterations: number
}

export interface TrainedVictims {
  /** Row-major [victims, width, classes]. */
  readonly heads: Float32Array
  /** Share of its own training examples that each victim gets right. */
  readonly trainAccuracy: Float64Array
}

/** Gradient entries below this change no prediction. */
const TOLERANCE = 1e-6

/**
 * Train linear victims from scratch, each on the training examples with its own additions:
 * mean cross-entropy + l2 |W|², convex, by L-BFGS from zero.
 */
export function trainVictims(
  data: VictimData,
  additions: VictimAdditions,
  recipe: VictimRecipe
): TrainedVictims {
  const { width, classes } = data
  const { victims, without } = additions
  const count = data.labels.length
  const each = additions.labels.length / victims
  const features = tensor(data.features, [count, width])
  const targets = tidy(() =>
    reshape(tile(oneHot(data.labels, classes), [1, victims]), [count * victims, classes])
  ) as Tensor2D
  const own = each > 0 ? tensor(additions.features, [victims, each, width]) : undefined
  const ownTargets = each > 0 ? oneHot(additions.labels, classes) : undefined
  const seen = new Float32Array(count * victims).fill(1)
  without?.forEach((rows, k) => rows.forEach((row) => (seen[row * victims + k] = 0)))
  const sizes = Float32Array.from({ length: victims }, (_, k) => count - (without?.[k]?.length ?? 0) + each)
  const shares = tensor(
    seen.map((one, i) => one / sizes[i % victims]!),
    [count * victims, 1]
  )
  const ownShares = tensor(
    Float32Array.from({ length: victims * each }, (_, i) => 1 / sizes[Math.floor(i / each)]!),
    [victims * each, 1]
  )
  const lossOf = (flat: Float32Array): { train: CrossEntropy; added?: CrossEntropy } => {
    const heads = tensor(flat, [victims, width, classes])
    const side = reshape(transpose(heads, [1, 0, 2]), [width, victims * classes]) as Tensor2D
    const logits = reshape(matMul(features, side), [count * victims, classes]) as Tensor2D
    const train = new CrossEntropy(logits, targets)
    if (!own) return { train }
    const ownLogits = reshape(matMul(own, heads), [victims * each, classes]) as Tensor2D
    return { train, added: new CrossEntropy(ownLogits, ownTargets!) }
  }
  try {
    const minimum = minimiseBlocks(
      (flat) =>
        tidy(() => {
          const { train, added } = lossOf(flat)
          const residual = reshape(train.gradient(shares), [count, victims * classes])
          const side = reshape(matMul(features, residual, true), [width, victims, classes])
          const weighted = sum(reshape(mul(train.losses, reshape(shares, [-1])), [count, victims]), 0)
          let gradient = transpose(side, [1, 0, 2])
          let values = weighted
          if (added) {
            const back = reshape(added.gradient(ownShares), [victims, each, classes])
            gradient = add(gradient, matMul(own!, back, true))
            const losses = reshape(mul(added.losses, reshape(ownShares, [-1])), [victims, each])
            values = add(values, sum(losses, 1))
          }
          const heads = tensor(flat, [victims, width * classes])
          values = add(values, mul(sum(square(heads), 1), recipe.l2))
          const all = add(reshape(gradient, [victims, -1]), mul(heads, 2 * recipe.l2))
          return { values: values.dataSync(), gradient: all.dataSync() as Float32Array }
        }),
      new Float32Array(victims * width * classes),
      victims,
      { iterations: recipe.iterations, tolerance: TOLERANCE }
    )
    return { heads: minimum.x, trainAccuracy: trainAccuracy(minimum.x, data, additions, seen) }
  } finally {
    for (const each of [features, targets, own, ownTargets, shares, ownShares]) each?.dispose()
  }
}

/** Class that each victim predicts for each of its rows, [victims * rows of one]. @param features row-major */
export function predictEach(
  heads: Float32Array,
  features: Float32Array,
  victims: number,
  width: number
): Int32Array {
  const classes = heads.length / victims / width
  const each = features.length / victims / width
  return tidy(() => {
    const logits = matMul(tensor(features, [victims, each, width]), tensor(heads, [victims, width, classes]))
    return Int32Array.from(argMax(logits, 2).dataSync())
  })
}

/** Logits of one victim, row-major [rows, classes]. @param head row-major [width, classes] */
export function logitsOf(head: Float32Array, features: Float32Array, width: number): Float32Array {
  return tidy(() => {
    const w = tensor(head, [width, head.length / width])
    return Float32Array.from(matMul(tensor(features, [features.length / width, width]), w).dataSync())
  })
}

/** Class that every victim predicts for every row, [rows, victims]. */
export function predictAll(
  heads: Float32Array,
  features: Float32Array,
  victims: number,
  width: number
): Int32Array {
  const classes = heads.length / victims / width
  return tidy(() => {
    const side = reshape(transpose(tensor(heads, [victims, width, classes]), [1, 0, 2]), [
      width,
      -1
    ]) as Tensor2D
    const logits = matMul(tensor(features, [features.length / width, width]), side)
    return Int32Array.from(argMax(reshape(logits, [-1, victims, classes]), 2).dataSync())
  })
}

function trainAccuracy(
  heads: Float32Array,
  data: VictimData,
  additions: VictimAdditions,
  seen: Float32Array
): Float64Array {
  const { victims } = additions
  const predicted = predictAll(heads, data.features, victims, data.width)
  const right = new Float64Array(victims)
  const total = new Float64Array(victims)
  data.labels.forEach((label, row) => {
    for (let k = 0; k < victims; k++) {
      if (seen[row * victims + k] === 0) continue
      total[k]!++
      right[k]! += Number(predicted[row * victims + k] === label)
    }
  })
  if (additions.labels.length > 0) {
    const each = additions.labels.length / victims
    predictEach(heads, additions.features, victims, data.width).forEach((label, i) => {
      const k = Math.floor(i / each)
      total[k]!++
      right[k]! += Number(label === additions.labels[i])
    })
  }
  return right.map((count, k) => count / total[k]!)
}
