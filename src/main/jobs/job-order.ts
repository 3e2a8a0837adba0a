import type { Job, JobKind, JobResult, JobSubject } from '../../shared/domain/job'

/** How a job reports its progress, and learns that it must stop. */
export interface JobWatch {
  onProgress(done: number, total: number | undefined, phase: string): void
  readonly signal: AbortSignal
}

export interface JobOrder<Result> {
  readonly kind: JobKind
  readonly title: string
  readonly subject: JobSubject
  /** What is asked for, in full: the same order given again while its job goes on is that job. */
  readonly key: string
  /** Chosen by who asks: given again, it is the same job, also after its end. */
  readonly request?: string | undefined
  /** Carries it out. Stopped or failed, it leaves nothing behind. */
  perform(watch: JobWatch): Promise<Result>
  summarise(result: Result): JobResult
}

export interface StartedJob<Result> {
  readonly job: Job
  /** What `perform` answers, in full. @throws what it throws */
  readonly outcome: Promise<Result>
}
