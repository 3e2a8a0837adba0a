import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import type { ActProgress, ExportManifest } from '../../shared/contract'
import type { exports } from '../../shared/contract/reviews'
import { Failure } from '../../shared/domain/failure'
import { NAMED_FILES } from '../../shared/domain/job'
import type { Job, JobSubject } from '../../shared/domain/job'
import { exportChecked, exportIssues, formatsFor, poisonRows, rowsWithoutPoisons } from '../datasets'
import type { CheckedExport, ExampleSelection, ExportResult, FileSum, ImportWatch } from '../datasets'
import type { JobStore, StartedJob } from '../jobs'
import type { ApiShell } from './context'
import { planExport } from './export-plan'
import type { ExportPlan, RowChange, UndecidedPolicy } from './export-plan'
import { issueTable } from './issue-table'
import { followJob } from './job-stream'
import { orderKey } from './order-key'
import type { ResultsContext } from './run-results'
import { standingReview } from './standing-review'

type Inputs = InferContractRouterInputs<typeof exports>
type Outputs = InferContractRouterOutputs<typeof exports>
type Done = {
  type: 'done'
  out: string
  manifest: ExportManifest
  check: { examples: number; largestDifference: number }
  download: string | null
}

type IssuesDone = { type: 'done'; out: string; files: string[]; download: string | null }

export interface ExportContext extends ResultsContext {
  readonly shell: Pick<ApiShell, 'allow' | 'offer'>
  readonly jobs: JobStore
}

/** Asked for with a request's name, which makes asking twice one job. */
type Requested<Input> = Input & { request?: string | undefined }

/** manifest.json: what the window is told, and each change with its reasons. */
interface FullManifest extends ExportManifest {
  readonly undecided: UndecidedPolicy | null
  readonly note: string
  readonly changes: readonly (RowChange & { readonly writtenAs?: number })[]
}

/** What is exported: a run's data with its decisions, or a dataset as it is. */
interface Subject {
  readonly selection: ExampleSelection
  readonly run: string | null
  close(): void
}

interface Handlers {
  formats(input: Inputs['formats']): Promise<Outputs['formats']>
  preview(input: Inputs['preview']): Promise<Outputs['preview']>
  /** Ends with what was written; the job goes on when the stream is left. */
  write(input: Inputs['write'], signal?: AbortSignal): AsyncGenerator<ActProgress | Done>
  issues(input: Inputs['issues'], signal?: AbortSignal): AsyncGenerator<ActProgress | IssuesDone>
}

/** The procedures of the contract's `exports`. */
export function exportHandlers(context: ExportContext): Handlers {
  return {
    formats: async (input) => {
      const subject = await openSubject(context, input)
      try {
        return formatsFor(subject.selection).map((offer, i) => ({ ...offer, proposed: i === 0 }))
      } finally {
        subject.close()
      }
    },
    preview: async ({ run, undecided }) => {
      const { selection } = await openSubject(context, { run, dataset: null })
      const plan = await planOf(context, run, selection, undecided)
      const { kept, dropped, relabelled, undecided: rest } = plan
      return { kept, dropped, relabelled, undecided: rest, poisons: poisonsAmong(selection, plan.keep) }
    },
    write: async function* (input, signal) {
      const started = startExport(context, input)
      for await (const news of followJob(context.jobs, started, signal)) {
        yield news.type === 'progress' ? news : news.result
      }
    },
    issues: async function* (input, signal) {
      const started = startIssues(context, input)
      for await (const news of followJob(context.jobs, started, signal)) {
        yield news.type === 'progress' ? news : news.result
      }
    }
  }
}

/** Write a run's cleaned data or a dataset's copy, as a job. @throws Failure refused, not-found, bad-usage */
export function startExport(context: ExportContext, input: Requested<Inputs['write']>): StartedJob<Done> {
  const { request, ...wanted } = input
  const order = { ...wanted, out: context.shell.allow(wanted.out) }
  const { out } = order
  return context.jobs.start<Done>({
    kind: 'export',
    ...named(context, order),
    key: orderKey(order),
    request,
    perform: async (watch) => {
      const { manifest, check } = await write(context, order, watch)
      const { examples, largestDifference } = check
      return {
        type: 'done',
        out,
        manifest: told(manifest),
        check: { examples, largestDifference },
        download: context.shell.offer(out)
      }
    },
    summarise: exportSummary
  })
}

/** Write what a run suspects for other tools, as a job. @throws Failure refused, not-found */
export function startIssues(
  context: ExportContext,
  input: Requested<Inputs['issues']>
): StartedJob<IssuesDone> {
  const { run, pictures = 'flagged', request } = input
  const out = context.shell.allow(input.out)
  return context.jobs.start<IssuesDone>({
    kind: 'issues',
    ...named(context, { run, dataset: null, out }),
    key: orderKey({ run, out, pictures }),
    request,
    perform: async (watch) => {
      const table = await issueTable(context, run)
      const { decisions } = await standingReview(context, run)
      const selection = await context.selectionOf(run, 'train')
      const files = await exportIssues({ selection, table, decisions, pictures }, out, watch)
      return { type: 'done', out, files, download: context.shell.offer(out) }
    },
    summarise: ({ files, download }) => ({ type: 'issues', out, fileCount: files.length, download })
  })
}

/** What is exported as people call it. @throws Failure not-found, bad-usage unless exactly one is named */
function named(
  { workspace, datasets }: ExportContext,
  { run, dataset, out }: { run: string | null; dataset: string | null; out: string }
): { title: string; subject: JobSubject } {
  if ((run === null) === (dataset === null)) throw nothingNamed()
  const subject = { source: null, run, dataset, out }
  if (run !== null) return { title: workspace.store.get(run).name, subject }
  return { title: datasets.get(dataset!).name, subject }
}

function exportSummary({ out, manifest, check, download }: Done): Job['result'] & { type: 'export' } {
  const { format, examples, kept, relabelled, dropped, files } = manifest
  return {
    type: 'export',
    out,
    format,
    examples,
    kept,
    relabelled,
    dropped,
    check,
    files: files.slice(0, NAMED_FILES),
    fileCount: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    download
  }
}

async function write(
  context: ExportContext,
  input: Inputs['write'],
  watch: ImportWatch
): Promise<CheckedExport<FullManifest>> {
  const { format, out, undecided = 'drop', withoutPoisons = false } = input
  const subject = await openSubject(context, input)
  const { selection, run } = subject
  try {
    const plan = run === null ? undefined : await planOf(context, run, selection, undecided)
    const clean = withoutPoisons && !plan ? { selection, keep: rowsWithoutPoisons(selection) } : selection
    return await exportChecked(
      plan ? { selection, keep: plan.keep, labels: plan.labels } : clean,
      { format, out, watch },
      (result, files) => manifestOf(subject, plan, undecided, result, files)
    )
  } finally {
    subject.close()
  }
}

/** @throws Failure bad-usage unless exactly one of the two is named */
async function openSubject(
  context: ExportContext,
  { run, dataset }: { run: string | null; dataset: string | null }
): Promise<Subject> {
  if (run !== null && dataset === null) {
    // Shared with others, and closed by its owner.
    return { selection: await context.selectionOf(run, 'train'), run, close: () => undefined }
  }
  if (dataset !== null && run === null) {
    const selection = context.datasets.open(dataset)
    return { selection, run, close: () => selection.close() }
  }
  throw nothingNamed()
}

function nothingNamed(): Failure {
  return new Failure('bad-usage', 'An export needs a run or a dataset.', 'Name one of the two.')
}

/** How many of the rows are poisons, as a manifest says; null where it does not say which are. */
function poisonsAmong(selection: ExampleSelection, rows: Int32Array): number | null {
  if (!selection.poisoned) return 0
  const named = poisonRows(selection)
  if (!named) return null
  const poisons = new Set(named)
  return rows.reduce((count, row) => count + Number(poisons.has(row)), 0)
}

async function planOf(
  context: ExportContext,
  run: string,
  selection: ExampleSelection,
  policy: UndecidedPolicy
): Promise<ExportPlan> {
  const table = await issueTable(context, run)
  return planExport(table, selection.labels, await standingReview(context, run), policy)
}

function manifestOf(
  { selection, run }: Subject,
  plan: ExportPlan | undefined,
  policy: UndecidedPolicy,
  { format, count, order }: ExportResult,
  files: readonly FileSum[]
): FullManifest {
  const places = new Map(Array.from(order, (row, place) => [row, place]))
  return {
    schema: 1,
    createdAt: new Date().toISOString(),
    source: selection.reference,
    run,
    format,
    examples: count,
    kept: plan?.kept ?? count,
    dropped: plan?.dropped ?? selection.count - count,
    relabelled: plan?.relabelled ?? 0,
    undecided: plan ? policy : null,
    note: 'Rows count from 0 in the source; writtenAs is the place in this copy. To undo a change, give the example its "given" label again, or take the dropped row from the source.',
    changes: (plan?.changes ?? []).map((change) => {
      const writtenAs = places.get(change.row)
      return writtenAs === undefined ? change : { ...change, writtenAs }
    }),
    files: [...files]
  }
}

/** The manifest without the single changes, which may be tens of thousands. */
function told(manifest: FullManifest): ExportManifest {
  const { schema, createdAt, source, run, format, examples, kept, dropped, relabelled, files } = manifest
  return { schema, createdAt, source, run, format, examples, kept, dropped, relabelled, files }
}
