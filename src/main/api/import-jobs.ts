import type { InferContractRouterInputs } from '@orpc/contract'
import type { ActProgress, SourceChoice } from '../../shared/contract'
import type { jobs as contract } from '../../shared/contract/jobs'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { Job } from '../../shared/domain/job'
import { knownName } from '../../shared/domain/window-words'
import { CHECKED_SPLIT, importSampleOf, lastingReference, MIXED_SIZE } from '../datasets'
import type { StartedJob } from '../jobs'
import { allowedChoice } from './allowed-spec'
import type { ApiContext } from './context'
import { dismissDelivered, followJob } from './job-stream'
import { orderKey } from './order-key'

type Inputs = InferContractRouterInputs<typeof contract>

/** Import a source, as a job. @throws Failure refused */
export function startImport(context: ApiContext, input: Inputs['import']): StartedJob<DatasetMeta> {
  const { request, ...wanted } = input
  const choice = allowedChoice(context, wanted)
  const { source, ...options } = choice
  return context.jobs.start({
    kind: 'import',
    title: options.name ?? nameOfFile(knownName(source)),
    subject: { source, dataset: null, run: null, out: null },
    key: orderKey(choice),
    request,
    perform: (watch) => context.datasets.importFrom(source, { ...options, mixedSize: MIXED_SIZE }, watch),
    summarise: summary
  })
}

/** Import as a job that is followed: its progress, the dataset at the end. */
export async function* importStream(
  context: ApiContext,
  choice: SourceChoice,
  signal: AbortSignal | undefined
): AsyncGenerator<ActProgress | { type: 'done'; dataset: DatasetMeta }> {
  const started = startImport(context, choice)
  for await (const news of followJob(context.jobs, started, signal)) {
    yield news.type === 'progress' ? news : { type: 'done', dataset: news.result }
  }
}

/** Import a sample with wrong labels, as a job. */
export function startSample(context: ApiContext, input: Inputs['sample']): StartedJob<DatasetMeta> {
  const { kind = 'digits', noise = 0.3, request } = input
  return context.jobs.start({
    kind: 'sample',
    title: `sample ${kind}`,
    subject: { source: null, dataset: null, run: null, out: null },
    key: orderKey({ kind, noise }),
    request,
    perform: async (watch) => {
      const meta = await importSampleOf(context.datasets, kind, noise, watch)
      // Its first split is right: a run from the first button finds something to trust.
      context.workspace.trust.setReference(
        meta.id,
        lastingReference(context.datasets, `${meta.name}#${CHECKED_SPLIT}`)
      )
      return meta
    },
    summarise: summary
  })
}

/** Import the sample and wait for it. */
export async function importSample(context: ApiContext, input: Inputs['sample']): Promise<DatasetMeta> {
  const { job, outcome } = startSample(context, input)
  try {
    return await outcome
  } finally {
    dismissDelivered(context.jobs, job.id)
  }
}

/** Addresses of downloads last as long as the server: give jobs of an earlier life new ones. */
export function renewDownloads(
  { jobs, shell }: Pick<ApiContext, 'jobs' | 'shell'>,
  exists: (folder: string) => boolean
): void {
  for (const { id, result } of jobs.list()) {
    if (!result || !('download' in result) || result.download === null) continue
    jobs.revise(id, { ...result, download: exists(result.out) ? shell.offer(result.out) : null })
  }
}

function summary({ id, name, count }: DatasetMeta): Extract<Job['result'], { type: 'dataset' }> {
  return { type: 'dataset', dataset: id, name, examples: count }
}

/** The last part of a path, whichever system wrote it. */
function nameOfFile(file: string): string {
  return file.split(/[/\\]/).filter(Boolean).at(-1) ?? file
}
