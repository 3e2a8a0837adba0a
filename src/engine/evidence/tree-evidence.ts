import { outOfBagProbabilities } from '../numerics/extra-trees'
import { rowCount } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'

/** Features of pretrained networks have more columns than this; trees say little of those, and slowly. */
const WIDEST = 256

/** Whether trees suit the rows: those of tables. */
export function takesTrees({ width }: Pick<EvidenceRows, 'width'>): boolean {
  return width <= WIDEST
}

/** Trees at least, and at most: few rows are soon grown on, and say less by each tree. */
const FEWEST = 80
const MOST = 200
/** Rows times trees between the two. */
const ROWS_GROWN = 400_000

/**
 * Class probabilities by extremely randomised trees that have not seen the row, row-major [rows, classes].
 * @param weights how much each row counts in training; where they are left out, the first pass, which only finds such
 *   weights, half the trees do
 */
export function treeEvidence(rows: EvidenceRows, seed: number, weights?: Float32Array): Float32Array {
  const count = rowCount(rows)
  const trees = Math.round(Math.min(MOST, Math.max(FEWEST, ROWS_GROWN / count)))
  return outOfBagProbabilities(rows, {
    trees: weights ? trees : Math.round(trees / 2),
    leaf: leafOf(count),
    seed,
    weights
  })
}

/** Rows at least in a leaf: many small leaves of many rows take long. */
function leafOf(count: number): number {
  return Math.min(10, Math.max(1, Math.round(Math.sqrt(count) / 16)))
}
