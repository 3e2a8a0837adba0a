import { z } from 'zod'

/** What a person decided about one example of a run's training data. */
export const reviewDecision = z.object({
  /** Row of the run's training data (index in issues.csv). */
  row: z.int().nonnegative(),
  action: z.enum(['keep', 'drop', 'relabel']),
  /** The new class index; for relabel only. */
  label: z.int().nonnegative().optional(),
  /**
   * Somebody looked at this example by itself: true. One of many that a rule took: absent. Only the former say
   * anything of how good the scores are. Set by the store.
   */
  judged: z.literal(true).optional()
})
export type ReviewDecision = z.infer<typeof reviewDecision>

/** A change to make: a decision, or null to take back what was decided for the row. */
export const reviewChange = z.object({
  row: z.int().nonnegative(),
  decision: reviewDecision.omit({ row: true, judged: true }).nullable()
})
export type ReviewChange = z.infer<typeof reviewChange>

/** All decisions on a run that stand, and whether the last act can be undone or redone. */
export const review = z.object({
  run: z.string(),
  decisions: z.array(reviewDecision),
  /** What undo would take back, e.g. "drop 112 examples"; null when there is nothing. */
  undo: z.string().nullable(),
  redo: z.string().nullable(),
  /** Rows that the last act, undo or redo changed: the window shows them. */
  touched: z.array(z.int().nonnegative())
})
export type Review = z.infer<typeof review>

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
  /** Learned importance weight. */
  weight: z.array(z.number()),
  /** The default ranking. */
  combined: z.array(z.number()),
  /** Confidence of the run's own classifier in the given label. */
  bilevel: z.array(z.number()),
  /** Confidence of a classifier trained on the trusted examples alone. */
  trusted: z.array(z.number()),
  crossValidated: z.array(z.number()).nullable(),
  /** File names, for image folders. */
  files: z.array(z.string()).nullable(),
  /** The cut under which the run flags. */
  threshold: z.number(),
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
