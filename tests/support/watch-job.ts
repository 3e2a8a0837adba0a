import type { WorkbenchClient } from '@shared/contract'
import { hasJobEnded } from '@shared/domain/job'
import type { Job } from '@shared/domain/job'

/**
 * Wait until a job has ended, as the window does: by the stream of changes.
 * @throws when it is gone
 */
export async function untilJob(client: WorkbenchClient, id: string): Promise<Job> {
  for await (const { type, jobs, gone } of await client.jobs.watch()) {
    const job = jobs.find((one) => one.id === id)
    if (job && hasJobEnded(job)) return job
    if (gone.includes(id) || (type === 'all' && !job)) throw new Error(`There is no job ${id}.`)
  }
  throw new Error('The stream of jobs ended.')
}
