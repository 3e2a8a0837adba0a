import type { InferContractRouterOutputs } from '@orpc/contract'
import type { ActProgress } from '../../shared/contract'
import type { jobs as contract } from '../../shared/contract/jobs'
import { hasJobEnded } from '../../shared/domain/job'
import type { JobStore, StartedJob } from '../jobs'
import { ChangeSignal } from './change-signal'

/** Changes are sent at most this often. */
const PAUSE_MS = 200

type JobNews =
  InferContractRouterOutputs<typeof contract>['watch'] extends AsyncIterable<infer News> ? News : never

/** All jobs at once, then what changes, until the reader leaves. */
export async function* watchJobs(jobs: JobStore, signal: AbortSignal | undefined): AsyncGenerator<JobNews> {
  const change = new ChangeSignal(signal)
  const onChange = (): void => change.raise()
  jobs.on('change', onChange)
  try {
    let version = jobs.version
    const sent = new Set(jobs.list().map(({ id }) => id))
    yield { type: 'all', jobs: jobs.list(), gone: [] }
    while (!signal?.aborted) {
      await change.wait()
      const changed = jobs.changedSince(version)
      const gone = [...sent].filter((id) => !jobs.has(id))
      version = jobs.version
      for (const { id } of changed) sent.add(id)
      for (const id of gone) sent.delete(id)
      if (changed.length + gone.length > 0 && !signal?.aborted) yield { type: 'changes', jobs: changed, gone }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  } finally {
    jobs.off('change', onChange)
  }
}

/**
 * A job's progress, then its full result. The job goes on when the reader leaves. A reader who stays to the end knows the
 * result, so the job is dismissed.
 * @throws what ended the job
 */
export async function* followJob<Result>(
  jobs: JobStore,
  { job: { id }, outcome }: StartedJob<Result>,
  signal: AbortSignal | undefined
): AsyncGenerator<ActProgress | { type: 'result'; result: Result }> {
  const change = new ChangeSignal(signal)
  const onChange = (): void => change.raise()
  jobs.on('change', onChange)
  outcome.then(onChange, onChange)
  let isDelivered = false
  try {
    let sent: unknown
    for (;;) {
      const job = jobs.has(id) ? jobs.get(id) : undefined
      if (!job || hasJobEnded(job)) break
      const progress = job.progress ?? { phase: job.state, done: 0, total: null, secondsLeft: null }
      if (job.progress !== sent) yield { type: 'progress', ...progress, job: id }
      sent = job.progress
      await change.wait()
      if (signal?.aborted) return
    }
    isDelivered = true
    yield { type: 'result', result: await outcome }
  } finally {
    jobs.off('change', onChange)
    if (isDelivered) dismissDelivered(jobs, id)
  }
}

/** Dismiss a job whose caller has its result; one that the closing workbench interrupted stays for the next start. */
export function dismissDelivered(jobs: JobStore, id: string): void {
  if (jobs.has(id) && jobs.get(id).state !== 'interrupted') jobs.dismiss(id)
}
