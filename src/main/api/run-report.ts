import { stringify } from 'yaml'
import type { StandingDecision } from '../../shared/domain/decision'
import { Failure } from '../../shared/domain/failure'
import type { IssueTable } from '../../shared/domain/review'
import { renderPicture } from '../datasets'
import type { ExampleSelection } from '../datasets'
import { productVersion } from '../files/product'
import { commandOfSpec, reportPage } from '../reports'
import type { ReportedChange, ReportedExample, ReportFacts } from '../reports'
import { readReport } from '../runs'
import { decidedRows } from './decided-rows'
import type { DecidedRow } from './decided-rows'
import { issueTable } from './issue-table'
import { portableSpec } from './run-data'
import type { ResultsContext } from './run-results'
import { runReviewers } from './run-reviewers'

/** Examples that a report shows, unless it is asked for others: those flagged, within these bounds. */
const SHOWN = { fewest: 20, most: 60 }
/** Changes that it lists. */
const LISTED = 300
const PICTURE_SIDE = 220
/** Characters of a cell. */
const CELL = 400
const CELLS = 24

/**
 * What a run found and what was decided, as one HTML file that needs nothing else.
 * @param shown how many of the most suspicious examples it shows
 * @throws Failure not-found, conflict where the run has no result
 */
export async function runReport(context: ResultsContext, run: string, shown?: number): Promise<string> {
  const { workspace, datasets } = context
  const { name, outputDir } = workspace.store.get(run)
  const report = readReport(outputDir)
  if (!report)
    throw new Failure(
      'conflict',
      `Run "${name}" has no result to report.`,
      'Wait until it is done, or run it again.'
    )
  const spec = await portableSpec(workspace, datasets, run)
  const { pins = [], ...plain } = spec
  const found = report.task === 'denoising' ? await findings(context, run, shown) : NOTHING
  return reportPage({
    name,
    report,
    madeAt: new Date().toISOString(),
    version: productVersion(),
    ...found,
    command: commandOfSpec(spec),
    spec: stringify(plain),
    hashes: pins.map(({ source, contentHash }) => ({ source, sha256: contentHash }))
  })
}

type Findings = Pick<ReportFacts, 'worst' | 'decided' | 'undecided' | 'changes' | 'reviewers'>
const NOTHING: Findings = {
  worst: [],
  decided: { kept: 0, dropped: 0, relabelled: 0 },
  undecided: 0,
  changes: []
}

async function findings(context: ResultsContext, run: string, shown: number | undefined): Promise<Findings> {
  const [table, decided, train, reviewers] = await Promise.all([
    issueTable(context, run),
    decidedRows(context, run),
    context.selectionOf(run, 'train'),
    runReviewers(context, run)
  ])
  const order = Array.from(table.given.keys()).sort(
    (a, b) => table.combined[a]! - table.combined[b]! || a - b
  )
  const flagged = table.flagged.filter(Boolean).length
  const most = shown ?? Math.min(SHOWN.most, Math.max(SHOWN.fewest, flagged))
  const worst: ReportedExample[] = []
  for (const row of order.slice(0, most)) worst.push(await exampleOf(table, decided, train, row))
  const all = [...decided.values()].sort((a, b) => a.row - b.row)
  const counted = (action: StandingDecision['action']): number =>
    all.filter((one) => one.action === action).length
  return {
    worst,
    decided: { kept: counted('keep'), dropped: counted('drop'), relabelled: counted('relabel') },
    ...(reviewers.people.length > 1 && { reviewers }),
    undecided: table.flagged.filter((isFlagged, row) => isFlagged && !decided.has(row)).length,
    changes: all
      .filter(({ action }) => action !== 'keep')
      .slice(0, LISTED)
      .map((decision) => changeOf(table, train, decision))
  }
}

async function exampleOf(
  table: IssueTable,
  decided: ReadonlyMap<number, DecidedRow>,
  train: ExampleSelection,
  row: number
): Promise<ReportedExample> {
  const { classNames, files, combined, predicted } = table
  const decision = decided.get(row)
  return {
    row,
    ...(files && { file: files[row]! }),
    given: classNames[train.givenLabels[row]!] ?? '',
    suggested: classNames[predicted[row]!] ?? '',
    score: combined[row]!,
    ...(decision && { decision: wordsOf(decision, classNames) }),
    ...(await looksOf(train, row))
  }
}

async function looksOf(
  train: ExampleSelection,
  row: number
): Promise<Pick<ReportedExample, 'picture' | 'cells'>> {
  if (train.shape.length === 3) {
    const { bytes, type } = await renderPicture(train, row, 'original', PICTURE_SIDE)
    return { picture: `data:${type};base64,${Buffer.from(bytes).toString('base64')}` }
  }
  const cells = train.cellsOf(row)
  if (!cells) return {}
  return {
    cells: cells.slice(0, CELLS).map(({ column, text }) => ({
      name: column.name,
      text: text.length > CELL ? `${text.slice(0, CELL)} …` : text
    }))
  }
}

function wordsOf({ action, label }: StandingDecision, classNames: readonly string[]): string {
  if (action === 'drop') return 'left out'
  return action === 'keep' ? 'kept' : `now ${classNames[label ?? -1] ?? ''}`
}

function changeOf(
  { classNames, files }: IssueTable,
  { givenLabels }: ExampleSelection,
  { row, action, label, by, at }: StandingDecision
): ReportedChange {
  return {
    row,
    ...(files && { file: files[row]! }),
    given: classNames[givenLabels[row]!] ?? '',
    ...(action === 'relabel' && { label: classNames[label ?? -1] ?? '' }),
    by,
    at
  }
}
