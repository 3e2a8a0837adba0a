import type { DatasetMeta } from '@shared/domain/dataset'

export type LabelState = 'all' | 'trusted' | 'not-trusted' | 'corrected' | 'wrong'

export interface ExampleFilter {
  /** Name of a split; null for all. */
  readonly split: string | null
  /** Class index; null for all. */
  readonly label: number | null
  readonly state: LabelState
}

interface Facts {
  readonly meta: DatasetMeta
  readonly given: readonly number[]
  readonly truth: readonly number[] | null
  /** Labels that a person vouches for; they stand in place of the given ones. */
  readonly marks: ReadonlyMap<number, number>
}

/** Rows of a dataset that a filter lets through, in the dataset's order. */
export function filteredRows({ meta, given, truth, marks }: Facts, filter: ExampleFilter): number[] {
  const split = meta.splits.find(({ name }) => name === filter.split) ?? { from: 0, to: meta.count }
  const rows: number[] = []
  for (let row = split.from; row < split.to; row++) {
    const label = marks.get(row) ?? given[row]
    if (filter.label !== null && label !== filter.label) continue
    if (filter.state === 'trusted' && !marks.has(row)) continue
    if (filter.state === 'not-trusted' && marks.has(row)) continue
    if (filter.state === 'corrected' && label === given[row]) continue
    if (filter.state === 'wrong' && (!truth || truth[row] === label)) continue
    rows.push(row)
  }
  return rows
}
