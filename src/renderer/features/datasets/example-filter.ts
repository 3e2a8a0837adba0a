import type { DatasetMeta } from '@shared/domain/dataset'

export type LabelState = 'all' | 'trusted' | 'not-trusted' | 'wrong'

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
  readonly marks: ReadonlyMap<number, number>
}

/** Rows of a dataset that a filter lets through, in the dataset's order. */
export function filteredRows({ meta, given, truth, marks }: Facts, filter: ExampleFilter): number[] {
  const split = meta.splits.find(({ name }) => name === filter.split) ?? { from: 0, to: meta.count }
  const rows: number[] = []
  for (let row = split.from; row < split.to; row++) {
    if (filter.label !== null && given[row] !== filter.label) continue
    if (filter.state === 'trusted' && !marks.has(row)) continue
    if (filter.state === 'not-trusted' && marks.has(row)) continue
    if (filter.state === 'wrong' && (!truth || truth[row] === given[row])) continue
    rows.push(row)
  }
  return rows
}
