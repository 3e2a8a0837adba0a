import { minimiseBlocks } from './block-lbfgs'
import type { LogisticModels, LogisticProblem } from './logistic-regression'
import { sparseCount } from './sparse-rows'
import type { SparseRows } from './sparse-rows'

export interface SparseData {
  readonly rows: SparseRows
  readonly labels: Int32Array
  readonly classes: number
}

/** Of the mean loss a row. */
const TOLERANCE = 1e-3

/**
 * Multinomial logistic regressions on sparse rows, solved together by L-BFGS as `fitLogistic` does on dense ones: the same
 * loss, C sum w_i l_i + ||W||² / 2 with biases free, and the same layout of coefficients.
 * @param start coefficients to start from; zeros where left out
 */
export function fitSparse(
  { rows, labels, classes }: SparseData,
  problems: readonly LogisticProblem[],
  start: LogisticModels | undefined,
  iterations: number
): LogisticModels {
  const size = (rows.width + 1) * classes
  const penalised = rows.width * classes
  const totals = problems.map(({ weights }) => weights.reduce((sum, weight) => sum + weight, 0))
  const models = new SideBySide(rows.width, problems.length, classes)
  const gradient = new Float32Array(problems.length * size)
  return minimiseBlocks(
    (x) => {
      const values = lossOf(rows, labels, models.set(x), (row, p) => problems[p]!.weights[row]! / totals[p]!)
      models.gradientInto(gradient)
      problems.forEach(({ c }, p) => {
        const ridge = 1 / (c * totals[p]!)
        for (let i = p * size; i < p * size + penalised; i++) {
          values[p]! += (ridge / 2) * x[i]! * x[i]!
          gradient[i]! += ridge * x[i]!
        }
      })
      return { values, gradient }
    },
    start ?? new Float32Array(problems.length * size),
    problems.length,
    { iterations, tolerance: TOLERANCE }
  ).x
}

/** Class probabilities of every row by every model, row-major [rows, models, classes]. */
export function sparseProbabilities(rows: SparseRows, models: LogisticModels, classes: number): Float32Array {
  const count = models.length / ((rows.width + 1) * classes)
  const sideBySide = new SideBySide(rows.width, count, classes).set(models)
  const all = count * classes
  const out = new Float32Array(sparseCount(rows) * all)
  const logits = new Float64Array(all)
  for (let row = 0; row < sparseCount(rows); row++) {
    logitsOf(rows, row, sideBySide.coefficients, logits)
    for (let from = 0; from < all; from += classes) softmax(logits, from, from + classes)
    out.set(logits, row * all)
  }
  return out
}

/** Coefficients of several models with those of a column beside one another, which is how rows meet them. */
class SideBySide {
  /** [width + 1, models * classes] */
  readonly coefficients: Float64Array
  readonly gradient: Float64Array

  constructor(
    readonly width: number,
    readonly models: number,
    readonly classes: number
  ) {
    this.coefficients = new Float64Array((width + 1) * models * classes)
    this.gradient = new Float64Array(this.coefficients.length)
  }

  /** @param x row-major [models, width + 1, classes] */
  set(x: Float32Array): this {
    this.#each((own, of) => (this.coefficients[own] = x[of]!))
    this.gradient.fill(0)
    return this
  }

  gradientInto(out: Float32Array): void {
    this.#each((own, of) => (out[of] = this.gradient[own]!))
  }

  #each(visit: (own: number, of: number) => void): void {
    const { width, models, classes } = this
    for (let m = 0; m < models; m++) {
      for (let j = 0; j <= width; j++) {
        const own = (j * models + m) * classes
        const of = (m * (width + 1) + j) * classes
        for (let k = 0; k < classes; k++) visit(own + k, of + k)
      }
    }
  }
}

/** Weighted losses of the models, whose gradients are added up beside their coefficients. */
function lossOf(
  rows: SparseRows,
  labels: Int32Array,
  { coefficients, gradient, models, classes, width }: SideBySide,
  weight: (row: number, model: number) => number
): Float64Array {
  const all = models * classes
  const residual = new Float64Array(all)
  const losses = new Float64Array(models)
  const biases = width * all
  const counts = new Float64Array(models)
  for (let row = 0; row < labels.length; row++) {
    for (let m = 0; m < models; m++) counts[m] = weight(row, m)
    if (counts.every((own) => own === 0)) continue
    logitsOf(rows, row, coefficients, residual)
    for (let m = 0; m < models; m++) {
      const from = m * classes
      const own = counts[m]!
      if (own === 0) {
        residual.fill(0, from, from + classes)
        continue
      }
      losses[m]! += own * softmax(residual, from, from + classes, labels[row]!)
      residual[from + labels[row]!]! -= 1
      for (let k = from; k < from + classes; k++) residual[k]! *= own
    }
    for (let k = 0; k < all; k++) gradient[biases + k]! += residual[k]!
    for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) {
      const value = rows.values[i]!
      const at = rows.columns[i]! * all
      for (let k = 0; k < all; k++) gradient[at + k]! += value * residual[k]!
    }
  }
  return losses
}

function logitsOf(
  { starts, columns, values, width }: SparseRows,
  row: number,
  coefficients: Float64Array,
  out: Float64Array
): void {
  const all = out.length
  for (let k = 0; k < all; k++) out[k] = coefficients[width * all + k]!
  for (let i = starts[row]!; i < starts[row + 1]!; i++) {
    const value = values[i]!
    const at = columns[i]! * all
    for (let k = 0; k < all; k++) out[k]! += value * coefficients[at + k]!
  }
}

/** Logits [from, to) become probabilities. @returns the cross-entropy of a label among them */
function softmax(values: Float64Array, from: number, to: number, label = 0): number {
  let most = -Infinity
  for (let k = from; k < to; k++) most = Math.max(most, values[k]!)
  let total = 0
  const own = values[from + label]! - most
  for (let k = from; k < to; k++) total += values[k] = Math.exp(values[k]! - most)
  for (let k = from; k < to; k++) values[k]! /= total
  return Math.log(total) - own
}
