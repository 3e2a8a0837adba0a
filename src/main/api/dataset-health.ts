import type { DatasetMeta } from '../../shared/domain/dataset'
import { groupEstimate } from '../../shared/domain/health'
import type { ClassHealth, CountEstimate, Health, PairHealth } from '../../shared/domain/health'
import type { IssueTable } from '../../shared/domain/review'
import type { RunRecord } from '../../shared/domain/run'
import type { Report } from '../../shared/domain/report'
import type { DatasetVersion } from '../../shared/domain/version'
import { readReport } from '../runs'
import { findSurvey, readSurvey } from '../survey'
import { issueTable } from './issue-table'
import { runsThatFound } from './run-results'
import type { ResultsContext } from './run-results'

/** Pairs of classes that are named. */
const PAIRS = 20

type DenoisingReport = Extract<Report, { task: 'denoising' }>

/** The newest run on a dataset that looked for wrong labels, with its result. */
interface RunOfDataset {
  readonly record: RunRecord
  /** Gone where somebody took it away. */
  readonly report: DenoisingReport | undefined
  readonly table: IssueTable
  /** Rows of the table that are of this dataset. */
  readonly rows: readonly number[]
  /** Probability of each row of the table to bear a wrong label; undefined where the run has none. */
  readonly wrong?: (row: number) => number
}

/** What can be said of a dataset as a whole, from its labels, its newest run and its survey. @throws Failure not-found */
export async function datasetHealth(context: ResultsContext, dataset: string): Promise<Health> {
  const { datasets, workspace } = context
  const meta = datasets.get(dataset)
  const run = await newestRun(context, meta)
  const selection = datasets.openAsGiven(meta.id)
  try {
    const { givenLabels: given } = selection
    const folder = await findSurvey(workspace.dir, selection)
    const marks = datasets.decisions.marksOf(meta.id)
    const sizes = meta.classNames.map(() => 0)
    for (const label of given) sizes[label]!++
    const present = sizes.filter((size) => size > 0)
    return {
      dataset: meta.id,
      name: meta.name,
      examples: meta.count,
      splits: meta.splits.map(({ name, from, to }) => ({ name, examples: to - from })),
      classes: meta.classNames.map((name, label) => ({
        name,
        examples: sizes[label]!,
        ...classOf(run, name)
      })),
      imbalance: present.length > 1 ? Math.max(...present) / Math.min(...present) : null,
      run: run ? runHealth(run) : null,
      findings:
        folder === undefined
          ? null
          : readSurvey(folder).findings.map(({ kind, rows }) => ({ kind, examples: rows.length })),
      decided: {
        trusted: marks.length,
        corrected: marks.filter(({ row, label }) => given[row] !== label).length,
        leftOut: datasets.decisions.excludedFrom(meta.id).length
      }
    }
  } finally {
    selection.close()
  }
}

/** What the newest run on a dataset says of its labels; null where none has looked. */
export async function labelHealth(
  context: ResultsContext,
  meta: DatasetMeta
): Promise<DatasetVersion['run']> {
  const run = await newestRun(context, meta)
  return run ? labelsBy(run) : null
}

function labelsBy(run: RunOfDataset): NonNullable<DatasetVersion['run']> {
  const { record, table, rows } = run
  return {
    id: record.id,
    name: record.name,
    seen: rows.length,
    flagged: rows.filter((row) => table.flagged[row]).length,
    wrong: estimateOf(run, rows)
  }
}

async function newestRun(context: ResultsContext, meta: DatasetMeta): Promise<RunOfDataset | undefined> {
  for (const record of runsThatFound(context, meta.id)) {
    const found = await resultOf(context, record, meta).catch(() => undefined)
    if (found) return found
  }
  return undefined
}

/** Undefined for a run that trained on other data, or whose result is gone. */
async function resultOf(
  context: ResultsContext,
  record: RunRecord,
  meta: DatasetMeta
): Promise<RunOfDataset | undefined> {
  const report = readReport(record.outputDir)
  if (report && report.task !== 'denoising') return undefined
  const table = await issueTable(context, record.id)
  const { ranges, leftOut } = await context.selectionOf(record.id, 'train')
  const rows: number[] = []
  let start = 0
  for (const { meta: part, from, to } of ranges) {
    for (let row = from; part.id === meta.id && row < to; row++) {
      // What was left out is neither judged nor exported.
      const at = start + row - from
      if (!leftOut.has(at)) rows.push(at)
    }
    start += to - from
  }
  if (rows.length === 0) return undefined
  const wrong = table.isProbability ? (row: number): number => 1 - table.combined[row]! : undefined
  return { record, report, table, rows, ...(wrong && { wrong }) }
}

function classOf(
  run: RunOfDataset | undefined,
  name: string
): Pick<ClassHealth, 'wrong' | 'flagged' | 'seen'> {
  if (!run) return { wrong: null, flagged: 0, seen: 0 }
  const label = run.table.classNames.indexOf(name)
  const rows = run.rows.filter((row) => run.table.given[row] === label)
  const flagged = rows.filter((row) => run.table.flagged[row]).length
  return { wrong: estimateOf(run, rows), flagged, seen: rows.length }
}

function estimateOf({ report, wrong }: RunOfDataset, rows: readonly number[]): CountEstimate | null {
  const all = report?.metrics.expected?.all
  return all && wrong && rows.length > 0 ? groupEstimate(rows.map(wrong), all) : null
}

function runHealth(run: RunOfDataset): NonNullable<Health['run']> {
  const testAccuracy = run.report?.metrics.testAccuracy
  return {
    ...labelsBy(run),
    pairs: pairsOf(run),
    accuracy: { given: testAccuracy?.noisy ?? null, cleaned: testAccuracy?.cleaned ?? null }
  }
}

/** Pairs of given and suggested class, those with the most flags first. */
function pairsOf(run: RunOfDataset): PairHealth[] {
  const { table, rows } = run
  const groups = new Map<number, number[]>()
  const classes = table.classNames.length
  for (const row of rows) {
    if (table.given[row] === table.predicted[row]) continue
    const key = table.given[row]! * classes + table.predicted[row]!
    const group = groups.get(key) ?? []
    group.push(row)
    groups.set(key, group)
  }
  const flaggedIn = (of: readonly number[]): number => of.filter((row) => table.flagged[row]).length
  return [...groups]
    .map(([key, of]) => ({
      given: table.classNames[Math.floor(key / classes)]!,
      suggested: table.classNames[key % classes]!,
      flagged: flaggedIn(of),
      wrong: estimateOf(run, of)
    }))
    .filter(({ flagged }) => flagged > 0)
    .sort((a, b) => b.flagged - a.flagged || a.given.localeCompare(b.given))
    .slice(0, PAIRS)
}
