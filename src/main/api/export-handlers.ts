import type { InferContractRouterInputs } from '@orpc/contract'
import { implement } from '@orpc/server'
import type { ExportManifest } from '../../shared/contract'
import { exports } from '../../shared/contract/reviews'
import { Failure } from '../../shared/domain/failure'
import { NAMED_FILES } from '../../shared/domain/job'
import type { Job, JobSubject } from '../../shared/domain/job'
import { exportChecked, exportIssues, formatsFor, poisonRows } from '../datasets'
import type { CheckedExport, ExampleSelection, ImportWatch } from '../datasets'
import type { JobStore, StartedJob } from '../jobs'
import type { ApiShell } from './context'
import { decidedRows } from './decided-rows'
import { manifestOf, withoutChanges } from './export-manifest'
import type { FullManifest } from './export-manifest'
import { planCopy, planExport } from './export-plan'
import type { ExportPlan } from './export-plan'
import { issueTable } from './issue-table'
import { findAmong, nothingAsked } from './find-rows'
import { followJob } from './job-stream'
import { orderKey } from './order-key'
import type { ResultsContext } from './run-results'
import { runReviewers } from './run-reviewers'
import { selectionAnnotations } from './selection-annotations'

type Inputs = InferContractRouterInputs<typeof exports>
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

/** What is exported: a run's data with its decisions, or a dataset with the labels corrected that were. */
interface Subject {
  readonly selection: ExampleSelection
  readonly run: string | null
  close(): void
}

const os = implement(exports).$context<ExportContext>()

export const exportProcedures = os.router({
  formats: os.formats.handler(async ({ context, input }) => {
    const subject = await openSubject(context, input)
    try {
      return formatsFor(subject.selection).map((offer, i) => ({ ...offer, proposed: i === 0 }))
    } finally {
      subject.close()
    }
  }),
  preview: os.preview.handler(async ({ context, input }) => {
    const subject = await openSubject(context, input)
    try {
      const plan = await planOf(context, subject, input)
      const { kept, dropped, relabelled, corrected, undecided, unasked } = plan
      const poisons = poisonsAmong(subject.selection, plan.keep)
      return { kept, dropped, relabelled, corrected, undecided, unasked, poisons }
    } finally {
      subject.close()
    }
  }),
  // Each ends with what was written; the job goes on when the stream is left.
  write: os.write.handler(async function* ({ context, input, signal }) {
    for await (const news of followJob(context.jobs, startExport(context, input), signal)) {
      yield news.type === 'progress' ? news : news.result
    }
  }),
  issues: os.issues.handler(async function* ({ context, input, signal }) {
    for await (const news of followJob(context.jobs, startIssues(context, input), signal)) {
      yield news.type === 'progress' ? news : news.result
    }
  })
})

/** Write a run's cleaned data or a dataset's copy, as a job. @throws Failure refused, not-found, bad-usage */
export function startExport(context: ExportContext, input: Requested<Inputs['write']>): StartedJob<Done> {
  const { request, ...wanted } = input
  const order = { ...wanted, out: context.shell.allow(wanted.out) }
  const { out } = order
  let of: ExportedOf = null
  return context.jobs.start<Done>({
    kind: 'export',
    ...named(context, order),
    key: orderKey(order),
    request,
    perform: async (watch) => {
      const { manifest, check } = await write(context, order, watch)
      of = versionable(context, manifest)
      const { examples, largestDifference } = check
      return {
        type: 'done',
        out,
        manifest: withoutChanges(manifest),
        check: { examples, largestDifference },
        download: context.shell.offer(out)
      }
    },
    summarise: (done) => exportSummary(done, of)
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
      const decisions = [...(await decidedRows(context, run)).values()]
      const selection = await context.selectionOf(run, 'train')
      const written = selectionAnnotations(context.workspace, selection.ranges)
      // What a run trained on was corrected by decisions that stand, or by ones that were taken back since.
      const source = { ...table, given: Array.from(selection.givenLabels) }
      const { people, verdicts: said } = await runReviewers(context, run)
      const verdicts = people.length > 1 ? said : []
      const files = await exportIssues(
        { selection, table: source, decisions, written, verdicts, pictures },
        out,
        watch
      )
      return { type: 'done', out, files, download: context.shell.offer(out) }
    },
    summarise: ({ files, download }) => ({ type: 'issues', out, fileCount: files.length, download })
  })
}

/** What is exported as people call it. @throws Failure not-found, bad-usage unless exactly one is named */
function named(
  { workspace, datasets }: ExportContext,
  { run = null, dataset = null, out }: { run?: string | null; dataset?: string | null; out: string }
): { title: string; subject: JobSubject } {
  if ((run === null) === (dataset === null)) throw nothingNamed()
  const subject = { source: null, run, dataset, out }
  if (run !== null) return { title: workspace.store.get(run).name, subject }
  return { title: datasets.get(dataset!).name, subject }
}

type ExportedOf = Extract<Job['result'], { type: 'export' }>['of']

/** The dataset that most of an export came from, which it can become a version of. */
function versionable({ datasets }: ExportContext, { sources }: FullManifest): ExportedOf {
  const present = sources
    .filter(({ dataset }) => datasets.byId(dataset) !== undefined)
    .sort((a, b) => b.to - b.from - (a.to - a.from))
  const [largest] = present
  return largest ? { dataset: largest.dataset, name: largest.name } : null
}

function exportSummary(
  { out, manifest, check, download }: Done,
  of: ExportedOf
): Job['result'] & { type: 'export' } {
  const { format, examples, kept, relabelled, corrected, dropped, files } = manifest
  return {
    type: 'export',
    out,
    format,
    examples,
    kept,
    relabelled,
    corrected,
    dropped,
    of,
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
  const { format, out, undecided = 'drop', where = null } = input
  const subject = await openSubject(context, input)
  const { selection, run } = subject
  try {
    const plan = await planOf(context, subject, input)
    if (where !== null && plan.unasked === selection.count) throw nothingAsked(where)
    return await exportChecked(
      { selection, keep: plan.keep, labels: plan.labels },
      { format, out, watch },
      (result, files) =>
        manifestOf({ selection, run, plan, policy: run === null ? null : undecided, where, result, files })
    )
  } finally {
    subject.close()
  }
}

/** @throws Failure bad-usage unless exactly one of the two is named */
async function openSubject(
  context: ExportContext,
  { run = null, dataset = null }: { run?: string | null; dataset?: string | null }
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

/** A run's decisions and rule, or what was corrected in a dataset. */
async function planOf(
  context: ExportContext,
  { selection, run }: Pick<Subject, 'selection' | 'run'>,
  {
    undecided: policy = 'drop',
    withoutPoisons = false,
    where = null
  }: Pick<Inputs['write'], 'undecided' | 'withoutPoisons' | 'where'>
): Promise<ExportPlan> {
  const { user } = context.workspace
  const asked =
    where === null ? undefined : new Set(await findAmong(context, selection, where, run ?? undefined))
  if (run === null)
    return planCopy(selection, { withoutPoisons, asked, user, decisions: context.datasets.decisions })
  const [table, decided] = await Promise.all([issueTable(context, run), decidedRows(context, run)])
  return planExport({ source: selection, decided, table, policy, asked, user })
}
