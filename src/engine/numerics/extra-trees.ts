import { Random } from '../../shared/numerics/random'

export interface TreesData {
  /** Row-major [rows, width]. */
  readonly features: Float32Array
  readonly labels: Int32Array
  readonly width: number
  readonly classes: number
}

export interface TreesOptions {
  readonly trees: number
  /** Rows at least on each side of a split. */
  readonly leaf: number
  readonly seed: number
  /** How much each row counts, [rows]; all alike where left out. */
  readonly weights?: Float32Array
}

/** Rows that one tree is grown on at most: of more, each tree sees others. */
const MOST_ROWS = 10_000
/** Columns tried at a split, in roots of their number: where labels are wrong, a good split tells more than one by chance. */
const TRIED = 3
/** Columns drawn at most for one tried: in small nodes of a table with many categories most are constant. */
const MOST_DRAWN = 3
/** Added to the votes of a leaf, shared by the classes as they are in the whole. */
const SMOOTHING = 1

/**
 * Class probabilities by extremely randomised trees (Geurts, Ernst and Wehenkel 2006), each grown on a bootstrap sample,
 * so that each row is judged by those trees that have not seen it (Breiman 1996, "Out-of-bag estimation").
 * @returns row-major [rows, classes]
 */
export function outOfBagProbabilities(rows: TreesData, options: TreesOptions): Float32Array {
  const data = byColumn(rows)
  const { classes, labels } = data
  const count = labels.length
  const out = new Float32Array(count * classes)
  const votes = new Int32Array(count)
  const prior = classShares(data)
  const random = Random.derive(options.seed, 'extra trees')
  for (let t = 0; t < options.trees; t++) {
    const tree = new TreeGrower(data, options, prior, random).grow()
    for (let row = 0; row < count; row++) {
      if (tree.seen[row]) continue
      const leaf = leafOf(tree, data, row) * classes
      for (let k = 0; k < classes; k++) out[row * classes + k]! += tree.shares[leaf + k]!
      votes[row]!++
    }
  }
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < classes; k++) {
      out[row * classes + k] = votes[row]! > 0 ? out[row * classes + k]! / votes[row]! : prior[k]!
    }
  }
  return out
}

/** The features column by column: a column of a node's rows is what is read again and again. */
interface ColumnData {
  /** Column-major [width, rows]. */
  readonly columns: Float32Array
  readonly labels: Int32Array
  readonly width: number
  readonly classes: number
}

function byColumn({ features, labels, width, classes }: TreesData): ColumnData {
  const count = labels.length
  const columns = new Float32Array(features.length)
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < width; j++) columns[j * count + row] = features[row * width + j]!
  }
  return { columns, labels, width, classes }
}

interface Tree {
  /** Column of a node's split, -1 for a leaf. */
  readonly column: Int32Array
  readonly threshold: Float32Array
  /** The node for values below the threshold; the other one stands behind it. */
  readonly below: Int32Array
  /** Class shares of each node, [nodes, classes]; those of leaves count. */
  readonly shares: Float32Array
  /** 1 for the rows it was grown on. */
  readonly seen: Uint8Array
}

function leafOf({ column, threshold, below }: Tree, { columns, labels }: ColumnData, row: number): number {
  const count = labels.length
  let node = 0
  while (column[node]! >= 0) {
    node = below[node]! + Number(columns[column[node]! * count + row]! >= threshold[node]!)
  }
  return node
}

function classShares({ labels, classes }: ColumnData): Float64Array {
  const shares = new Float64Array(classes)
  for (const label of labels) shares[label]! += 1 / labels.length
  return shares
}

/** A node that is still to be split: a stretch of the rows. */
interface Pending {
  readonly node: number
  readonly from: number
  readonly to: number
  /** 1 for columns known to be constant there, as they are in what becomes of it. */
  readonly constant: Uint8Array
}

class TreeGrower {
  readonly #data: ColumnData
  readonly #leaf: number
  readonly #weights: Float64Array
  readonly #prior: Float64Array
  readonly #random: Random
  readonly #rows: Int32Array
  readonly #seen: Uint8Array
  readonly #column: number[] = []
  readonly #threshold: number[] = []
  readonly #below: number[] = []
  readonly #shares: number[] = []
  readonly #columns: Int32Array
  readonly #tried: number
  readonly #left: Float64Array
  /** Of the node at hand, row by row: values of the column that is tried, labels, weights. */
  readonly #values: Float32Array
  readonly #labels: Int32Array
  readonly #counts: Float64Array

  constructor(data: ColumnData, { leaf, weights }: TreesOptions, prior: Float64Array, random: Random) {
    const count = data.labels.length
    this.#data = data
    this.#leaf = leaf
    this.#prior = prior
    this.#random = random
    this.#seen = new Uint8Array(count)
    this.#weights = new Float64Array(count)
    for (let i = 0; i < Math.min(count, MOST_ROWS); i++) {
      const row = random.below(count)
      this.#weights[row]! += weights?.[row] ?? 1
      this.#seen[row] = 1
    }
    this.#rows = Int32Array.from({ length: count }, (_, row) => row).filter((row) => this.#weights[row]! > 0)
    this.#columns = Int32Array.from({ length: data.width }, (_, column) => column)
    this.#tried = Math.max(1, Math.round(TRIED * Math.sqrt(data.width)))
    this.#left = new Float64Array(data.classes)
    this.#values = new Float32Array(this.#rows.length)
    this.#labels = new Int32Array(this.#rows.length)
    this.#counts = new Float64Array(this.#rows.length)
  }

  grow(): Tree {
    const constant = new Uint8Array(this.#data.width)
    const pending: Pending[] = [{ node: this.#node(), from: 0, to: this.#rows.length, constant }]
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { node, from, to, constant } = next
      const totals = this.#totals(from, to)
      const split = to - from >= 2 * this.#leaf && !isPure(totals) ? this.#split(next, totals) : undefined
      if (!split) {
        this.#setShares(node, totals)
        continue
      }
      const middle = this.#part(from, to, split)
      const below = this.#node()
      this.#node()
      this.#column[node] = split.column
      this.#threshold[node] = split.threshold
      this.#below[node] = below
      pending.push(
        { node: below, from, to: middle, constant },
        { node: below + 1, from: middle, to, constant: constant.slice() }
      )
    }
    return {
      column: Int32Array.from(this.#column),
      threshold: Float32Array.from(this.#threshold),
      below: Int32Array.from(this.#below),
      shares: Float32Array.from(this.#shares),
      seen: this.#seen
    }
  }

  #node(): number {
    this.#column.push(-1)
    this.#threshold.push(0)
    this.#below.push(-1)
    for (let k = 0; k < this.#data.classes; k++) this.#shares.push(0)
    return this.#column.length - 1
  }

  /** Of each class; labels and weights of the rows are left at hand for the scores. */
  #totals(from: number, to: number): Float64Array {
    const totals = new Float64Array(this.#data.classes)
    for (let i = from; i < to; i++) {
      const row = this.#rows[i]!
      const label = (this.#labels[i] = this.#data.labels[row]!)
      totals[label]! += this.#counts[i] = this.#weights[row]!
    }
    return totals
  }

  #setShares(node: number, totals: Float64Array): void {
    const { classes } = this.#data
    const all = totals.reduce((sum, total) => sum + total, 0)
    for (let k = 0; k < classes; k++) {
      this.#shares[node * classes + k] = (totals[k]! + SMOOTHING * this.#prior[k]!) / (all + SMOOTHING)
    }
  }

  /** The best of some columns, each split at random between its least and largest value; constant ones do not count. */
  #split(
    { from, to, constant }: Pending,
    totals: Float64Array
  ): { column: number; threshold: number } | undefined {
    let best: { column: number; threshold: number } | undefined
    let most = -Infinity
    let tried = 0
    const columns = this.#columns
    for (let i = 0; i < columns.length && tried < this.#tried; i++) {
      if (best && i >= MOST_DRAWN * this.#tried) break
      const swap = i + this.#random.below(columns.length - i)
      const column = columns[swap]!
      columns[swap] = columns[i]!
      columns[i] = column
      const threshold = constant[column] ? undefined : this.#drawThreshold(column, from, to)
      if (threshold === undefined) {
        constant[column] = 1
        continue
      }
      tried++
      const score = this.#score(threshold, from, to, totals)
      if (score > most) {
        most = score
        best = { column, threshold }
      }
    }
    return best
  }

  /** Values of the rows are left at hand for the score. */
  #drawThreshold(column: number, from: number, to: number): number | undefined {
    const { columns, labels } = this.#data
    const base = column * labels.length
    const rows = this.#rows
    const values = this.#values
    let least = Infinity
    let largest = -Infinity
    for (let i = from; i < to; i++) {
      const value = columns[base + rows[i]!]!
      values[i] = value
      if (value < least) least = value
      if (value > largest) largest = value
    }
    if (!(largest > least)) return undefined
    const threshold = Math.fround(least + (largest - least) * this.#random.uniform())
    return threshold > least ? threshold : largest
  }

  /** Minus the Gini impurity of both sides; -Infinity where one is too small. */
  #score(threshold: number, from: number, to: number, totals: Float64Array): number {
    const { classes } = this.#data
    const values = this.#values
    const labels = this.#labels
    const counts = this.#counts
    const left = this.#left.fill(0)
    let below = 0
    for (let i = from; i < to; i++) {
      if (values[i]! >= threshold) continue
      left[labels[i]!]! += counts[i]!
      below++
    }
    if (below < this.#leaf || to - from - below < this.#leaf) return -Infinity
    let leftTotal = 0
    let rightTotal = 0
    let leftSquares = 0
    let rightSquares = 0
    for (let k = 0; k < classes; k++) {
      const l = left[k]!
      const r = totals[k]! - l
      leftTotal += l
      rightTotal += r
      leftSquares += l * l
      rightSquares += r * r
    }
    return leftSquares / Math.max(leftTotal, 1e-12) + rightSquares / Math.max(rightTotal, 1e-12)
  }

  #part(from: number, to: number, { column, threshold }: { column: number; threshold: number }): number {
    const { columns, labels } = this.#data
    const base = column * labels.length
    const rows = this.#rows
    let middle = from
    for (let i = from; i < to; i++) {
      const row = rows[i]!
      if (columns[base + row]! >= threshold) continue
      rows[i] = rows[middle]!
      rows[middle++] = row
    }
    return middle
  }
}

function isPure(totals: Float64Array): boolean {
  return totals.reduce((count, total) => count + Number(total > 0), 0) < 2
}
