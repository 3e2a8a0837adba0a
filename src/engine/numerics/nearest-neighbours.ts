import { tensor2d } from '@tensorflow/tfjs-core'
import { computed } from '../tensors/computed'
import { matrixProduct } from '../tensors/kernels'
import type { Rows } from './principal-components'

/** Products held at once. */
const MOST_PRODUCTS = 1 << 22

export interface Neighbours {
  /** Neighbours of a row. */
  readonly k: number
  /** Places among the known rows, the nearest first, [rows, k]. */
  readonly places: Int32Array
  /** Euclidean, [rows, k]. */
  readonly distances: Float32Array
}

/**
 * The k nearest of the known rows to each row, exactly: all distances are taken, a block at a time. Of equal ones the
 * lower place is nearer.
 * @param own the place of each row among the known ones, which is no neighbour of its own; -1 where it is none of them
 */
export function nearestNeighbours(
  rows: Rows,
  known: Rows,
  k: number,
  own: (row: number) => number,
  onRows: (done: number) => void = () => undefined
): Neighbours {
  const { width } = rows
  const size = Math.min(k, Math.max(0, known.count - 1))
  const places = new Int32Array(rows.count * size)
  const distances = new Float32Array(rows.count * size)
  if (size === 0) return { k: 0, places, distances }
  const halves = Float32Array.from({ length: known.count }, (_, i) => squaredNorm(known, i) / 2)
  const base = tensor2d(known.values, [known.count, width])
  const most = Math.max(1, Math.floor(MOST_PRODUCTS / known.count))
  for (let from = 0; from < rows.count; from += most) {
    const block = Math.min(most, rows.count - from)
    const products = computed(() =>
      matrixProduct(
        tensor2d(rows.values.subarray(from * width, (from + block) * width), [block, width]),
        base,
        false,
        true
      )
    )
    for (let i = 0; i < block; i++) {
      const row = from + i
      const found = places.subarray(row * size, (row + 1) * size)
      keepNearest(products.subarray(i * known.count, (i + 1) * known.count), halves, own(row), found)
      measure(rows, known, row, found, distances.subarray(row * size, (row + 1) * size))
    }
    onRows(from + block)
  }
  base.dispose()
  return { k: size, places, distances }
}

/** The nearest have the largest x.y - |y|²/2. */
function keepNearest(
  products: Float32Array,
  halves: Float32Array,
  without: number,
  places: Int32Array
): void {
  const size = places.length
  const found = new Float64Array(size).fill(-Infinity)
  let least = -Infinity
  for (let i = 0; i < products.length; i++) {
    const value = products[i]! - halves[i]!
    if (value <= least || i === without) continue
    let at = size - 1
    while (at > 0 && found[at - 1]! < value) {
      found[at] = found[at - 1]!
      places[at] = places[at - 1]!
      at--
    }
    found[at] = value
    places[at] = i
    least = found[size - 1]!
  }
}

/** Distances again from the differences: those of near rows would be lost in the rounding of their products. */
function measure(rows: Rows, known: Rows, row: number, places: Int32Array, out: Float32Array): void {
  const { width } = rows
  const order = Array.from(places, (place) => {
    let sum = 0
    for (let j = 0; j < width; j++)
      sum += (rows.values[row * width + j]! - known.values[place * width + j]!) ** 2
    return { place, distance: Math.sqrt(sum) }
  }).sort((a, b) => a.distance - b.distance || a.place - b.place)
  order.forEach(({ place, distance }, i) => {
    places[i] = place
    out[i] = distance
  })
}

function squaredNorm({ values, width }: Rows, row: number): number {
  let sum = 0
  for (let j = 0; j < width; j++) sum += values[row * width + j]! ** 2
  return sum
}
