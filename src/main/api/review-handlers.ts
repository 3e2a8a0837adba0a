import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import type { reviews } from '../../shared/contract/reviews'
import { badInput } from '../../shared/domain/failure'
import type { IssueTable, ReviewChange } from '../../shared/domain/review'
import type { DenoisingSpec } from '../../shared/domain/task-spec'
import { issueTable } from './issue-table'
import { nearestOfClass } from './nearest-examples'
import { portableSpec } from './run-data'
import { reviewable } from './run-results'
import type { ResultsContext } from './run-results'
import { standingReview } from './standing-review'
import { weightTrajectory } from './weight-trajectory'

type Inputs = InferContractRouterInputs<typeof reviews>
type Outputs = InferContractRouterOutputs<typeof reviews>
type Handlers = { [K in keyof typeof reviews]: (input: Inputs[K]) => Promise<Outputs[K]> }

/** The procedures of the contract's `reviews`. */
export function reviewHandlers(context: ResultsContext): Handlers {
  const { reviews: store } = context.workspace
  return {
    get: ({ run }) => standingReview(context, run),
    issues: ({ run }) => issueTable(context, run),
    decide: async ({ run, changes, summary }) => {
      checkChanges(changes, await issueTable(context, run))
      await standingReview(context, run)
      return store.decide(run, changes, summary)
    },
    undo: async ({ run }) => {
      reviewable(context, run)
      return store.undo(run)
    },
    redo: async ({ run }) => {
      reviewable(context, run)
      return store.redo(run)
    },
    trajectory: async ({ run, row }) => ({ weights: await weightTrajectory(reviewable(context, run), row) }),
    neighbours: async ({ run, row, count = 4 }) => {
      const table = await issueTable(context, run)
      requireRow(row, table)
      const train = await context.selectionOf(run, 'train')
      const trusted = await context.selectionOf(run, 'trusted')
      const features = train.readRows([row])
      const given = table.given[row]!
      const suggested = table.predicted[row]!
      return {
        given: await nearestOfClass(trusted, given, features, count),
        suggested: suggested === given ? [] : await nearestOfClass(trusted, suggested, features, count)
      }
    },
    continuation: ({ run }) => continuation(context, run)
  }
}

/**
 * The run's spec with its decisions applied, going on from its weights and classifier. A label that was kept
 * is a correction to itself: somebody vouches for it.
 */
async function continuation(context: ResultsContext, run: string): Promise<DenoisingSpec> {
  const { outputDir } = reviewable(context, run)
  const { given } = await issueTable(context, run)
  const { decisions } = await standingReview(context, run)
  const corrections: Record<string, number> = {}
  const dropped: number[] = []
  for (const { row, action, label } of decisions) {
    if (action === 'drop') dropped.push(row)
    else corrections[row] = action === 'relabel' ? label! : given[row]!
  }
  const spec = (await portableSpec(context.workspace, context.datasets, run)) as DenoisingSpec
  return { ...spec, corrections, dropped, startFrom: outputDir }
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
