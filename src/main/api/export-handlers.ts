import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import type { ActProgress, ExportManifest } from '../../shared/contract'
import type { exports } from '../../shared/contract/reviews'
import { Failure } from '../../shared/domain/failure'
import { exportChecked, exportIssues, formatsFor, poisonRows, rowsWithoutPoisons } from '../datasets'
import type { CheckedExport, ExampleSelection, ExportResult, FileSum, ImportWatch } from '../datasets'
import { actStream } from './act-stream'
import type { ApiShell } from './context'
import { planExport } from './export-plan'
import type { ExportPlan, RowChange, UndecidedPolicy } from './export-plan'
import { issueTable } from './issue-table'
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
}

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
  /** Ends with what was written; cancelled by the signal or by leaving the stream. */
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
      const out = context.shell.allow(input.out)
      for await (const news of actStream((watch) => write(context, { ...input, out }, watch), signal)) {
        if (news.type === 'progress') {
          yield news
          continue
        }
        const { manifest, check } = news.result
        const { examples, largestDifference } = check
        yield {
          type: 'done',
          out,
          manifest: told(manifest),
          check: { examples, largestDifference },
          download: context.shell.offer(out)
        }
      }
    },
    issues: async function* ({ run, out: wanted, pictures = 'flagged' }, signal) {
      const out = context.shell.allow(wanted)
      const table = await issueTable(context, run)
      const { decisions } = await standingReview(context, run)
      const selection = await context.selectionOf(run, 'train')
      const act = actStream(
        (watch) => exportIssues({ selection, table, decisions, pictures }, out, watch),
        signal
      )
      for await (const news of act) {
        if (news.type === 'progress') yield news
        else yield { type: 'done', out, files: news.result, download: context.shell.offer(out) }
      }
    }
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
  throw new Failure('bad-usage', 'An export needs a run or a dataset.', 'Name one of the two.')
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
