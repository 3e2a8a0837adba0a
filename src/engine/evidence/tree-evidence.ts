import { outOfBagProbabilities } from '../numerics/extra-trees'
import { rowCount } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'

/** Features of pretrained networks have more columns than this; trees say little of those, and slowly. */
const WIDEST = 256

/** Whether trees suit the rows: those of tables. */
export function takesTrees({ width }: Pick<EvidenceRows, 'width'>): boolean {
  return width <= WIDEST
}

/**
 * Class probabilities by extremely randomised trees that have not seen the row, row-major [rows, classes].
 * @param weights how much each row counts in training; all alike where left out
 */
export function treeEvidence(
  rows: EvidenceRows,
  trees: number,
  seed: number,
  weights?: Float32Array
): Float32Array {
  return outOfBagProbabilities(rows, { trees, leaf: leafOf(rowCount(rows)), seed, weights })
}

/** Rows at least in a leaf: fewer follow single wrong labels, and many small leaves take long. */
function leafOf(count: number): number {
  return Math.min(10, Math.max(3, Math.round(Math.sqrt(count) / 8)))
}
