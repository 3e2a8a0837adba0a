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

/** Where classes overlap, leaves of more rows say more: so many times as many are tried beside the least. */
const LARGER_LEAF = 4
const LEAST = 1e-6

export interface TreeEvidence {
  /** Of trees that have not seen the row, row-major [rows, classes]. */
  readonly probabilities: Float32Array
  /** Rows at least in a leaf. */
  readonly leaf: number
}

/** A first pass, and how much each row counts now. */
type Before = Pick<TreeEvidence, 'leaf'> & { readonly weights: Float32Array }

/**
 * Class probabilities by extremely randomised trees. The first pass, with half the trees, takes the leaves with the least
 * loss on rows that trees have not seen.
 */
export function treeEvidence(rows: EvidenceRows, seed: number, before?: Before): TreeEvidence {
  const count = rowCount(rows)
  const trees = Math.round(Math.min(MOST, Math.max(FEWEST, ROWS_GROWN / count)))
  const grown = (leaf: number, some: number): TreeEvidence => ({
    probabilities: outOfBagProbabilities(rows, { trees: some, leaf, seed, weights: before?.weights }),
    leaf
  })
  if (before) return grown(before.leaf, trees)
  const least = leastLeaf(count)
  const [small, large] = [least, LARGER_LEAF * least].map((leaf) => grown(leaf, Math.round(trees / 2))) as [
    TreeEvidence,
    TreeEvidence
  ]
  return lossOf(large, rows) < lossOf(small, rows) ? large : small
}

/** Minus the log likelihood of all labels. */
function lossOf({ probabilities }: TreeEvidence, { labels, classes }: EvidenceRows): number {
  return labels.reduce(
    (loss, label, row) => loss - Math.log(Math.max(probabilities[row * classes + label]!, LEAST)),
    0
  )
}

/** Many small leaves of many rows take long. */
function leastLeaf(count: number): number {
  return Math.min(10, Math.max(1, Math.round(Math.sqrt(count) / 16)))
}
