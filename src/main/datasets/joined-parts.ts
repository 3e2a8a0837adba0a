import type { VouchedLabel } from '../../shared/domain/trusted-set'
import type { SelectionPart } from './selection-part'
import type { FeatureRows } from './store/feature-file'

/** Rows whose label somebody vouches for, by row of the selection, as classes of the selection. */
export type VouchedRows = ReadonlyMap<number, VouchedLabel>

/** A part of a selection with its features at hand. */
export interface OpenPart extends SelectionPart {
  readonly features: FeatureRows
  /** Row of the selection where it begins. */
  readonly start: number
}

/** The part that a row of the selection lies in. @throws RangeError where it lies in none */
export function partAt(parts: readonly OpenPart[], row: number): OpenPart {
  for (let i = parts.length - 1; i >= 0 && row >= 0; i--) {
    const part = parts[i]!
    if (row >= part.start && row - part.start < part.to - part.from) return part
  }
  throw new RangeError(`row ${row} lies in no part`)
}

/** Group rows that lie one after the other on disk, so that each group is one read. */
export function eachRun(
  parts: readonly OpenPart[],
  rows: ArrayLike<number>,
  read: (part: OpenPart, local: number, count: number, at: number) => void
): void {
  for (let i = 0; i < rows.length;) {
    const first = rows[i]!
    const part = partAt(parts, first)
    const end = part.start + part.to - part.from
    let count = 1
    while (i + count < rows.length && rows[i + count] === first + count && first + count < end) count++
    read(part, part.from + first - part.start, count, i)
    i += count
  }
}

/** Marks of each part's dataset, by row of the selection. */
export function vouchedRows(parts: readonly OpenPart[], classNames: readonly string[]): VouchedRows {
  const rows = new Map<number, VouchedLabel>()
  for (const { meta, from, to, start, vouched = [] } of parts) {
    for (const mark of vouched) {
      if (mark.row < from || mark.row >= to) continue
      const row = start + mark.row - from
      rows.set(row, { ...mark, row, label: classNames.indexOf(meta.classNames[mark.label] ?? '') })
    }
  }
  return rows
}

/** Rows of the selection that people left out. */
export function leftOutRows(parts: readonly OpenPart[]): ReadonlySet<number> {
  return new Set(
    parts.flatMap(({ from, to, start, leftOut = [] }) =>
      leftOut.filter((row) => row >= from && row < to).map((row) => start + row - from)
    )
  )
}

/** The given labels, with those in their place that somebody vouches for. */
export function corrected(given: Int32Array, vouched: VouchedRows): Int32Array {
  if (vouched.size === 0) return given
  const labels = given.slice()
  for (const [row, { label }] of vouched) labels[row] = label
  return labels
}
