import { Failure } from '../../shared/domain/failure'
import type { RunRecord } from '../../shared/domain/run'
import { fieldsOf, matches, parseWhere, valuesOf } from '../../shared/domain/where'
import type { Where, WhereFacts, WhereField } from '../../shared/domain/where'
import type { ExampleSelection } from '../datasets'
import { findSurvey, readSurvey } from '../survey'
import type { ResultsContext } from './run-results'
import { runOnDataset } from './run-on-dataset'
import type { RunOnDataset } from './run-on-dataset'

/** Rows between two pauses, in which others are answered. */
const BLOCK = 1000
/** Values of `flagged` that mean the newest run. */
const NEWEST = ['yes', 'no', 'true', 'false']

/**
 * The rows of a dataset that a question asks for, ascending. Scores, suggestions and flags are those of the newest run that
 * looked for wrong labels in it, or of the one named: `flagged = "name or id"`.
 * @throws Failure bad-input when the question is not understood, not-found when it needs what is not there
 */
export async function findRows(context: ResultsContext, dataset: string, text: string): Promise<number[]> {
  const where = parseWhere(text)
  const meta = context.datasets.get(dataset)
  const selection = context.datasets.openAsGiven(meta.id)
  try {
    const factsOf = await gather(context, selection, meta.id, where)
    const rows: number[] = []
    for (let row = 0; row < meta.count; row++) {
      if (row % BLOCK === BLOCK - 1) await new Promise((resolve) => setImmediate(resolve))
      if (matches(where, factsOf(row))) rows.push(row)
    }
    return rows
  } finally {
    selection.close()
  }
}

/** Gathers only what is asked for. */
async function gather(
  context: ResultsContext,
  selection: ExampleSelection,
  dataset: string,
  where: Where
): Promise<(row: number) => WhereFacts> {
  const fields = fieldsOf(where)
  const asksRun = ['score', 'suggested', 'flagged'].some((field) => fields.has(field as 'score'))
  const runs = asksRun ? await runsAsked(context, dataset, valuesOf(where, 'flagged')) : undefined
  const problems = fields.has('problem') ? await problemsOf(context, selection) : undefined
  const decisions = fields.has('decision') ? decisionsOf(context, selection, dataset) : undefined
  const { classNames, givenLabels, truth } = selection
  const files = fields.has('file') ? selection.files : undefined
  const readers: Readonly<Record<WhereField, (row: number) => ReturnType<WhereFacts>>> = {
    row: (row) => row,
    class: (row) => classNames[givenLabels[row]!] ?? null,
    true: (row) => (truth ? (classNames[truth[row]!] ?? null) : null),
    split: (row) => selection.splitOf(row) ?? null,
    file: (row) => files?.[row] ?? null,
    text: (row) => (selection.cellsOf(row) ?? []).map(({ text }) => text),
    problem: (row) => problems?.get(row) ?? [],
    decision: (row) => decisions?.get(row) ?? ['none'],
    score: (row) => runs?.newest.scores[row] ?? null,
    suggested: (row) => classNames[runs?.newest.suggested[row] ?? -1] ?? null,
    flagged: (row) => runs?.flagsOf(row) ?? []
  }
  return (row) => (field) => readers[field](row)
}

interface AskedRuns {
  readonly newest: RunOnDataset
  /** What `flagged` is of a row: yes or no by the newest run, and the names of runs that flag it, as they were asked for. */
  flagsOf(row: number): string[]
}

async function runsAsked(
  context: ResultsContext,
  dataset: string,
  named: readonly string[]
): Promise<AskedRuns> {
  const candidates = context.workspace.store
    .list()
    .filter(
      ({ state, spec }) =>
        state === 'done' && spec.task === 'denoising' && spec.pins?.some((pin) => pin.dataset === dataset)
    )
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
  const [last] = candidates
  if (!last)
    throw new Failure(
      'not-found',
      'No run has looked for wrong labels in this dataset, so there are no scores and flags.',
      'Find wrong labels first, or ask for something else.'
    )
  const newest = await runOnDataset(context, last.id, dataset)
  const flaggedNow = new Set(newest.flagged)
  const others = named.filter((name) => !NEWEST.includes(name.toLowerCase()))
  const flags = await Promise.all(
    others.map(async (name): Promise<[string, ReadonlySet<number>]> => {
      const { id } = runNamed(candidates, name)
      return [name, new Set((await runOnDataset(context, id, dataset)).flagged)]
    })
  )
  return {
    newest,
    flagsOf: (row) => [
      ...(flaggedNow.has(row) ? ['yes', 'true'] : ['no', 'false']),
      ...flags.filter(([, rows]) => rows.has(row)).map(([name]) => name)
    ]
  }
}

function runNamed(candidates: readonly RunRecord[], name: string): RunRecord {
  const found = candidates.find(({ id }) => id === name) ?? candidates.find((one) => one.name === name)
  if (found) return found
  throw new Failure(
    'not-found',
    `No run "${name}" has looked for wrong labels in this dataset.`,
    'See "bilevel runs list".'
  )
}

async function problemsOf(
  { workspace }: ResultsContext,
  selection: ExampleSelection
): Promise<ReadonlyMap<number, string[]>> {
  const folder = await findSurvey(workspace.dir, selection)
  if (folder === undefined)
    throw new Failure(
      'not-found',
      'The examples have not been looked through yet, so no problems are known.',
      'Look through them first ("bilevel datasets check").'
    )
  const problems = new Map<number, string[]>()
  for (const { kind, rows } of readSurvey(folder).findings)
    for (const row of rows) problems.set(row, [...(problems.get(row) ?? ['any']), kind])
  return problems
}

/** trusted, corrected, excluded, kept; rows without any have none. */
function decisionsOf(
  { datasets, workspace }: ResultsContext,
  { givenLabels }: ExampleSelection,
  dataset: string
): ReadonlyMap<number, string[]> {
  const decisions = new Map<number, string[]>()
  const add = (row: number, what: string): void =>
    void decisions.set(row, [...(decisions.get(row) ?? []), what])
  for (const { row, label } of datasets.decisions.marksOf(dataset)) {
    add(row, 'trusted')
    if (givenLabels[row] !== label) add(row, 'corrected')
  }
  for (const { row, action } of workspace.trust.exclusions.standing(dataset))
    add(row, action === 'drop' ? 'excluded' : 'kept')
  return decisions
}
