import { hasJobEnded } from '@shared/domain/job'
import type { Job } from '@shared/domain/job'

type News = { type: 'all' | 'changes'; jobs: Job[]; gone: string[] }

/** A job as the server tells of it. */
export function jobOf(change: Partial<Job> & Pick<Job, 'id'>): Job {
  return {
    kind: 'import',
    title: 'photos',
    subject: { source: '/data/photos', dataset: null, run: null, out: null },
    request: null,
    state: 'running',
    place: null,
    progress: null,
    result: null,
    failure: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    ...change
  }
}

/** The server's side of jobs: a list, and readers that are told of its changes. */
class StandInJobs {
  #jobs = new Map<string, Job>()
  #readers = new Set<(news: News) => void>()
  readonly cancelled: string[] = []
  readonly dismissed: string[] = []

  reset(): void {
    for (const id of [...this.#jobs.keys()]) this.remove(id)
    this.cancelled.length = 0
    this.dismissed.length = 0
  }

  /** New or changed. */
  put(change: Partial<Job> & Pick<Job, 'id'>): Job {
    const job = { ...(this.#jobs.get(change.id) ?? jobOf(change)), ...change }
    this.#jobs.set(job.id, job)
    for (const tell of this.#readers) tell({ type: 'changes', jobs: [job], gone: [] })
    return job
  }

  remove(id: string): void {
    this.#jobs.delete(id)
    for (const tell of this.#readers) tell({ type: 'changes', jobs: [], gone: [id] })
  }

  /** The connection breaks: every reader's stream ends in an error. */
  breakOff: () => void = () => undefined

  readonly client = {
    watch: async (): Promise<AsyncIterable<News>> => this.#watch(),
    cancel: async ({ job }: { job: string }): Promise<Job> => {
      this.cancelled.push(job)
      return this.put({ id: job, state: 'cancelled' })
    },
    dismiss: async ({ job }: { job: string }): Promise<object> => {
      const present = this.#jobs.get(job)
      if (present && !hasJobEnded(present)) throw new Error('It goes on.')
      this.dismissed.push(job)
      this.remove(job)
      return {}
    }
  }

  async *#watch(): AsyncGenerator<News> {
    const waiting: News[] = [{ type: 'all', jobs: [...this.#jobs.values()], gone: [] }]
    let wake = (): void => undefined
    let broken = false
    const tell = (news: News): void => {
      waiting.push(news)
      wake()
    }
    this.#readers.add(tell)
    this.breakOff = () => {
      broken = true
      wake()
    }
    try {
      for (;;) {
        const news = waiting.shift()
        if (news) yield news
        else if (broken) throw new Error('The connection is lost.')
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      this.#readers.delete(tell)
    }
  }
}

export const standInJobs = new StandInJobs()
