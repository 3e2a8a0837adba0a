import type { ExampleSelection } from '../datasets'

/** The row of a dataset that a row of a selection is; undefined past the end. */
export function placeOf(
  ranges: ExampleSelection['ranges'],
  row: number
): { dataset: string; row: number } | undefined {
  let start = 0
  for (const { meta, from, to } of ranges) {
    if (row < start + to - from) return { dataset: meta.id, row: from + row - start }
    start += to - from
  }
  return undefined
}
