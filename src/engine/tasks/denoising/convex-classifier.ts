import { exampleSize } from '../../../shared/domain/dataset'
import { fitLogistic } from '../../numerics/logistic-regression'
import type { LogisticData } from '../../numerics/logistic-regression'
import type { RowsOf } from '../shared/classifier-training'

/** Rows of several sets, one after the other. */
export function rowsTogether(parts: readonly RowsOf[]): LogisticData {
  const { shape, classes } = parts[0]!.examples
  const width = exampleSize(shape)
  const count = parts.reduce((total, { rows }) => total + rows.length, 0)
  const features = new Float32Array(count * width)
  const labels = new Int32Array(count)
  let at = 0
  for (const { examples, rows } of parts) {
    features.set(examples.read(rows), at * width)
    labels.set(
      rows.map((row) => examples.labels[row]!),
      at
    )
    at += rows.length
  }
  return { features, labels, width, classes }
}

/**
 * Parameters of the logistic model on features, solved for instead of trained: kernel [width, classes], then bias.
 * @param c inverse strength of the penalty
 * @param weights how much each row counts, part after part; all alike where left out
 */
export function solveClassifier(parts: readonly RowsOf[], c: number, weights?: Float32Array): Float32Array {
  const data = rowsTogether(parts)
  return fitLogistic(data, [{ weights: weights ?? new Float32Array(data.labels.length).fill(1), c }])
}
