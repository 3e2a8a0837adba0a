import type { StandingDecision } from '../../shared/domain/decision'
import type { TrustedMark, VouchedLabel } from '../../shared/domain/trusted-set'

/** What people decided about the labels of a workspace's datasets, by id. It lives in the workspace's database. */
export interface LabelDecisions {
  /** Labels that somebody vouches for, by row. */
  marksOf(dataset: string): readonly VouchedLabel[]
  /** Examples that somebody decided to leave out. */
  excludedFrom(dataset: string): readonly StandingDecision[]
  /** What is trusted instead of the marks; null: the marks. */
  referenceOf(dataset: string): string | null
  /** Take over marks that an earlier version kept elsewhere, for rows on which nothing was decided. */
  adopt(dataset: string, kept: { marks: readonly TrustedMark[]; reference: string | null }): void
  /** Everything about a dataset that is gone for good. */
  forget(dataset: string): void
}

/** In a training process, which gets its labels as they stood when the run was created. */
export const NO_DECISIONS: LabelDecisions = {
  marksOf: () => [],
  excludedFrom: () => [],
  referenceOf: () => null,
  adopt: () => undefined,
  forget: () => undefined
}
