import { createHash } from 'node:crypto'
import type { Neighbours } from '../../../engine/numerics/nearest-neighbours'
import { exampleSize } from '../../../shared/domain/dataset'
import type { ExampleSelection } from '../../datasets'

/**
 * A near duplicate lies nearer to its partner than this share of the distance at which either has its other
 * neighbours, and others have theirs. Chosen on CIFAR-10, judged on others: docs/experiments.md.
 */
const NEAR_SHARE = 0.35
/** Rows that may be taken for near duplicates though they are near by nature. */
const BY_NATURE = 0.001
/** Neighbours without which nothing can be said. */
const FEWEST = 5

const BLOCK_VALUES = 1 << 22

/** The first row with the same content as each row: its own where there is none before it. */
export function firstOfContent(selection: ExampleSelection, onRows: (done: number) => void): Int32Array {
  const { count } = selection
  const first = new Int32Array(count)
  const seen = new Map<string, number>()
  const read = contentReader(selection)
  const size = exampleSize(selection.shape)
  const most = Math.max(1, Math.floor(BLOCK_VALUES / size))
  for (let from = 0; from < count; from += most) {
    const to = Math.min(count, from + most)
    read(from, to).forEach((content, i) => {
      // 128 bits: among a billion rows two are the same by chance once in 10^20.
      const key = createHash('sha256').update(content).digest('base64').slice(0, 22)
      const earlier = seen.get(key)
      if (earlier === undefined) seen.set(key, from + i)
      first[from + i] = earlier ?? from + i
    })
    onRows(to)
  }
  return first
}

/** What makes two examples the same: pixels, or the cells that anything is learned from. */
function contentReader(selection: ExampleSelection): (from: number, to: number) => (Uint8Array | string)[] {
  const size = exampleSize(selection.shape)
  if (selection.shape.length === 1 && selection.cellsOf(0)) {
    return (from, to) => Array.from({ length: to - from }, (_, i) => learnedCells(selection, from + i))
  }
  return (from, to) => {
    const values = selection.readRaw(Array.from({ length: to - from }, (_, i) => from + i))
    return Array.from({ length: to - from }, (_, i) => {
      const own = values.subarray(i * size, (i + 1) * size)
      return new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
    })
  }
}

function learnedCells(selection: ExampleSelection, row: number): string {
  const cells = selection.cellsOf(row) ?? []
  return JSON.stringify(
    cells
      .filter(({ column }) => ['number', 'date', 'category', 'text'].includes(column.role))
      .map(({ text }) => text.trim())
  )
}

/** How near each row's nearest other row is, as a share of how near others are; and which that is. */
export interface Nearness {
  readonly share: Float32Array
  readonly partner: Int32Array
  /** Share under which two are near duplicates. */
  readonly cut: number
}

/**
 * The distance to the nearest row over the smaller of: the distance of the k-th nearest of either, and the median of
 * that over all rows. Copies count as one.
 */
export function nearness({ k, places, distances }: Neighbours, first: Int32Array): Nearness {
  const count = first.length
  const share = new Float32Array(count).fill(1)
  const partner = new Int32Array(count).fill(-1)
  if (k < FEWEST) return { share, partner, cut: 0 }
  const far = Float32Array.from({ length: count }, (_, i) => distances[i * k + k - 1]!)
  const typical = median(far)
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < k; i++) {
      const other = places[row * k + i]!
      if (first[other] === first[row]) continue
      const scale = Math.min(far[row]!, far[other]!, typical)
      share[row] = scale > 0 ? Math.min(1, distances[row * k + i]! / scale) : 1
      partner[row] = other
      break
    }
  }
  const dimension = intrinsicDimension({ k, places, distances }, count)
  return { share, partner, cut: Math.min(NEAR_SHARE, (BY_NATURE / (k - 1)) ** (1 / dimension)) }
}

/**
 * Dimension in which neighbours lie (Levina and Bickel 2004, averaged as MacKay and Ghahramani do), from the farther
 * half of the neighbours: duplicates are among the nearer. Where it is small, some lie near by nature: of k neighbours
 * in d dimensions the nearest lies within a share c of the farthest with probability 1 - (1 - c^d)^(k-1).
 */
function intrinsicDimension({ k, distances }: Neighbours, count: number): number {
  let sum = 0
  let terms = 0
  for (let row = 0; row < count; row++) {
    const far = distances[row * k + k - 1]!
    const half = distances[row * k + (k >> 1)]!
    if (!(half > 0)) continue
    for (let i = k >> 1; i < k - 1; i++) {
      // Given that they lie beyond the half, what remains of the logarithms is scaled by what that leaves out.
      sum += Math.log(far / distances[row * k + i]!)
      terms++
    }
  }
  const logs = sum / Math.max(1, terms)
  return logs > 0 ? 1 / (logs * leftOut(k)) : 1
}

/** The mean logarithm over all neighbours is this many times that over the farther half. */
function leftOut(k: number): number {
  const harmonic = (from: number): number => {
    let sum = 0
    for (let i = from; i < k; i++) sum += 1 / i
    return sum
  }
  let near = 0
  let all = 0
  for (let i = 1; i < k; i++) all += harmonic(i) / (k - 1)
  const from = (k >> 1) + 1
  for (let i = from; i < k; i++) near += harmonic(i) / (k - from)
  return all / near
}

export function median(values: ArrayLike<number>): number {
  return quantileOf(values, 0.5)
}

/** Of those that are numbers. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort()
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
