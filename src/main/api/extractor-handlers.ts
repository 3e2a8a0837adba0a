import { implement } from '@orpc/server'
import { extractors } from '../../shared/contract/extractors'
import type { ExtractorLists } from '../../shared/contract'
import { defaultExtractor } from '../extractors/default-extractors'
import { fetchExtractor } from '../extractors/fetch-extractor'
import { listExtractors } from '../extractors/list-extractors'
import { addExtractor, removeExtractor } from '../extractors/registry'
import type { ExtractorNote } from '../extractors/registry'
import type { StartedJob } from '../jobs'
import type { ApiContext } from './context'
import { orderKey } from './order-key'

const os = implement(extractors).$context<ApiContext>()

export const extractorProcedures = os.router({
  list: os.list.handler(({ context }) => lists(context)),
  add: os.add.handler(async ({ context, input }) => {
    await addExtractor(context.workspace.dir, context.shell.allow(input.folder), { name: input.name })
    return lists(context)
  }),
  fetch: os.fetch.handler(({ context, input }) => startFetch(context, input.name).job),
  remove: os.remove.handler(({ context, input }) => {
    removeExtractor(context.workspace.dir, input.name)
    return lists(context)
  })
})

function lists({ workspace }: ApiContext): ExtractorLists {
  const { known, available } = listExtractors(workspace.dir)
  return { known: known.map((one) => ({ ...one, inputs: [...one.inputs] })), available: [...available] }
}

/** Download an extractor as a job. @throws Failure not-found */
function startFetch({ jobs, workspace }: ApiContext, name: string): StartedJob<ExtractorNote> {
  const offered = defaultExtractor(name)
  return jobs.start({
    kind: 'fetch',
    title: name,
    subject: { source: offered.url, dataset: null, run: null, out: null },
    key: orderKey({ name }),
    perform: ({ signal, onProgress }) =>
      fetchExtractor(workspace.dir, offered, {
        signal,
        onProgress: (bytes, total, file) => onProgress?.(bytes, total, `fetching ${file}`)
      }),
    summarise: ({ hash, folder }) => ({ type: 'extractor', name, hash, folder })
  })
}
