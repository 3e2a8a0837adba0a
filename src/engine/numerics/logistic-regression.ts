import { tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { computed } from '../tensors/computed'
import { matrixProduct } from '../tensors/kernels'
import { minimiseBlocks } from './block-lbfgs'

/** One multinomial logistic regression of several that share their rows. */
export interface LogisticProblem {
  /** How much each row counts, [rows]; 0 leaves it out. */
  readonly weights: Float32Array
  /** Inverse strength of the penalty, as scikit-learn's C: the loss is C sum w_i l_i + ||W||² / 2, biases free. */
  readonly c: number
}

export interface LogisticData {
  /** Row-major [rows, width]. */
  readonly features: Float32Array
  readonly labels: Int32Array
  readonly width: number
  readonly classes: number
}

/** Coefficients of several models, row-major [models, width + 1, classes]; the last row of each is its bias. */
export type LogisticModels = Float32Array

const ITERATIONS = 60
/** Of the mean loss a row. */
const TOLERANCE = 1e-3
/** Logits held at once: rows are taken in blocks. */
const MOST_LOGITS = 1 << 23

/**
 * Solved together by L-BFGS: the products with the features, which cost most, are made once for all.
 * @param start coefficients to start from; zeros where left out
 */
export function fitLogistic(
  data: LogisticData,
  problems: readonly LogisticProblem[],
  start?: LogisticModels,
  iterations = ITERATIONS
): LogisticModels {
  const { width, classes } = data
  const size = (width + 1) * classes
  const blocks = new FeatureBlocks(data, problems.length * classes)
  const totals = problems.map(({ weights }) => weights.reduce((sum, weight) => sum + weight, 0))
  const gradient = new Float32Array(problems.length * size)
  try {
    return minimiseBlocks(
      (x) => {
        const values = new Float64Array(problems.length)
        gradient.fill(0)
        blocks.each(
          x,
          (logits, from, rows) => {
            residuals(logits, from, rows, data, problems, values, totals)
            return logits
          },
          gradient
        )
        problems.forEach(({ c }, p) => {
          const ridge = 1 / (c * totals[p]!)
          const base = p * size
          for (let i = 0; i < width * classes; i++) {
            const w = x[base + i]!
            values[p]! += (ridge / 2) * w * w
            gradient[base + i]! += ridge * w
          }
        })
        return { values, gradient }
      },
      start ?? new Float32Array(problems.length * size),
      problems.length,
      { iterations, tolerance: TOLERANCE }
    ).x
  } finally {
    blocks.dispose()
  }
}

/** Logits become w (softmax - one-hot) / total, in place; losses are added. [rows, problems, classes] */
function residuals(
  logits: Float32Array,
  from: number,
  rows: number,
  { labels, classes }: LogisticData,
  problems: readonly LogisticProblem[],
  values: Float64Array,
  totals: readonly number[]
): void {
  for (let i = 0; i < rows; i++) {
    const label = labels[from + i]!
    problems.forEach(({ weights }, p) => {
      const base = (i * problems.length + p) * classes
      const weight = weights[from + i]! / totals[p]!
      if (weight === 0) {
        logits.fill(0, base, base + classes)
        return
      }
      const own = logits[base + label]!
      const total = softmaxInPlace(logits, base, classes)
      values[p]! += weight * (total - own)
      for (let k = 0; k < classes; k++) logits[base + k]! *= weight
      logits[base + label]! -= weight
    })
  }
}

/** @returns the logarithm of the sum of exponentials */
function softmaxInPlace(values: Float32Array, base: number, classes: number): number {
  let most = -Infinity
  for (let k = 0; k < classes; k++) most = Math.max(most, values[base + k]!)
  let sum = 0
  for (let k = 0; k < classes; k++) {
    const value = Math.exp(values[base + k]! - most)
    values[base + k] = value
    sum += value
  }
  for (let k = 0; k < classes; k++) values[base + k]! /= sum
  return most + Math.log(sum)
}

/** Class probabilities of every row by every model, row-major [rows, models, classes]. */
export function logisticProbabilities(data: LogisticData, models: LogisticModels): Float32Array {
  const { width, classes } = data
  const count = models.length / ((width + 1) * classes)
  const blocks = new FeatureBlocks(data, count * classes)
  const out = new Float32Array((data.features.length / width) * count * classes)
  try {
    blocks.each(models, (logits, from) => {
      for (let base = 0; base < logits.length; base += classes) softmaxInPlace(logits, base, classes)
      out.set(logits, from * count * classes)
      return undefined
    })
  } finally {
    blocks.dispose()
  }
  return out
}

/** The features with a constant beside them, in blocks of rows on the device. */
class FeatureBlocks {
  readonly #blocks: { x: Tensor2D; from: number; rows: number }[] = []
  readonly #width: number
  readonly #classes: number

  constructor({ features, width, classes }: LogisticData, outputs: number) {
    this.#width = width + 1
    this.#classes = classes
    const count = features.length / width
    const most = Math.max(1, Math.floor(MOST_LOGITS / outputs))
    for (let from = 0; from < count; from += most) {
      const rows = Math.min(most, count - from)
      const values = new Float32Array(rows * (width + 1))
      for (let i = 0; i < rows; i++) {
        values.set(features.subarray((from + i) * width, (from + i + 1) * width), i * (width + 1))
        values[i * (width + 1) + width] = 1
      }
      this.#blocks.push({ x: tensor2d(values, [rows, width + 1]), from, rows })
    }
  }

  /**
   * Logits of each block, [rows, models, classes]; what `use` makes of them goes back through the features into
   * `gradient`, [models, width + 1, classes].
   */
  each(
    models: LogisticModels,
    use: (logits: Float32Array, from: number, rows: number) => Float32Array | undefined,
    gradient?: Float32Array
  ): void {
    const count = models.length / (this.#width * this.#classes)
    const w = tensor2d(this.#beside(models, count), [this.#width, count * this.#classes])
    for (const { x, from, rows } of this.#blocks) {
      const logits = computed(() => matrixProduct(x, w))
      const back = use(Float32Array.from(logits), from, rows)
      if (!back || !gradient) continue
      const product = computed(() => {
        const residual = tensor2d(back, [rows, count * this.#classes])
        return matrixProduct(x, residual, true)
      })
      this.#addUnrolled(product, count, gradient)
    }
    w.dispose()
  }

  /** [models, width, classes] as [width, models, classes] */
  #beside(models: Float32Array, count: number): Float32Array {
    const out = new Float32Array(models.length)
    const classes = this.#classes
    for (let m = 0; m < count; m++) {
      for (let j = 0; j < this.#width; j++) {
        const from = (m * this.#width + j) * classes
        out.set(models.subarray(from, from + classes), (j * count + m) * classes)
      }
    }
    return out
  }

  #addUnrolled(product: Float32Array, count: number, into: Float32Array): void {
    const classes = this.#classes
    for (let m = 0; m < count; m++) {
      for (let j = 0; j < this.#width; j++) {
        const to = (m * this.#width + j) * classes
        const from = (j * count + m) * classes
        for (let k = 0; k < classes; k++) into[to + k]! += product[from + k]!
      }
    }
  }

  dispose(): void {
    for (const { x } of this.#blocks) x.dispose()
  }
}
