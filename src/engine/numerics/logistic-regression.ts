import { mul, reshape, softmax, sum, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { computed, computedTogether } from '../tensors/computed'
import { matrixProduct, softmaxCrossEntropy } from '../tensors/kernels'
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
  const totals = problems.map(({ weights }) => weights.reduce((sum, weight) => sum + weight, 0))
  const blocks = new FeatureBlocks(data, problems.length, (row, p) => problems[p]!.weights[row]! / totals[p]!)
  const gradient = new Float32Array(problems.length * size)
  try {
    return minimiseBlocks(
      (x) => {
        gradient.fill(0)
        const values = blocks.loss(x, gradient)
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

/** The same model so many times, as a start. */
export function repeated(model: LogisticModels, times: number): LogisticModels {
  const out = new Float32Array(model.length * times)
  for (let i = 0; i < times; i++) out.set(model, i * model.length)
  return out
}

/** Class probabilities of every row by every model, row-major [rows, models, classes]. */
export function logisticProbabilities(data: LogisticData, models: LogisticModels): Float32Array {
  const blocks = new FeatureBlocks(data, models.length / ((data.width + 1) * data.classes))
  try {
    return blocks.probabilities(models)
  } finally {
    blocks.dispose()
  }
}

interface Block {
  /** Features with a constant beside them, [rows, width + 1]. */
  readonly x: Tensor2D
  /** Labels of a row for every model, [rows * models, classes]; only where weights are given. */
  readonly targets?: Tensor2D
  /** [rows * models, 1] */
  readonly weights?: Tensor2D
  readonly rows: number
}

/** The rows on the device, in blocks; models are judged side by side. */
class FeatureBlocks {
  readonly #blocks: Block[] = []
  readonly #width: number
  readonly #classes: number
  readonly #models: number

  /** @param weight how much a row counts for a model; left out where no loss is asked for */
  constructor(data: LogisticData, models: number, weight?: (row: number, model: number) => number) {
    const { features, width, classes } = data
    this.#width = width + 1
    this.#classes = classes
    this.#models = models
    const count = features.length / width
    const most = Math.max(1, Math.floor(MOST_LOGITS / (models * classes)))
    for (let from = 0; from < count; from += most) {
      const rows = Math.min(most, count - from)
      const values = new Float32Array(rows * (width + 1))
      for (let i = 0; i < rows; i++) {
        values.set(features.subarray((from + i) * width, (from + i + 1) * width), i * (width + 1))
        values[i * (width + 1) + width] = 1
      }
      const x = tensor2d(values, [rows, width + 1])
      this.#blocks.push(weight ? { x, rows, ...this.#aims(data, from, rows, weight) } : { x, rows })
    }
  }

  #aims(
    { labels }: LogisticData,
    from: number,
    rows: number,
    weight: (row: number, model: number) => number
  ): { targets: Tensor2D; weights: Tensor2D } {
    const models = this.#models
    const classes = this.#classes
    const targets = new Float32Array(rows * models * classes)
    const weights = new Float32Array(rows * models)
    for (let i = 0; i < rows; i++) {
      for (let m = 0; m < models; m++) {
        targets[(i * models + m) * classes + labels[from + i]!] = 1
        weights[i * models + m] = weight(from + i, m)
      }
    }
    return {
      targets: tensor2d(targets, [rows * models, classes]),
      weights: tensor2d(weights, [rows * models, 1])
    }
  }

  /**
   * Weighted losses of the models, [models].
   * @param gradient theirs is added to it, [models, width + 1, classes]
   */
  loss(models: LogisticModels, gradient: Float32Array): Float64Array {
    const count = this.#models
    const classes = this.#classes
    const values = new Float64Array(count)
    const w = this.#sideBySide(models)
    for (const { x, rows, targets, weights } of this.#blocks) {
      const [losses, product] = computedTogether(() => {
        const logits = reshape(matrixProduct(x, w), [rows * count, classes]) as Tensor2D
        const { losses, residual } = softmaxCrossEntropy(logits, targets!)
        const back = reshape(mul(residual, weights!), [rows, count * classes]) as Tensor2D
        const weighted = sum(reshape(mul(losses, reshape(weights!, [rows * count])), [rows, count]), 0)
        return [weighted, matrixProduct(x, back, true)]
      })
      losses!.forEach((loss, m) => (values[m]! += loss))
      this.#addModelByModel(product!, gradient)
    }
    w.dispose()
    return values
  }

  /** Row-major [rows, models, classes]. */
  probabilities(models: LogisticModels): Float32Array {
    const all = this.#blocks.reduce((total, { rows }) => total + rows, 0)
    const out = new Float32Array(all * this.#models * this.#classes)
    const w = this.#sideBySide(models)
    let at = 0
    for (const { x, rows } of this.#blocks) {
      const shares = computed(() =>
        softmax(reshape(matrixProduct(x, w), [rows * this.#models, this.#classes]))
      )
      out.set(shares, at)
      at += shares.length
    }
    w.dispose()
    return out
  }

  /** [models, width, classes] as [width, models * classes] */
  #sideBySide(models: Float32Array): Tensor2D {
    const count = this.#models
    const classes = this.#classes
    const out = new Float32Array(models.length)
    for (let m = 0; m < count; m++) {
      for (let j = 0; j < this.#width; j++) {
        const from = (m * this.#width + j) * classes
        out.set(models.subarray(from, from + classes), (j * count + m) * classes)
      }
    }
    return tensor2d(out, [this.#width, count * classes])
  }

  #addModelByModel(product: Float32Array, into: Float32Array): void {
    const count = this.#models
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
    for (const { x, targets, weights } of this.#blocks) {
      x.dispose()
      targets?.dispose()
      weights?.dispose()
    }
  }
}
