import type { TermRows } from '../../shared/numerics/term-rows'

/** Rows of a matrix of which few entries are not 0: those of row i are [starts[i], starts[i + 1]). */
export interface SparseRows {
  readonly starts: Int32Array
  readonly columns: Int32Array
  readonly values: Float32Array
  readonly width: number
}

export function sparseCount({ starts }: Pick<SparseRows, 'starts'>): number {
  return starts.length - 1
}

/** In fewer texts a term tells nothing of others. */
const FEWEST_TEXTS = 2

/**
 * Texts as rows of length 1, an entry for each term that several texts hold, weighed by how few do (inverse document
 * frequency, Spärck Jones 1972).
 * @param most terms at most: those of most texts
 */
export function weighedTerms({ starts, ids }: TermRows, most: number): SparseRows {
  const texts = starts.length - 1
  const counts = new Map<number, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  const kept = [...counts]
    .filter(([, count]) => count >= FEWEST_TEXTS)
    .sort(([a, n], [b, m]) => m - n || a - b)
    .slice(0, most)
  const column = new Map(kept.map(([id], i) => [id, i]))
  const rarity = Float32Array.from(kept, ([, count]) => 1 + Math.log((1 + texts) / (1 + count)))
  const columns: number[] = []
  const values: number[] = []
  const ends = new Int32Array(texts + 1)
  for (let row = 0; row < texts; row++) {
    const from = columns.length
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const place = column.get(ids[i]!)
      if (place === undefined) continue
      columns.push(place)
      values.push(rarity[place]!)
    }
    let squares = 0
    for (let i = from; i < values.length; i++) squares += values[i]! ** 2
    for (let i = from; i < values.length; i++) values[i]! /= Math.sqrt(squares)
    ends[row + 1] = columns.length
  }
  return {
    starts: ends,
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
    width: kept.length
  }
}

/** Some of the rows, in the order asked for. */
export function pickRows(
  { starts, columns, values, width }: SparseRows,
  rows: ArrayLike<number>
): SparseRows {
  const ends = new Int32Array(rows.length + 1)
  for (let i = 0; i < rows.length; i++) ends[i + 1] = ends[i]! + starts[rows[i]! + 1]! - starts[rows[i]!]!
  const picked = { columns: new Int32Array(ends.at(-1)!), values: new Float32Array(ends.at(-1)!) }
  for (let i = 0; i < rows.length; i++) {
    const [from, to] = [starts[rows[i]!]!, starts[rows[i]! + 1]!]
    picked.columns.set(columns.subarray(from, to), ends[i]!)
    picked.values.set(values.subarray(from, to), ends[i]!)
  }
  return { starts: ends, ...picked, width }
}
