import { implement } from '@orpc/server'
import { reviews } from '../../shared/contract/reviews'
import type { DecisionPage, StandingDecision } from '../../shared/domain/decision'
import { badInput } from '../../shared/domain/failure'
import type { IssueTable, ReviewChange } from '../../shared/domain/review'
import { continuation } from './continuation'
import { vouchedAmong } from './decided-rows'
import { decisionStream, turnsOf } from './decision-stream'
import { findAmong } from './find-rows'
import { issueTable } from './issue-table'
import { likelyClasses } from './likely-classes'
import { nearestOfClass } from './nearest-examples'
import { readerOf } from './readers'
import { reviewable } from './run-results'
import type { ResultsContext } from './run-results'
import { beginReview, inheritedReview } from './standing-review'
import { assignParts, runReviewers } from './run-reviewers'
import { weightTrajectory } from './weight-trajectory'

const os = implement(reviews).$context<ResultsContext>()

/** Decisions in an answer. */
const PAGE = 5000

export const reviewProcedures = os.router({
  get: os.get.handler(async ({ context, input: { run, from = 0, most = PAGE, ...who } }) => {
    const { reviews: log } = context.workspace
    const inherited = await inheritedReview(context, run)
    const page = inherited ? pageOf(inherited.decisions, from, most) : log.page(run, from, most)
    const turns = turnsOf(log, run, readerOf(context.connection, who), inherited)
    return { run, revision: log.revision(run), ...page, ...turns }
  }),
  watch: os.watch.handler(async function* ({ context, input: { run, ...who }, signal }) {
    const inherited = await inheritedReview(context, run)
    yield* decisionStream(context, context.workspace.reviews, run, who, signal, inherited)
  }),
  issues: os.issues.handler(async ({ context, input: { run } }) => {
    const table = await issueTable(context, run)
    return { ...table, vouched: await vouchedAmong(context, table) }
  }),
  vouched: os.vouched.handler(async ({ context, input: { run } }) =>
    vouchedAmong(context, await issueTable(context, run))
  ),
  decide: os.decide.handler(async ({ context, input }) => {
    const { run, changes, summary, settles, revision, ...who } = input
    checkChanges(changes, await issueTable(context, run))
    await beginReview(context, run)
    const reader = readerOf(context.connection, who)
    return context.workspace.reviews.decide(run, changes, summary, reader, revision, settles)
  }),
  reviewers: os.reviewers.handler(({ context, input: { run } }) => runReviewers(context, run)),
  assign: os.assign.handler(async ({ context, input: { run, by = context.workspace.user, ...order } }) => {
    await beginReview(context, run)
    const parts = await assignParts(context, run, { ...order, shared: order.shared ?? 0 }, by)
    return { assigned: parts.map((part) => ({ ...part, rows: [...part.rows], examples: part.rows.length })) }
  }),
  unassign: os.unassign.handler(({ context, input: { run, from, rows } }) => {
    const taken = context.workspace.reviewParts.take(reviewable(context, run).id, from, rows)
    return { examples: taken.length, rows: [...taken] }
  }),
  reassign: os.reassign.handler(
    async ({ context, input: { run, name, rows, by = context.workspace.user } }) => {
      const { given } = await issueTable(context, run)
      const known = rows.filter((row) => row < given.length)
      const [part] = context.workspace.reviewParts.give(
        reviewable(context, run).id,
        [{ name, rows: known }],
        by
      )
      return { name, rows: [...(part?.rows ?? [])] }
    }
  ),
  undo: os.undo.handler(async ({ context, input: { run, leaveOthers, ...who } }) => {
    await beginReview(context, run)
    return context.workspace.reviews.undo(run, readerOf(context.connection, who), leaveOthers)
  }),
  redo: os.redo.handler(async ({ context, input: { run, leaveOthers, ...who } }) => {
    await beginReview(context, run)
    return context.workspace.reviews.redo(run, readerOf(context.connection, who), leaveOthers)
  }),
  find: os.find.handler(async ({ context, input: { run, where } }) =>
    findAmong(context, await context.selectionOf(run, 'train'), where, reviewable(context, run).id)
  ),
  trajectory: os.trajectory.handler(async ({ context, input: { run, row } }) => ({
    weights: await weightTrajectory(reviewable(context, run), row)
  })),
  neighbours: os.neighbours.handler(async ({ context, input: { run, row, count = 4 } }) => {
    const table = await issueTable(context, run)
    requireRow(row, table)
    if (reviewable(context, run).spec.trusted === false) return { given: [], suggested: [] }
    const train = await context.selectionOf(run, 'train')
    const trusted = await context.selectionOf(run, 'trusted')
    const features = train.readRows([row])
    const given = table.given[row]!
    const suggested = table.predicted[row]!
    return {
      given: await nearestOfClass(trusted, given, features, count),
      suggested: suggested === given ? [] : await nearestOfClass(trusted, suggested, features, count)
    }
  }),
  likely: os.likely.handler(async ({ context, input: { run, row, most = 9 } }) => {
    requireRow(row, await issueTable(context, run))
    return likelyClasses(await context.selectionOf(run, 'train'), row, most)
  }),
  continuation: os.continuation.handler(({ context, input: { run } }) => continuation(context, run))
})

function pageOf(decisions: readonly StandingDecision[], from: number, most: number): DecisionPage {
  const rows = decisions.filter(({ row }) => row >= from).sort((a, b) => a.row - b.row)
  return { decisions: rows.slice(0, most), next: rows[most]?.row ?? null }
}

function requireRow(row: number, { given }: IssueTable): void {
  if (row >= given.length)
    throw badInput(`There is no example ${row}: there are ${given.length}.`, 'Count from 0.')
}

function checkChanges(changes: readonly ReviewChange[], table: IssueTable): void {
  for (const { row, decision } of changes) {
    requireRow(row, table)
    if (decision?.action !== 'relabel') {
      if (decision?.label !== undefined)
        throw badInput(`Example ${row}: only a relabelling names a class.`, 'Leave the label out.')
      continue
    }
    if (decision.label === undefined || decision.label >= table.classNames.length) {
      throw badInput(
        `Example ${row} cannot get class ${decision.label ?? '(none)'}.`,
        `Name a class from 0 to ${table.classNames.length - 1}.`
      )
    }
  }
}
