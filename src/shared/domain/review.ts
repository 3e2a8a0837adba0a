import * as z from 'zod'
import { EVIDENCE } from './evidence'
import type { OccasionalEvidence, StandingEvidence } from './evidence'
import { decisionNews, decisionPage, newDecision, standingDecision } from './decision'

/** What a person decided about one example of a run's training data; its row is the index in issues.csv. */
export const reviewDecision = standingDecision
export type ReviewDecision = z.infer<typeof reviewDecision>

/** A change to make: a decision, or null to take back what was decided for the row. */
export const reviewChange = z.object({
  row: z.int().nonnegative(),
  decision: newDecision.nullable()
})
export type ReviewChange = z.infer<typeof reviewChange>

/** A page of the decisions on a run that stand, and whether the last act can be undone or redone. */
export const review = z.object({
  run: z.string(),
  ...decisionPage.shape,
  ...decisionNews.pick({ revision: true, undo: true, redo: true }).shape
})

const scores = z.array(z.number())
/** A column for each kind of evidence; null where the run has none. */
const evidenceColumns = Object.fromEntries(
  EVIDENCE.map(({ id, always }) => [id, always ? scores : scores.nullish()])
) as Record<StandingEvidence, typeof scores> &
  Record<OccasionalEvidence, z.ZodOptional<z.ZodNullable<typeof scores>>>

/**
 * A run's issues.csv as columns: one entry an example of its training data, scores in 0..1 where low is bad.
 */
export const issueTable = z.object({
  run: z.string(),
  classNames: z.array(z.string()),
  /** Class index of the given label. */
  given: z.array(z.int()),
  predicted: z.array(z.int()),
  /** Class index of the true label where it is known. */
  truth: z.array(z.int()).nullable(),
  flagged: z.array(z.boolean()),
  /** The default ranking. */
  combined: scores,
  ...evidenceColumns,
  /** File names, for image folders. */
  files: z.array(z.string()).nullable(),
  /** What was decided, while trusted ones were marked, on examples that are flagged or whose label is contradicted. */
  vouched: z.array(standingDecision).optional(),
  /** The cut under which the run flags. */
  threshold: z.number(),
  /** Whether the combined score is the probability that a label is right. */
  isProbability: z.boolean(),
  shape: z.array(z.int())
})
export type IssueTable = z.infer<typeof issueTable>

/** A trusted example near to one in doubt. */
export const neighbour = z.object({
  /** Row of the run's trusted data. */
  row: z.int().nonnegative(),
  label: z.int().nonnegative(),
  /** Euclidean distance of the features (pixels in 0..1). */
  distance: z.number()
})
export type Neighbour = z.infer<typeof neighbour>
