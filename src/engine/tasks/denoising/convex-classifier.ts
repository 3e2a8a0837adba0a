import { exampleSize } from '../../../shared/domain/dataset'
import { Random } from '../../../shared/numerics/random'
import { fitLogistic } from '../../numerics/logistic-regression'
import type { LogisticData } from '../../numerics/logistic-regression'
import type { RowsOf } from '../shared/classifier-training'

/** Bytes of features that a classifier is solved on; of more, rows drawn by chance tell it as much. */
const MOST_BYTES = 512 * 1024 * 1024
const DRAWN_BYTES = 256 * 1024 * 1024

/** Rows that classifiers are solved on. */
export interface SolvedRows extends RowsOf {
  /** Of the rows that there are. */
  readonly share: number
}

/** All rows, or as many as can be held, ascending. */
export function rowsToSolve({ examples, rows }: RowsOf, seed: number, most = MOST_BYTES): SolvedRows {
  const bytes = 4 * exampleSize(examples.shape)
  if (rows.length * bytes <= most) return { examples, rows, share: 1 }
  const count = Math.max(1, Math.floor(Math.min(most, DRAWN_BYTES) / bytes))
  const drawn = Random.derive(seed, 'rows solved').permutation(rows.length).slice(0, count).sort()
  return { examples, rows: drawn.map((i) => rows[i]!), share: count / rows.length }
}

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
