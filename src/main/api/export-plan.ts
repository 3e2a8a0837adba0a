import type { UndecidedPolicy } from '../../shared/contract'
import { COMBINED, EVIDENCE } from '../../shared/domain/evidence'
import type { IssueTable } from '../../shared/domain/review'
import { rowsWithoutPoisons } from '../datasets'
import type { ExampleSelection, LabelDecisions } from '../datasets'
import { excludedRows, vouchedDecisions } from './decided-rows'
import type { DecidedRow } from './decided-rows'

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
  readonly suggested?: string
  /**
   * A person in the review, one who marked trusted examples, one who looked the dataset through, or the rule for flagged examples that nobody
   * decided about.
   */
  readonly decidedBy: 'review' | 'trust' | 'survey' | 'rule'
  /** Name of the user who decided; of the rule: who chose it. */
  readonly by: string
  readonly at: string
  /** 0..1, low is bad. */
  readonly scores?: Readonly<Record<string, number>>
}

export interface ExportPlan {
  /** Rows to write, ascending. */
  readonly keep: Int32Array
  /** Labels to write, one for each row of the source. */
  readonly labels: Int32Array
  /** What differs from the source, and what somebody decided to keep. */
  readonly changes: readonly RowChange[]
  /** Written with their label unchanged. */
  readonly kept: number
  readonly dropped: number
  readonly relabelled: number
  /** Of the relabelled: corrected while trusted examples were marked. */
  readonly corrected: number
  /** Flagged, and decided by the rule. */
  readonly undecided: number
  /** Not asked for, whatever was decided. */
  readonly unasked: number
}

export interface PlanOrder {
  readonly source: ExampleSelection
  /** What people decided, by row. */
  readonly decided: ReadonlyMap<number, DecidedRow>
  /** What a run found; absent for a copy of a dataset. */
  readonly table?: IssueTable
  readonly policy: UndecidedPolicy
  /** Rows that are left out whatever was decided. */
  readonly without?: ReadonlySet<number>
  /** The only rows that are wanted, where not all are. */
  readonly asked?: ReadonlySet<number>
  /** Who exports. */
  readonly user: string
}

/** Decisions, and the rule for what is undecided, laid over the labels as the source gives them. */
export function planExport(order: PlanOrder): ExportPlan {
  const { givenLabels: given } = order.source
  const labels = given.slice()
  const keep: number[] = []
  const changes: RowChange[] = []
  const counts = { relabelled: 0, corrected: 0, undecided: 0, unasked: 0 }
  const now = new Date().toISOString()
  for (let row = 0; row < labels.length; row++) {
    if (order.asked?.has(row) === false) {
      counts.unasked++
      continue
    }
    if (order.without?.has(row)) continue
    const outcome = outcomeOf(order, row)
    const isRelabelled = outcome.label !== undefined && outcome.label !== given[row]
    const where = order.decided.get(row)?.where
    if (outcome.label !== undefined) {
      labels[row] = outcome.label
      keep.push(row)
    }
    counts.undecided += Number(outcome.isUndecided)
    counts.relabelled += Number(isRelabelled)
    counts.corrected += Number(isRelabelled && where === 'trust')
    const isUnremarkable = outcome.label === given[row] && !isFlagged(order, row) && where !== 'review'
    if (!isUnremarkable) changes.push(changeOf(order, row, outcome.label, now))
  }
  const { relabelled, corrected, undecided, unasked } = counts
  return {
    keep: Int32Array.from(keep),
    labels,
    changes,
    kept: keep.length - relabelled,
    dropped: labels.length - keep.length - unasked,
    relabelled,
    corrected,
    undecided,
    unasked
  }
}

interface Outcome {
  /** Label to write; undefined where the example is dropped. */
  readonly label: number | undefined
  readonly isUndecided: boolean
}

function isFlagged({ table }: PlanOrder, row: number): boolean {
  return table?.flagged[row] === true
}

/** What a decision makes of an example, or the rule where it is flagged and nobody decided. */
function outcomeOf(order: PlanOrder, row: number): Outcome {
  const { source, decided, table, policy } = order
  const given = source.givenLabels[row]!
  const decision = decided.get(row)
  const isUndecided = !decision && isFlagged(order, row)
  if (decision?.action === 'drop' || (isUndecided && policy === 'drop'))
    return { label: undefined, isUndecided }
  if (decision?.action === 'relabel') return { label: decision.label!, isUndecided }
  return { label: isUndecided && policy === 'relabel' ? table!.predicted[row]! : given, isUndecided }
}

function changeOf(order: PlanOrder, row: number, label: number | undefined, now: string): RowChange {
  const { source, decided, table, user } = order
  const { givenLabels, classNames, files } = source
  const given = givenLabels[row]!
  const { where = 'rule', by = user, at = now } = decided.get(row) ?? {}
  return {
    row,
    ...(files && { file: files[row]! }),
    action: label === undefined ? 'drop' : label === given ? 'keep' : 'relabel',
    given: classNames[given]!,
    ...(label !== undefined && { label: classNames[label]! }),
    ...(table && { suggested: classNames[table.predicted[row]!]! }),
    decidedBy: where,
    by,
    at,
    ...(table && { scores: scoresOf(table, row) })
  }
}

interface CopyOptions {
  readonly withoutPoisons: boolean
  /** The only rows that are wanted, where not all are. */
  readonly asked?: ReadonlySet<number>
  /** Who exports. */
  readonly user: string
  readonly decisions: Pick<LabelDecisions, 'excludedFrom'>
}

/**
 * A copy of data as they are, with the labels corrected that were while trusted examples were marked, and without the
 * examples that somebody decided to leave out.
 */
export function planCopy(
  source: ExampleSelection,
  { withoutPoisons, asked, user, decisions }: CopyOptions
): ExportPlan {
  const left = withoutPoisons ? new Set(rowsWithoutPoisons(source)) : undefined
  const without = left && new Set(Array.from(source.givenLabels.keys()).filter((row) => !left.has(row)))
  const decided = new Map(vouchedDecisions(source.vouched, source.givenLabels))
  for (const [row, excluded] of excludedRows(source, decisions)) decided.set(row, excluded)
  return planExport({ source, decided, policy: 'keep', without, asked, user })
}

/** What each kind of evidence says of one example. */
function scoresOf(table: IssueTable, row: number): Record<string, number> {
  const names = [COMBINED.id, ...EVIDENCE.map(({ id }) => id)]
  return Object.fromEntries(
    names.flatMap((name) => {
      const score = table[name]?.[row]
      return score === undefined ? [] : [[name, score]]
    })
  )
}
