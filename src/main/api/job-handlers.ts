import { implement } from '@orpc/server'
import { jobs } from '../../shared/contract/jobs'
import type { ApiContext } from './context'
import { startExport, startIssues } from './export-handlers'
import { startImport, startSample } from './import-jobs'
import { watchJobs } from './job-stream'

const os = implement(jobs).$context<ApiContext>()

export const jobProcedures = os.router({
  import: os.import.handler(({ context, input }) => startImport(context, input).job),
  sample: os.sample.handler(({ context, input }) => startSample(context, input).job),
  export: os.export.handler(({ context, input }) => startExport(context, input).job),
  issues: os.issues.handler(({ context, input }) => startIssues(context, input).job),
  list: os.list.handler(({ context }) => context.jobs.list()),
  get: os.get.handler(({ context, input }) => context.jobs.get(input.job)),
  watch: os.watch.handler(({ context, signal }) => watchJobs(context.jobs, signal)),
  cancel: os.cancel.handler(({ context, input }) => context.jobs.cancel(input.job)),
  dismiss: os.dismiss.handler(({ context, input }) => {
    context.jobs.dismiss(input.job)
    return {}
  })
})
