import type { Neighbours } from '../../../engine/numerics/nearest-neighbours'
import type { Finding, FindingKind } from '../../../shared/domain/finding'
import type { PictureQualities } from '../../datasets'
import { median, quantileOf } from './duplicates'
import type { Nearness } from './duplicates'

/** What a kind says of every example: low is bad, and those under its cut are listed. */
export interface ScoredKind {
  readonly kind: FindingKind
  /** 0..1, one an example. */
  readonly scores: Float32Array
  readonly isFound: (row: number) => boolean
  readonly partners?: Int32Array
  /** Whether it is said of the set, not of examples, where many have it. */
  readonly mayBeNature?: boolean
}

/** A property that so many share is what the set is like. */
const NATURE = 0.1
/** Quartiles apart from the rest, in ranges between the quartiles (Tukey's far out). */
const FAR_OUT = 3
/** Luminance: as cleanlab's CleanVision has them. */
const DARK = 0.32
const LIGHT = 0.95
/** Bits. */
const LITTLE = 0.5
const NARROW = 0.35
/** Blurred: less sharp than this share of the median. */
const BLURRY = 0.35
/** Odd: this many times larger or smaller than the median, in pixels. */
const ODD_SIZE = 10

export function listed({ kind, scores, isFound, partners, mayBeNature }: ScoredKind): Finding {
  const rows = Array.from(scores.keys()).filter(isFound)
  if (mayBeNature && rows.length > NATURE * scores.length) {
    const note = `${rows.length} of ${scores.length} examples are so: it is what the set is like, and none is listed.`
    return { kind, rows: [], scores: [], partners: null, note }
  }
  rows.sort((a, b) => scores[a]! - scores[b]! || a - b)
  return {
    kind,
    rows,
    scores: rows.map((row) => Math.round(scores[row]! * 1e4) / 1e4),
    partners: partners ? rows.map((row) => partners[row]!) : null,
    note: null
  }
}

export interface DuplicateFacts {
  readonly first: Int32Array
  readonly near: Nearness
  readonly splitOf: (row: number) => string | undefined
  readonly labels: Int32Array
}

/** Exact and near duplicates, those of other splits and those with other labels. */
export function duplicateKinds({ first, near, splitOf, labels }: DuplicateFacts): ScoredKind[] {
  const { share, partner, cut } = near
  const isExact = (row: number): boolean => first[row] !== row
  const isNear = (row: number): boolean => share[row]! < cut
  // Of a pair the later one is listed, so that leaving out what is listed leaves the other.
  const isLater = (row: number): boolean =>
    isNear(row) && (partner[row]! < row || partner[partner[row]!] !== row)
  const exact = firstsAndLasts(first)
  const pairs = [
    { has: (row: number) => exact.size(row) > 1, of: (row: number) => exact.others(row) },
    { has: isNear, of: (row: number) => [partner[row]!] }
  ]
  const among = (
    differs: (row: number, other: number) => boolean
  ): { found: Uint8Array; partners: Int32Array } => {
    const found = new Uint8Array(first.length)
    const partners = new Int32Array(first.length).fill(-1)
    for (const { has, of } of pairs) {
      for (let row = 0; row < first.length; row++) {
        if (found[row] || !has(row)) continue
        const other = of(row).find((candidate) => differs(row, candidate))
        if (other === undefined) continue
        found[row] = 1
        partners[row] = other
      }
    }
    return { found, partners }
  }
  const leak = among((row, other) => splitOf(row) !== splitOf(other))
  const conflict = among((row, other) => labels[row] !== labels[other])
  const oneOrShare = (isBad: (row: number) => boolean): Float32Array =>
    Float32Array.from(first, (_, row) => (isBad(row) ? (exact.size(row) > 1 ? 0 : share[row]!) : 1))
  return [
    { kind: 'exact_duplicate', scores: oneOrShare(isExact), isFound: isExact, partners: first },
    { kind: 'near_duplicate', scores: share, isFound: isLater, partners: partner },
    {
      kind: 'leakage',
      scores: oneOrShare((row) => leak.found[row] === 1),
      isFound: (row) => leak.found[row] === 1,
      partners: leak.partners
    },
    {
      kind: 'conflict',
      scores: oneOrShare((row) => conflict.found[row] === 1),
      isFound: (row) => conflict.found[row] === 1,
      partners: conflict.partners
    }
  ]
}

/** Rows of the same content. */
function firstsAndLasts(first: Int32Array): { size(row: number): number; others(row: number): number[] } {
  const groups = new Map<number, number[]>()
  first.forEach((of, row) => {
    if (of === row) return
    const group = groups.get(of) ?? [of]
    group.push(row)
    groups.set(of, group)
  })
  return {
    size: (row) => groups.get(first[row]!)?.length ?? 1,
    others: (row) => (groups.get(first[row]!) ?? []).filter((other) => other !== row)
  }
}

/** Mean distance to the nearest rows, against what is usual; beyond Tukey's outer fence an example is an outlier. */
export function outlierKind({ k, distances }: Neighbours, count: number): ScoredKind {
  const means = new Float32Array(count)
  for (let row = 0; row < count; row++) for (let i = 0; i < k; i++) means[row]! += distances[row * k + i]! / k
  const logs = means.map((mean) => Math.log(mean))
  const known = logs.filter(Number.isFinite)
  const [low, high] = [quantileOf(known, 0.25), quantileOf(known, 0.75)]
  const fence = high + FAR_OUT * Math.max(high - low, 1e-6)
  const usual = median(means)
  const scores = means.map((mean) => (usual > 0 ? Math.exp(-mean / (2 * usual)) : 1))
  return { kind: 'outlier', scores, isFound: (row) => k > 0 && logs[row]! > fence }
}

/** What the measurements of pictures say; kinds that nothing was measured for are left out. */
export function pictureKinds(qualities: PictureQualities): ScoredKind[] {
  const { bright, dark, entropy, sharpness, area, aspect } = qualities
  const kinds: ScoredKind[] = [
    simple('dark', bright, (value) => value < DARK),
    simple(
      'light',
      dark.map((value) => 1 - value),
      (value) => value < 1 - LIGHT
    ),
    simple(
      'low_information',
      entropy.map((bits) => bits / 8),
      (value) => value < LITTLE / 8
    )
  ]
  const usual = median(sharpness)
  if (usual > 0)
    kinds.push(
      simple(
        'blurry',
        sharpness.map((value) => (Number.isNaN(value) ? 1 : Math.min(1, value / usual / 2))),
        (value) => value < BLURRY / 2
      )
    )
  const usualArea = median(area)
  if (usualArea > 0)
    kinds.push(
      simple(
        'odd_size',
        area.map((value) => (Number.isNaN(value) ? 1 : Math.min(value / usualArea, usualArea / value))),
        (value) => value < 1 / ODD_SIZE
      ),
      simple(
        'odd_aspect_ratio',
        aspect.map((value) => (Number.isNaN(value) ? 1 : value)),
        (value) => value < NARROW
      )
    )
  return kinds
}

/** What the lengths of texts and the filled cells of rows say. */
export function cellKinds(lengths: Float32Array | undefined, filled: Float32Array): ScoredKind[] {
  const kinds = [simple('empty', filled, (value) => value === 0)]
  if (!lengths) return kinds
  const logs = lengths.map((length) => Math.log1p(length))
  const [low, high] = [quantileOf(logs, 0.25), quantileOf(logs, 0.75)]
  const range = Math.max(high - low, 0.1)
  const middle = median(logs)
  return [
    ...kinds,
    {
      kind: 'short',
      scores: logs.map((value) => Math.min(1, value / Math.max(middle, 1e-6))),
      isFound: (row) => filled[row]! > 0 && logs[row]! < low - FAR_OUT * range
    },
    {
      kind: 'long',
      scores: logs.map((value) => Math.min(1, middle / Math.max(value, 1e-6))),
      isFound: (row) => logs[row]! > high + FAR_OUT * range
    }
  ]
}

function simple(kind: FindingKind, scores: Float32Array, isBad: (score: number) => boolean): ScoredKind {
  return { kind, scores, isFound: (row) => isBad(scores[row]!), mayBeNature: true }
}
