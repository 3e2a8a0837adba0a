/** What texts are taken apart into: their words, or pieces of these, a few letters each. */
export type TermKind = 'words' | 'pieces'

/** The different terms of some texts as numbers: those of text i are ids[starts[i]..starts[i + 1]]. */
export interface TermRows {
  readonly starts: Int32Array
  readonly ids: Int32Array
}

/** Row after row. */
export function termRows(rows: readonly Iterable<number>[]): TermRows {
  const starts = new Int32Array(rows.length + 1)
  const ids: number[] = []
  rows.forEach((row, i) => {
    for (const id of row) ids.push(id)
    starts[i + 1] = ids.length
  })
  return { starts, ids: Int32Array.from(ids) }
}

/** The rows of both, one after the other. */
export function joinTerms(first: TermRows, second: TermRows): TermRows {
  const before = first.ids.length
  const starts = new Int32Array(first.starts.length + second.starts.length - 1)
  starts.set(first.starts)
  starts.set(
    second.starts.subarray(1).map((start) => before + start),
    first.starts.length
  )
  const ids = new Int32Array(before + second.ids.length)
  ids.set(first.ids)
  ids.set(second.ids, before)
  return { starts, ids }
}
