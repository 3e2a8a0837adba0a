import type { Review, ReviewChange } from '../../shared/domain/review'
import { reviewable } from './run-results'
import type { DenoisingRecord, ResultsContext } from './run-results'

/**
 * What is decided on a run. A run that goes on from a review begins with that review's decisions, as an act of
 * its own that can be undone like any other.
 */
export async function standingReview(context: ResultsContext, run: string): Promise<Review> {
  const record = reviewable(context, run)
  const { reviews } = context.workspace
  if (!reviews.isUntouched(run)) return reviews.get(run)
  const inherited = await inheritedChanges(context, record)
  if (inherited.length === 0) return reviews.get(run)
  // Asked again: another call may have done it while this one read the data.
  if (!reviews.isUntouched(run)) return reviews.get(run)
  const review = reviews.decide(run, inherited, `take over ${inherited.length} earlier decisions`)
  return { ...review, touched: [] }
}

async function inheritedChanges(
  context: ResultsContext,
  { id, spec }: DenoisingRecord
): Promise<ReviewChange[]> {
  const { corrections = {}, dropped = [] } = spec
  if (dropped.length === 0 && Object.keys(corrections).length === 0) return []
  const { labels } = await context.selectionOf(id, 'train')
  const labelled = Object.entries(corrections).map(([row, label]): ReviewChange => {
    const kept = labels[Number(row)] === label
    return { row: Number(row), decision: kept ? { action: 'keep' } : { action: 'relabel', label } }
  })
  return [...labelled, ...dropped.map((row): ReviewChange => ({ row, decision: { action: 'drop' } }))]
}
