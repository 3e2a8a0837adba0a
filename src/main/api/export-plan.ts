import type { Review, IssueTable } from '../../shared/domain/review'

/** What to do with a flagged example that nobody decided about. */
export type UndecidedPolicy = 'drop' | 'keep' | 'relabel'

/** What happens to one example, and why. Entries of the manifest. */
export interface RowChange {
  /** Row of the source data. */
  readonly row: number
  readonly file?: string
  readonly action: 'drop' | 'relabel' | 'keep'
  /** Label in the source. */
  readonly given: string
  /** Label that is written; absent when dropped. */
  readonly label?: string
  readonly suggested: string
  /** A person in the review, or the rule for flagged examples that nobody decided about. */
  readonly decidedBy: 'review' | 'rule'
  /** 0..1, low is bad. */
  readonly scores: Readonly<Record<string, number>>
}

export interface ExportPlan {
  /** Rows to write, ascending. */
  readonly keep: Int32Array
  /** Labels to write, one for each row of the source. */
  readonly labels: Int32Array
  /** What differs from the source, and flagged examples that are kept. */
  readonly changes: readonly RowChange[]
  /** Written with their label unchanged. */
  readonly kept: number
  readonly dropped: number
  readonly relabelled: number
  /** Flagged, and decided by the rule. */
  readonly undecided: number
}

/**
 * Decisions of a review, and the rule for the rest, laid over the data of a run.
 * @param source labels of the source, one for each example
 */
export function planExport(
  table: IssueTable,
  source: Int32Array,
  { decisions }: Pick<Review, 'decisions'>,
  policy: UndecidedPolicy
): ExportPlan {
  const decided = new Map(decisions.map((decision) => [decision.row, decision]))
  // Where the run itself went on from a review, its labels are the corrected ones.
  const labels = Int32Array.from(table.given)
  const keep: number[] = []
  const changes: RowChange[] = []
  let undecided = 0
  let relabelled = 0
  for (let row = 0; row < labels.length; row++) {
    const decision = decided.get(row)
    const flagged = table.flagged[row]!
    let drop = decision?.action === 'drop'
    if (decision?.action === 'relabel') labels[row] = decision.label!
    if (!decision && flagged) {
      undecided++
      drop = policy === 'drop'
      if (policy === 'relabel') labels[row] = table.predicted[row]!
    }
    if (!drop) keep.push(row)
    const changed = !drop && labels[row] !== source[row]
    if (changed) relabelled++
    if (!drop && !changed && !flagged) continue
    changes.push({
      row,
      ...(table.files ? { file: table.files[row]! } : {}),
      action: drop ? 'drop' : changed ? 'relabel' : 'keep',
      given: table.classNames[source[row]!]!,
      ...(drop ? {} : { label: table.classNames[labels[row]!]! }),
      suggested: table.classNames[table.predicted[row]!]!,
      decidedBy: decision ? 'review' : 'rule',
      scores: scoresOf(table, row)
    })
  }
  return {
    keep: Int32Array.from(keep),
    labels,
    changes,
    kept: keep.length - relabelled,
    dropped: labels.length - keep.length,
    relabelled,
    undecided
  }
}

function scoresOf(table: IssueTable, row: number): Record<string, number> {
  const { weight, combined, bilevel, trusted, crossValidated } = table
  return {
    combined: combined[row]!,
    weight: weight[row]!,
    bilevel: bilevel[row]!,
    trusted: trusted[row]!,
    ...(crossValidated ? { crossValidated: crossValidated[row]! } : {})
  }
}
