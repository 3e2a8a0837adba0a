import { COMBINED, EVIDENCE } from '../../shared/domain/evidence'
import type { EvidenceScores } from '../../shared/domain/evidence'

/** What issues.csv says of each example. */
export type IssueColumns = EvidenceScores<ArrayLike<number>> & {
  readonly classNames: readonly string[]
  /** Class indices. */
  readonly given: ArrayLike<number>
  readonly predicted: ArrayLike<number>
  readonly truth?: ArrayLike<number> | null
  readonly flagged: ArrayLike<number | boolean>
  readonly combined: ArrayLike<number>
  readonly files?: readonly string[] | null
}

/** A column by name and what stands in a row of it. */
export type IssueColumn = readonly [name: string, cell: (row: number) => string]

/** Names of the columns that are no scores. */
export const ISSUE_COLUMN = {
  index: 'index',
  given: 'given_label',
  predicted: 'predicted_label',
  flagged: 'is_label_issue',
  file: 'file',
  truth: 'true_label'
} as const

/** In is_label_issue, as Python writes it. */
export const FLAGGED = 'True'

/**
 * The columns of issues.csv, one line an example in the order of the training data. Names and direction (low is
 * bad) are cleanlab Datalab's; label_score is the learned importance weight, combined_score the default ranking.
 * @param decided columns of a review, which stand behind the early ones
 */
export function issueColumns(of: IssueColumns, decided: readonly IssueColumn[] = []): IssueColumn[] {
  const { classNames, given, predicted, truth, flagged, files } = of
  const scores = EVIDENCE.flatMap(({ id, column, isEarly }) => {
    const values = of[id]
    return values ? [{ isEarly, column: [column, (row: number) => score(values[row]!)] as const }] : []
  })
  const [first, ...others] = scores.filter(({ isEarly }) => isEarly).map(({ column }) => column)
  return [
    [ISSUE_COLUMN.index, String],
    [ISSUE_COLUMN.given, (row) => classNames[given[row]!]!],
    [ISSUE_COLUMN.predicted, (row) => classNames[predicted[row]!]!],
    [ISSUE_COLUMN.flagged, (row) => (flagged[row] ? FLAGGED : 'False')],
    first!,
    [COMBINED.column, (row) => score(of.combined[row]!)],
    ...others,
    ...decided,
    ...scores.filter(({ isEarly }) => !isEarly).map(({ column }) => column),
    ...(files ? [[ISSUE_COLUMN.file, (row: number) => files[row]!] as const] : []),
    ...(truth ? [[ISSUE_COLUMN.truth, (row: number) => classNames[truth[row]!]!] as const] : [])
  ]
}

/** Nine significant digits carry a float32 exactly: ties in the file are ties in the run. */
function score(value: number): string {
  return String(Number(value.toPrecision(9)))
}
