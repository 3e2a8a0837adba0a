import type { Report } from '../../shared/domain/report'
import type { Reviewers } from '../../shared/domain/reviewer'

/** An example as a report shows it. */
export interface ReportedExample {
  /** Row of the training data, from 0. */
  readonly row: number
  readonly file?: string
  readonly given: string
  readonly suggested: string
  /** Combined score 0..1, low is bad. */
  readonly score: number
  /** What was decided, as a clause; absent where nothing was. */
  readonly decision?: string
  /** A picture as a data address. */
  readonly picture?: string
  /** Cells of a row, or a text. */
  readonly cells?: readonly { readonly name: string; readonly text: string }[]
}

/** A change of one example, as a report lists it. */
export interface ReportedChange {
  readonly row: number
  readonly file?: string
  readonly given: string
  /** The label that stands now; absent where the example is left out. */
  readonly label?: string
  readonly by: string
  readonly at: string
}

/** What a run found and what was made of it, for people who have neither the workbench nor the data. */
export interface ReportFacts {
  readonly name: string
  readonly report: Report
  /** When the report was made. */
  readonly madeAt: string
  /** Of the workbench. */
  readonly version: string
  /** The most suspicious examples, the worst first; empty for tasks that look for none. */
  readonly worst: readonly ReportedExample[]
  readonly decided: { readonly kept: number; readonly dropped: number; readonly relabelled: number }
  /** Flagged, and nobody decided. */
  readonly undecided: number
  readonly changes: readonly ReportedChange[]
  /** Where several people judged: who, how far they agree, and what they still dispute. */
  readonly reviewers?: Pick<Reviewers, 'people' | 'agreement' | 'disputed'>
  /** The spec as a command; undefined where only a file can say it. */
  readonly command?: string
  /** The spec, as YAML. */
  readonly spec: string
  /** What the data were, by SHA-256 of their content. */
  readonly hashes: readonly { readonly source: string; readonly sha256: string }[]
}
