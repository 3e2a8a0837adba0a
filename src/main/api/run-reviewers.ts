import { badInput, Failure } from '../../shared/domain/failure'
import { dealParts, sayingOf } from '../../shared/domain/reviewer'
import type { Agreement, PartOrder, Reviewers, Verdict } from '../../shared/domain/reviewer'
import { cohensKappa } from '../../shared/numerics/kappa'
import type { Part } from '../runs'
import { decidedRows } from './decided-rows'
import { issueTable } from './issue-table'
import type { RunResults } from './run-results'
import { reviewable } from './run-results'
import { standingReview } from './standing-review'

/** Who reviews a run, what each has to do, where they disagree, how far they agree. @throws Failure not-found, conflict */
export async function runReviewers(context: RunResults, run: string): Promise<Reviewers> {
  const { reviews, reviewParts } = context.workspace
  reviewable(context, run)
  const verdicts = reviews.verdicts(run)
  const standing = new Map((await standingReview(context, run)).map((decision) => [decision.row, decision]))
  const byRow = groupedBy(verdicts, ({ row }) => row)
  const byName = groupedBy(verdicts, ({ by }) => by)
  const parts = new Map(reviewParts.of(run).map(({ name, rows }) => [name, rows]))
  const names = [...new Set([...byName.keys(), ...parts.keys()])].sort((a, b) => a.localeCompare(b))
  const people = names.map((name) => {
    const judged = new Set(byName.get(name)?.map(({ row }) => row))
    const assigned = parts.get(name) ?? []
    return { name, judged: judged.size, assigned, done: assigned.filter((row) => judged.has(row)).length }
  })
  const isPlain = (said: readonly Verdict[]): boolean =>
    said.length === 1 && standing.get(said[0]!.row)?.by === said[0]!.by
  const disputed = [...byRow]
    .filter(([row, said]) => new Set(said.map(sayingOf)).size > 1 && !standing.get(row)?.settled)
    .map(([row]) => row)
  return {
    people,
    verdicts: [...byRow.values()].filter((said) => !isPlain(said)).flat(),
    disputed,
    agreement: agreements(byName)
  }
}

function groupedBy<Key>(
  verdicts: readonly Verdict[],
  keyOf: (verdict: Verdict) => Key
): ReadonlyMap<Key, readonly Verdict[]> {
  const groups = new Map<Key, Verdict[]>()
  for (const verdict of verdicts) {
    const group = groups.get(keyOf(verdict))
    if (group) group.push(verdict)
    else groups.set(keyOf(verdict), [verdict])
  }
  return groups
}

/** Each two people who both judged something, by name. */
function agreements(byName: ReadonlyMap<string, readonly Verdict[]>): Agreement[] {
  const said = [...byName]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, verdicts]) => ({ name, of: new Map(verdicts.map((one) => [one.row, sayingOf(one)])) }))
  return said.flatMap((first, i) =>
    said.slice(i + 1).flatMap((second) => {
      const pairs = [...first.of].flatMap(([row, saying]): [string, string][] => {
        const other = second.of.get(row)
        return other === undefined ? [] : [[saying, other]]
      })
      if (pairs.length === 0) return []
      const { interval, ...facts } = cohensKappa(pairs)
      return [{ between: [first.name, second.name], ...facts, interval: interval && [...interval] }]
    })
  )
}

/**
 * Give people the most suspicious flagged examples that nobody decided on or was given.
 * @throws Failure bad-input for a name twice, conflict where nothing is left to give
 */
export async function assignParts(
  context: RunResults,
  run: string,
  order: PartOrder,
  by: string
): Promise<Part[]> {
  const { reviewParts } = context.workspace
  if (new Set(order.to).size < order.to.length)
    throw badInput('A name is there twice.', 'Name everybody once.')
  const table = await issueTable(context, run)
  const decided = await decidedRows(context, run)
  const given = new Set(reviewParts.of(run).flatMap(({ rows }) => rows))
  const free = Array.from(table.given.keys())
    .filter((row) => table.flagged[row] && !decided.has(row) && !given.has(row))
    .sort((a, b) => table.combined[a]! - table.combined[b]! || a - b)
  if (free.length === 0)
    throw new Failure(
      'conflict',
      'No flagged example is left to give: each is decided or somebody has it.',
      'Take a part back first.'
    )
  const parts = dealParts(free, order).map((rows, i) => ({ name: order.to[i]!, rows }))
  return reviewParts.give(run, parts, by)
}
