import { randomBytes } from 'node:crypto'
import { Failure } from '../../shared/domain/failure'
import { hasJobEnded } from '../../shared/domain/job'
import type { Job, JobKind } from '../../shared/domain/job'

/** What whoever follows a job hears when it was stopped. */
export function cancelled(): Failure {
  return new Failure('cancelled', 'It was cancelled.', 'Nothing was kept; start it again.')
}

const WORDS: Readonly<Record<JobKind, string>> = {
  import: 'import',
  sample: 'import',
  export: 'export',
  issues: 'export of the issues',
  fetch: 'download',
  survey: 'survey'
}

/** How a job ends that the workbench did not live to see through. */
export function interrupted({ kind, title }: Job): Pick<Job, 'state' | 'failure'> {
  return {
    state: 'interrupted',
    failure: {
      code: 'cancelled',
      sentence: `The workbench was closed before the ${WORDS[kind]} of ${title} was done.`,
      remedy: 'Nothing was kept; start it again.'
    }
  }
}

/** A job of an earlier life: whatever had not ended was interrupted. */
export function ofEarlierLife(job: Job): Job {
  if (hasJobEnded(job)) return job
  return { ...job, ...interrupted(job), place: null, progress: null, endedAt: new Date().toISOString() }
}

/** One that nobody has begun yet. */
export function waitingJob(order: Pick<Job, 'kind' | 'title' | 'subject' | 'request'>): Job {
  return {
    id: randomBytes(8).toString('hex'),
    ...order,
    state: 'waiting',
    place: null,
    progress: null,
    result: null,
    failure: null,
    createdAt: new Date().toISOString(),
    startedAt: null,
    endedAt: null
  }
}
