import type { DatasetMeta } from '../../shared/domain/dataset'
import type { IssueTable } from '../../shared/domain/review'
import { decidedRows } from './decided-rows'
import { issueTable } from './issue-table'
import { reviewable } from './run-results'
import type { ResultsContext } from './run-results'
import { weightChanges } from './weight-trajectory'

/** What a run says of the rows of a dataset. */
export interface RunOnDataset {
  /** Combined score 0..1, low is bad; null for rows that it did not train on. */
  readonly scores: (number | null)[]
  /** Suggested class of the dataset's list; null where the run says nothing. */
  readonly suggested: (number | null)[]
  /** Rows that it flags. */
  readonly flagged: number[]
  /** Rows on which somebody decided in its review. */
  readonly decided: { readonly row: number; readonly action: 'keep' | 'drop' | 'relabel' }[]
}

/**
 * A run's table laid over the rows of one dataset, of which it may have trained on a part.
 * @throws Failure not-found, conflict when the run has no table
 */
export async function runOnDataset(
  context: ResultsContext,
  run: string,
  dataset: string
): Promise<RunOnDataset> {
  const meta = context.datasets.get(dataset)
  const table = await issueTable(context, run)
  const decisions = await decidedRows(context, run)
  const scores = new Array<number | null>(meta.count).fill(null)
  const suggested = new Array<number | null>(meta.count).fill(null)
  const flagged: number[] = []
  const decided: RunOnDataset['decided'] = []
  const classes = classesHere(table, meta.classNames)
  for (const { row, at } of await rowsOfRun(context, run, meta)) {
    scores[row] = table.combined[at] ?? null
    suggested[row] = classes[table.predicted[at]!] ?? null
    if (table.flagged[at]) flagged.push(row)
    const decision = decisions.get(at)
    if (decision) decided.push({ row, action: decision.action })
  }
  return { scores, suggested, flagged, decided }
}

/**
 * How far the weight of each row rose or fell over a run, -1..1; null for rows that it did not train on.
 * @throws Failure not-found when the run left no weights
 */
export async function weightChangesOnDataset(
  context: ResultsContext,
  run: string,
  dataset: string
): Promise<(number | null)[]> {
  const meta = context.datasets.get(dataset)
  const changes = await weightChanges(reviewable(context, run))
  const laid = new Array<number | null>(meta.count).fill(null)
  for (const { row, at } of await rowsOfRun(context, run, meta)) laid[row] = changes[at] ?? null
  return laid
}

/** Rows of a dataset that a run trained on, and where they stand in its table. */
async function rowsOfRun(
  context: ResultsContext,
  run: string,
  { id }: DatasetMeta
): Promise<{ readonly row: number; readonly at: number }[]> {
  const { ranges, leftOut } = await context.selectionOf(run, 'train')
  const rows: { row: number; at: number }[] = []
  let start = 0
  for (const { meta, from, to } of ranges) {
    for (let row = from; meta.id === id && row < to; row++) {
      const at = start + row - from
      if (!leftOut.has(at)) rows.push({ row, at })
    }
    start += to - from
  }
  return rows
}

function classesHere({ classNames }: IssueTable, here: readonly string[]): (number | null)[] {
  return classNames.map((name) => {
    const at = here.indexOf(name)
    return at < 0 ? null : at
  })
}
