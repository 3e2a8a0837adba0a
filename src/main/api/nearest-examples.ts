import { setImmediate as nextTurn } from 'node:timers/promises'
import { exampleSize } from '../../shared/domain/dataset'
import type { Neighbour } from '../../shared/domain/review'
import type { ExampleSelection } from '../datasets'

/** Values compared between two turns of the event loop: a few milliseconds. */
const VALUES_AT_ONCE = 1 << 19

/**
 * The examples of one class (null: of any) nearest to `features` (Euclidean; pixels in 0..1), nearest first.
 * @param features one example, in the scale of readRows
 */
export async function nearestOfClass(
  examples: ExampleSelection,
  label: number | null,
  features: Float32Array,
  count: number
): Promise<Neighbour[]> {
  const rows = Array.from(examples.labels.keys()).filter(
    (row) => label === null || examples.labels[row] === label
  )
  const size = exampleSize(examples.shape)
  const step = Math.max(1, Math.floor(VALUES_AT_ONCE / size))
  const nearest: Neighbour[] = []
  for (let from = 0; from < rows.length; from += step) {
    const block = rows.slice(from, from + step)
    const values = examples.readRows(block)
    block.forEach((row, i) => {
      const distance = distanceOf(values, i * size, features)
      if (nearest.length === count && distance >= nearest.at(-1)!.distance) return
      nearest.push({ row, label: examples.labels[row]!, distance })
      nearest.sort((a, b) => a.distance - b.distance)
      nearest.length = Math.min(nearest.length, count)
    })
    // A large trusted set must not keep others waiting.
    await nextTurn()
  }
  return nearest
}

function distanceOf(values: Float32Array, start: number, features: Float32Array): number {
  let sum = 0
  for (let i = 0; i < features.length; i++) {
    const difference = values[start + i]! - features[i]!
    sum += difference * difference
  }
  return Math.sqrt(sum)
}
