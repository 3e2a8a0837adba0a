import type { StandingDecision } from '../../shared/domain/decision'
import type { Unwritten } from './decision-stream'
import { reviewable } from './run-results'
import type { DenoisingRecord, RunResults } from './run-results'

/** What is decided on a run in its review. */
export async function standingReview(context: RunResults, run: string): Promise<readonly StandingDecision[]> {
  const { reviews } = context.workspace
  const inherited = await inheritedReview(context, run)
  return inherited && reviews.isUntouched(run) ? inherited.decisions : reviews.standing(run)
}

/**
 * A run that goes on from a review begins with that review's decisions. They are written with the first act, as
 * one of their own that can be undone like any other; until then they stand all the same.
 */
export async function inheritedReview(context: RunResults, run: string): Promise<Unwritten | undefined> {
  const record = reviewable(context, run)
  if (!context.workspace.reviews.isUntouched(run)) return undefined
  const decisions = await inheritedDecisions(context, record)
  if (decisions.length === 0) return undefined
  return { decisions, undo: `take over ${decisions.length} earlier decisions` }
}

/** Write what a run begins with, before its first act. */
export async function beginReview(context: RunResults, run: string): Promise<void> {
  const inherited = await inheritedReview(context, run)
  if (inherited) context.workspace.reviews.begin(run, inherited.decisions, inherited.undo)
}

async function inheritedDecisions(
  context: RunResults,
  { id, spec, createdAt }: DenoisingRecord
): Promise<StandingDecision[]> {
  const { corrections = {}, dropped = [], startFrom } = spec
  if (dropped.length === 0 && Object.keys(corrections).length === 0) return []
  const { givenLabels } = await context.selectionOf(id, 'train')
  const earlier = await earlierDecisions(context, startFrom)
  const decided = (row: number, decision: Pick<StandingDecision, 'action' | 'label'>): StandingDecision => {
    const before = earlier.get(row)
    const isThat = before?.action === decision.action && before.label === decision.label
    return { row, ...decision, by: isThat ? before.by : 'unknown', at: isThat ? before.at : createdAt }
  }
  const labelled = Object.entries(corrections).map(([row, label]) =>
    decided(
      Number(row),
      givenLabels[Number(row)] === label ? { action: 'keep' } : { action: 'relabel', label }
    )
  )
  return [...labelled, ...dropped.map((row) => decided(row, { action: 'drop' }))]
}

/** Who decided, and when, is known to the run that this one went on from. */
async function earlierDecisions(
  context: RunResults,
  outputDir: string | undefined
): Promise<ReadonlyMap<number, StandingDecision>> {
  const run = context.workspace.store.list().find((record) => record.outputDir === outputDir)
  const decisions =
    run?.spec.task === 'denoising' ? await standingReview(context, run.id).catch(() => []) : []
  return new Map(decisions.map((decision) => [decision.row, decision]))
}
