import type { StandingDecision } from '../../shared/domain/decision'
import type { IssueTable } from '../../shared/domain/review'
import type { ExampleSelection, LabelDecisions, VouchedRows } from '../datasets'
import type { RunResults } from './run-results'
import { standingReview } from './standing-review'

/** What a person decided about an example, and where. */
export interface DecidedRow extends StandingDecision {
  /** In the review of a run, while trusted examples were marked, or where they were looked through. */
  readonly where: 'review' | 'trust' | 'survey'
}

/**
 * What people decided about the examples of a run: in its review, and while they marked trusted examples, whether
 * before the run or since. Of two decisions on one example the later one stands.
 */
export async function decidedRows(
  context: RunResults,
  run: string
): Promise<ReadonlyMap<number, DecidedRow>> {
  const train = await context.selectionOf(run, 'train')
  const decided = new Map(vouchedDecisions(vouchedToday(context, train), train.givenLabels))
  for (const [row, excluded] of excludedRows(train, context.datasets.decisions)) decided.set(row, excluded)
  for (const decision of await standingReview(context, run)) {
    const mark = decided.get(decision.row)
    if (!mark || mark.at <= decision.at) decided.set(decision.row, { ...decision, where: 'review' })
  }
  return decided
}

/** What was decided, while trusted ones were marked, on examples that a run flags or whose label it contradicts. */
export async function vouchedAmong(
  context: RunResults,
  { run, flagged, predicted, given }: Pick<IssueTable, 'run' | 'flagged' | 'predicted' | 'given'>
): Promise<StandingDecision[]> {
  const train = await context.selectionOf(run, 'train')
  return [...vouchedDecisions(vouchedToday(context, train), train.givenLabels)]
    .filter(([row]) => flagged[row] || predicted[row] !== given[row])
    .map(([, { where: _where, ...decision }]) => decision)
}

/** The labels that are vouched for today, whatever they were when the selection was opened. */
export function vouchedToday({ datasets }: RunResults, selection: ExampleSelection): VouchedRows {
  return selection.withVouched((meta, folder) =>
    folder === datasets.folderOf(meta.id) ? datasets.decisions.marksOf(meta.id) : []
  ).vouched
}

/** Rows of a selection that somebody decided to leave out of their datasets. */
export function* excludedRows(
  selection: ExampleSelection,
  decisions: Pick<LabelDecisions, 'excludedFrom'>
): Generator<[number, DecidedRow]> {
  let start = 0
  for (const { meta, from, to } of selection.ranges) {
    for (const decision of decisions.excludedFrom(meta.id)) {
      if (decision.row < from || decision.row >= to) continue
      const row = start + decision.row - from
      yield [row, { ...decision, row, where: 'survey' }]
    }
    start += to - from
  }
}

/** Labels that are vouched for, as decisions by row. */
export function* vouchedDecisions(vouched: VouchedRows, given: Int32Array): Generator<[number, DecidedRow]> {
  for (const [row, { label, by, at }] of vouched) {
    const what = given[row] === label ? { action: 'keep' as const } : { action: 'relabel' as const, label }
    yield [row, { row, ...what, judged: true, by, at, where: 'trust' }]
  }
}
