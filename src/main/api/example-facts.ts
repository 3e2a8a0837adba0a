import { Failure } from '../../shared/domain/failure'
import type { RunRecord } from '../../shared/domain/run'
import { columnsOf, fieldsOf, valuesOf } from '../../shared/domain/where'
import type { Where, WhereFacts, WhereField } from '../../shared/domain/where'
import type { ExampleSelection } from '../datasets'
import { findSurvey, readSurvey } from '../survey'
import { placeOf } from './row-places'
import { runsThatFound } from './run-results'
import type { ResultsContext } from './run-results'
import { runOnDataset } from './run-on-dataset'
import { runReviewers } from './run-reviewers'
import type { RunOnDataset } from './run-on-dataset'
import { standingReview } from './standing-review'

/** Values of `flagged` that mean the newest run. */
const NEWEST = ['yes', 'no', 'true', 'false']
/** Columns that are named where one is not found. */
const NAMED_COLUMNS = 12

/**
 * What a question can ask of the rows of a dataset; only what it does ask for is gathered.
 * @param of the run whose scores, flags and review are meant instead of the newest's
 * @throws Failure not-found when something that is asked for is not there
 */
export async function exampleFacts(
  context: ResultsContext,
  selection: ExampleSelection,
  dataset: string,
  where: Where,
  of: string | undefined
): Promise<(row: number) => WhereFacts> {
  const fields = fieldsOf(where)
  const asksFor = (...names: WhereField[]): boolean => names.some((name) => fields.has(name))
  const runs = asksFor('score', 'suggested', 'flagged', 'reviewed')
    ? await runsAsked(
        context,
        dataset,
        { flagged: valuesOf(where, 'flagged'), reviewed: valuesOf(where, 'reviewed') },
        of
      )
    : undefined
  const problems = fields.has('problem') ? await problemsOf(context, selection) : undefined
  const decided = asksFor('decision', 'by') ? await decisionsOf(context, selection, dataset, of) : undefined
  const assigned = asksFor('assigned') ? await partsOf(context, dataset, of) : undefined
  const written = asksFor('tag', 'note') ? context.workspace.trust.annotations.byRow(dataset) : undefined
  const { classNames, givenLabels, truth } = selection
  const files = fields.has('file') ? selection.files : undefined
  const readers: Readonly<Record<WhereField, (row: number) => ReturnType<WhereFacts['of']>>> = {
    row: (row) => row,
    class: (row) => classNames[givenLabels[row]!] ?? null,
    true: (row) => (truth ? (classNames[truth[row]!] ?? null) : null),
    split: (row) => selection.splitOf(row) ?? null,
    file: (row) => files?.[row] ?? null,
    text: (row) => (selection.cellsOf(row) ?? []).map(({ text }) => text),
    problem: (row) => problems?.get(row) ?? [],
    decision: (row) => decided?.get(row)?.what ?? ['none'],
    by: (row) => decided?.get(row)?.by ?? [],
    assigned: (row) => assigned?.get(row) ?? [],
    tag: (row) => written?.get(row)?.tags ?? [],
    note: (row) => written?.get(row)?.note || null,
    score: (row) => runs?.newest.scores[row] ?? null,
    suggested: (row) => classNames[runs?.newest.suggested[row] ?? -1] ?? null,
    flagged: (row) => runs?.flagged(row) ?? [],
    reviewed: (row) => runs?.reviewed(row) ?? []
  }
  const cellAt = cellsAsked(selection, columnsOf(where))
  return (row) => ({ of: (field) => readers[field](row), cell: (column) => cellAt(row, column) })
}

/** @throws Failure not-found for a column that the table does not have */
function cellsAsked(
  selection: ExampleSelection,
  asked: ReadonlySet<string>
): (row: number, column: string) => string | null {
  if (asked.size === 0 || selection.count === 0) return () => null
  const columns = selection.cellsOf(0)?.map(({ column }) => column.name) ?? selection.columns ?? []
  const places = new Map(columns.map((name, i) => [name.toLowerCase(), i]))
  for (const name of asked)
    if (!places.has(name.toLowerCase()))
      throw new Failure(
        'not-found',
        `This dataset has no column "${name}".`,
        columns.length === 0
          ? 'Only tables have columns.'
          : `It has ${columns.slice(0, NAMED_COLUMNS).join(', ')}${columns.length > NAMED_COLUMNS ? ', ...' : ''}.`
      )
  let read: { row: number; texts: readonly string[] } | undefined
  return (row, column) => {
    if (read?.row !== row) {
      const cells = selection.cellsOf(row)
      read = {
        row,
        texts: cells ? cells.map(({ text }) => text) : Array.from(selection.readRows([row]), String)
      }
    }
    return read.texts[places.get(column.toLowerCase())!] ?? null
  }
}

interface AskedRuns {
  readonly newest: RunOnDataset
  /** Of a row: yes or no by the newest run, and the names of runs that flag it, as they were asked for. */
  flagged(row: number): string[]
  /** The same of what was decided in the reviews. */
  reviewed(row: number): string[]
}

async function runsAsked(
  context: ResultsContext,
  dataset: string,
  named: Readonly<Record<'flagged' | 'reviewed', readonly string[]>>,
  of: string | undefined
): Promise<AskedRuns> {
  const candidates = runsThatFound(context, dataset)
  const last = of === undefined ? candidates[0] : runNamed(candidates, of)
  if (!last)
    throw new Failure(
      'not-found',
      'No run has looked for wrong labels in this dataset, so there are no scores and flags.',
      'Find wrong labels first, or ask for something else.'
    )
  const newest = await runOnDataset(context, last.id, dataset)
  const wordsBy = async (
    field: 'flagged' | 'reviewed',
    rowsOf: (run: RunOnDataset) => readonly number[]
  ): Promise<(row: number) => string[]> => {
    const now = new Set(rowsOf(newest))
    const others = named[field].filter((name) => !NEWEST.includes(name.toLowerCase()))
    const sets = await Promise.all(
      others.map(async (name) => {
        const run = await runOnDataset(context, runNamed(candidates, name).id, dataset)
        return { name, rows: new Set(rowsOf(run)) }
      })
    )
    return (row) => [
      ...(now.has(row) ? ['yes', 'true'] : ['no', 'false']),
      ...sets.filter(({ rows }) => rows.has(row)).map(({ name }) => name)
    ]
  }
  return {
    newest,
    flagged: await wordsBy('flagged', (run) => run.flagged),
    reviewed: await wordsBy('reviewed', (run) => run.decided.map(({ row }) => row))
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

interface Decided {
  /** trusted, corrected, excluded, kept, disputed, settled; rows without any have none. */
  readonly what: string[]
  /** Who did. */
  readonly by: string[]
}

/** Labels that are vouched for, what was left out or kept, and what was decided in the review of a run: the newest or `of`. */
async function decisionsOf(
  context: ResultsContext,
  { givenLabels }: ExampleSelection,
  dataset: string,
  of: string | undefined
): Promise<ReadonlyMap<number, Decided>> {
  const { datasets, workspace } = context
  const decided = new Map<number, Decided>()
  const add = (row: number, what: string | undefined, by: string | undefined): void => {
    const known = decided.get(row) ?? { what: [], by: [] }
    decided.set(row, {
      what: what === undefined ? known.what : [...known.what, what],
      by: by === undefined ? known.by : [...known.by, by]
    })
  }
  for (const { row, label, by } of datasets.decisions.marksOf(dataset)) {
    add(row, 'trusted', by)
    if (givenLabels[row] !== label) add(row, 'corrected', by)
  }
  for (const { row, action, by } of workspace.trust.exclusions.standing(dataset))
    add(row, action === 'drop' ? 'excluded' : 'kept', by)
  const run = of ?? runsThatFound(context, dataset)[0]?.id
  if (run === undefined) return decided
  const { ranges } = await context.selectionOf(run, 'train')
  const { verdicts, disputed } = await runReviewers(context, run)
  const addOfRun = (row: number, what: string | undefined, by: string | undefined): void => {
    const place = placeOf(ranges, row)
    if (place?.dataset === dataset) add(place.row, what, by)
  }
  for (const { row, action, by, settled } of await standingReview(context, run)) {
    addOfRun(row, IN_REVIEW[action], by)
    if (settled) addOfRun(row, 'settled', undefined)
  }
  for (const { row, by } of verdicts) addOfRun(row, undefined, by)
  for (const row of disputed) addOfRun(row, 'disputed', undefined)
  return decided
}

/** Who was given each row in the review of a run: the newest or `of`. */
async function partsOf(
  context: ResultsContext,
  dataset: string,
  of: string | undefined
): Promise<ReadonlyMap<number, string[]>> {
  const assigned = new Map<number, string[]>()
  const run = of ?? runsThatFound(context, dataset)[0]?.id
  if (run === undefined) return assigned
  const { ranges } = await context.selectionOf(run, 'train')
  for (const { name, rows } of context.workspace.reviewParts.of(run))
    for (const row of rows) {
      const place = placeOf(ranges, row)
      if (place?.dataset === dataset) assigned.set(place.row, [...(assigned.get(place.row) ?? []), name])
    }
  return assigned
}

const IN_REVIEW = { keep: 'kept', drop: 'excluded', relabel: 'corrected' } as const
