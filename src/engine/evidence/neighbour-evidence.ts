import { tensor2d } from '@tensorflow/tfjs-core'
import { computed } from '../tensors/computed'
import { matrixProduct } from '../tensors/kernels'
import { rowCount } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'

const NEAREST = 10
/** Added to the votes, shared by the classes. */
const SMOOTHING = 0.5
/** Similarities held at once. */
const MOST_SIMILARITIES = 1 << 22
/** Rows that others are compared with, evenly spaced, are fewer where the work would be more than so many products. */
const MOST_PRODUCTS = 1e11
const FEWEST_COMPARED = 1000

/**
 * Class probabilities by the votes of the ten nearest other rows (cosine of the features as they are given, which are
 * centred), row-major [rows, classes].
 */
export function neighbourEvidence(rows: EvidenceRows): Float32Array {
  const count = rowCount(rows)
  const { width, classes, labels } = rows
  const unit = unitRows(rows)
  const affordable = Math.max(FEWEST_COMPARED, Math.floor(MOST_PRODUCTS / (count * width)))
  const compared = Math.min(count, affordable)
  const known = Int32Array.from({ length: compared }, (_, i) => Math.floor((i * count) / compared))
  const place = new Map(compared < count ? Array.from(known, (row, i) => [row, i]) : [])
  const base = new Float32Array(compared * width)
  known.forEach((row, i) => base.set(unit.subarray(row * width, (row + 1) * width), i * width))
  const others = tensor2d(base, [compared, width])
  const most = Math.max(1, Math.floor(MOST_SIMILARITIES / compared))
  const k = Math.min(NEAREST, compared - 1)
  const out = new Float32Array(count * classes)
  for (let from = 0; from < count; from += most) {
    const block = Math.min(most, count - from)
    const similarity = computed(() => {
      const part = tensor2d(unit.subarray(from * width, (from + block) * width), [block, width])
      return matrixProduct(part, others, false, true)
    })
    for (let i = 0; i < block; i++) {
      const row = from + i
      const own = compared < count ? (place.get(row) ?? -1) : row
      const votes = out.subarray(row * classes, (row + 1) * classes)
      votes.fill(SMOOTHING / classes)
      for (const near of nearest(similarity, i * compared, compared, k, own))
        votes[labels[known[near]!]!]! += 1
      for (let c = 0; c < classes; c++) votes[c]! /= k + SMOOTHING
    }
  }
  others.dispose()
  return out
}

/** Places of the k largest of a stretch, one left out; ties by the lower place. */
function nearest(values: Float32Array, from: number, count: number, k: number, without: number): number[] {
  const places: number[] = []
  const found: number[] = []
  for (let i = 0; i < count; i++) {
    const value = values[from + i]!
    if (i === without || (found.length === k && value <= found[k - 1]!)) continue
    let at = Math.min(found.length, k - 1)
    while (at > 0 && found[at - 1]! < value) {
      found[at] = found[at - 1]!
      places[at] = places[at - 1]!
      at--
    }
    found[at] = value
    places[at] = i
  }
  return places
}

function unitRows({ features, width }: EvidenceRows): Float32Array {
  const out = features.slice()
  for (let base = 0; base < out.length; base += width) {
    let norm = 0
    for (let j = 0; j < width; j++) norm += out[base + j]! ** 2
    const factor = norm > 0 ? 1 / Math.sqrt(norm) : 0
    for (let j = 0; j < width; j++) out[base + j]! *= factor
  }
  return out
}
