import { outOfBagProbabilities } from '../numerics/extra-trees'
import { rowCount } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'

/** Features of pretrained networks have more columns than this; trees say little of those, and slowly. */
const WIDEST = 256

/** Whether trees suit the rows: those of tables. */
export function takesTrees({ width }: Pick<EvidenceRows, 'width'>): boolean {
  return width <= WIDEST
}

/** Trees at least and at most, and rows times trees between the two: few rows are soon grown on. */
interface Amount {
  readonly fewest: number
  readonly most: number
  readonly grown: number
}
/** Of each size of leaves in the first pass, and in the second. */
const FIRST: Amount = { fewest: 20, most: 100, grown: 100_000 }
const SECOND: Amount = { fewest: 80, most: 200, grown: 400_000 }

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
 * Class probabilities by extremely randomised trees. The first pass asks some with small leaves and some with larger
 * ones, and leaves the second those with the least loss on rows that trees have not seen.
 */
export function treeEvidence(rows: EvidenceRows, seed: number, before?: Before): TreeEvidence {
  const count = rowCount(rows)
  const grown = (leaf: number, amount: Amount): TreeEvidence => ({
    probabilities: outOfBagProbabilities(rows, {
      trees: treesOf(amount, count),
      leaf,
      seed,
      weights: before?.weights
    }),
    leaf
  })
  if (before) return grown(before.leaf, SECOND)
  const least = leastLeaf(count)
  const [small, large] = [least, LARGER_LEAF * least].map((leaf) => grown(leaf, FIRST)) as [
    TreeEvidence,
    TreeEvidence
  ]
  return {
    probabilities: small.probabilities.map((p, i) => (p + large.probabilities[i]!) / 2),
    leaf: (lossOf(large, rows) < lossOf(small, rows) ? large : small).leaf
  }
}

function treesOf({ fewest, most, grown }: Amount, rows: number): number {
  return Math.round(Math.min(most, Math.max(fewest, grown / rows)))
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
