import { exampleSize } from '../../../shared/domain/dataset'
import type { ExampleShape } from '../../../shared/domain/dataset'
import type { Pixels } from './bmp'
import { examplePicture } from './example-picture'
import type { PictureScale } from './example-picture'
import { DIFFERENCE_GAIN } from './strip'

/**
 * What a poison started from, what it is, and the difference enlarged around mid grey, each in the scale that
 * the training data are shown in. Features as readRows has them: pixels in 0..1.
 */
export function poisonPanels(
  base: Float32Array,
  poison: Float32Array,
  shape: ExampleShape,
  scale: PictureScale = {}
): Pixels[] {
  const from = unitValues(base, shape, scale)
  const to = unitValues(poison, shape, scale)
  const difference = to.map((value, i) => 0.5 + DIFFERENCE_GAIN * (value - from[i]!))
  return [from, to, difference].map((values) => examplePicture(values, shape))
}

function unitValues(
  values: Float32Array,
  shape: ExampleShape,
  { range, columnRange }: PictureScale
): Float32Array {
  const inColumns = shape.length === 1 ? columnRange : undefined
  const isUnit = !range || (range.min >= 0 && range.max <= 1)
  if (!inColumns && isUnit) return values
  const size = exampleSize(shape)
  return values.map((value, i) => {
    const low = inColumns?.[0][i % size] ?? range?.min ?? 0
    const high = inColumns?.[1][i % size] ?? range?.max ?? 1
    return high > low ? (value - low) / (high - low) : 0.5
  })
}
