import type { Network } from '../../models/network'
import { shareScale } from '../../numerics/shared-scale'
import type { ExampleSource } from './task-run'

/** The scale of each column of a table: x becomes (x - centre) * factor; a constant column's factor is 0. */
export interface FeatureScale {
  readonly centre: Float64Array
  readonly factor: Float64Array
}

/** Rows that the scale is fitted on, evenly spaced; more tell nothing new. */
const MOST_ROWS = 10_000
/** Share of the values at each end that do not say how far a column spreads. */
const TAIL = 0.01
/** No column spreads by less than this share of its range: a rare value does not become a huge one. */
const LEAST_SHARE = 0.05

/** The same for columns of two values, such as what says that a cell is empty: a rare one is five spreads away at most. */
const LEAST_SHARE_OF_TWO = 0.2

/** Undefined for pictures: their pixels share one scale already. */
export function featureScale(source: ExampleSource): FeatureScale | undefined {
  const [width, ...more] = source.shape
  if (width === undefined || more.length > 0 || source.count === 0) return undefined
  const count = Math.min(source.count, MOST_ROWS)
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * source.count) / count))
  const values = source.readRows(rows)
  const centre = new Float64Array(width)
  const factor = new Float64Array(width)
  const column = new Float32Array(count)
  for (let j = 0; j < width; j++) {
    for (let i = 0; i < count; i++) column[i] = values[i * width + j]!
    const { mean, spread } = winsorised(column.sort())
    centre[j] = mean
    factor[j] = spread > 0 ? 1 / spread : 0
  }
  shareScale(factor, source.alike ?? [])
  return { centre, factor }
}

/** How many columns hold one value only. */
export function constantColumns({ factor }: FeatureScale): number {
  return factor.reduce((count, value) => count + Number(value === 0), 0)
}

/** Mean and standard deviation with the tails drawn in (Tukey 1962). @param values ascending */
function winsorised(values: Float32Array): { mean: number; spread: number } {
  const last = values.length - 1
  const least = values[0]!
  const most = values[last]!
  if (holdsTwo(values)) return spreadOfTwo(values)
  const low = values[Math.floor(TAIL * last)]!
  const high = values[Math.ceil((1 - TAIL) * last)]!
  let mean = 0
  for (const value of values) mean += Math.min(high, Math.max(low, value)) / values.length
  let variance = 0
  for (const value of values) variance += (Math.min(high, Math.max(low, value)) - mean) ** 2 / values.length
  const range = most - least
  // Rounding of the mean is no spread.
  if (range <= 1e-7 * Math.max(Math.abs(most), Math.abs(least))) return { mean: least, spread: 0 }
  return { mean, spread: Math.max(Math.sqrt(variance), LEAST_SHARE * range) }
}

/** @param values ascending */
function holdsTwo(values: Float32Array): boolean {
  const [least] = values
  const most = values.at(-1)
  return least !== most && values.every((value) => value === least || value === most)
}

/** Mean and standard deviation of a column of two values: without its tails a rare one would not be there. */
function spreadOfTwo(values: Float32Array): { mean: number; spread: number } {
  const least = values[0]!
  const range = values.at(-1)! - least
  const share = values.filter((value) => value > least).length / values.length
  return {
    mean: least + share * range,
    spread: range * Math.max(Math.sqrt(share * (1 - share)), LEAST_SHARE_OF_TWO)
  }
}

/** The same examples, their features on this scale. */
export function standardised(source: ExampleSource, scale: FeatureScale | undefined): ExampleSource {
  if (!scale) return source
  const { centre, factor } = scale
  const width = centre.length
  return {
    count: source.count,
    shape: source.shape,
    classNames: source.classNames,
    labels: source.labels,
    givenLabels: source.givenLabels,
    truth: source.truth,
    readTerms: source.readTerms && ((rows, kind) => source.readTerms!(rows, kind)),
    readRows: (rows) => {
      const values = source.readRows(rows)
      for (let i = 0; i < values.length; i += width) {
        for (let j = 0; j < width; j++) values[i + j] = (values[i + j]! - centre[j]!) * factor[j]!
      }
      return values
    }
  }
}

/**
 * Parameters of a network that starts with a dense layer with bias, trained on features on this scale, as those of
 * the same network on features as they are: W' = diag(factor) W, b' = b - centre' W'.
 */
export function withoutScale(
  network: Network,
  parameters: Float32Array,
  scale: FeatureScale | undefined
): Float32Array {
  const [kernel, bias] = network.layout.entries
  if (!scale || !kernel || !bias) return parameters
  const { centre, factor } = scale
  const units = bias.size
  const out = parameters.slice()
  const offsets = Float64Array.from(parameters.subarray(bias.offset, bias.offset + units))
  for (let j = 0; j < centre.length; j++) {
    for (let k = 0; k < units; k++) {
      const at = kernel.offset + j * units + k
      const value = parameters[at]! * factor[j]!
      out[at] = value
      offsets[k]! -= centre[j]! * value
    }
  }
  out.set(offsets, bias.offset)
  return out
}
