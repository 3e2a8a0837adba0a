import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { job } from '../domain/job'
import { procedure } from './base'
import { sampleChoice, sourceChoice } from './datasets'
import { exportOrder, issuesOrder } from './reviews'

const byId = z.object({ job: z.string() })
/** Chosen by who asks: asking again with the same one answers with the same job, also after its end. */
const request = { request: z.string().min(8).max(64).optional() }

/**
 * Imports and exports are carried out by the workbench, not by the page that asks: they go on when it is left, and
 * only `cancel` stops them. The same order given twice while its job goes on is one job.
 */
export const jobs = {
  import: procedure.input(sourceChoice.extend(request)).output(job),
  sample: procedure.input(sampleChoice.extend(request)).output(job),
  export: procedure.input(exportOrder.extend(request)).output(job),
  issues: procedure.input(issuesOrder.extend(request)).output(job),
  /** Those that have not ended, and those that ended and were not dismissed; oldest first. */
  list: procedure.output(z.array(job)),
  get: procedure.input(byId).output(job),
  /** The list at once, then what changes: jobs in full, and the ids of those that are gone. */
  watch: procedure.output(
    eventIterator(
      z.object({ type: z.enum(['all', 'changes']), jobs: z.array(job), gone: z.array(z.string()) })
    )
  ),
  /** Answers when it has cleaned up: nothing of it is left, unless it was done by then. */
  cancel: procedure.input(byId).output(job),
  /** Forget a job that has ended; what it wrote stays. */
  dismiss: procedure.input(byId).output(z.object({}))
}
