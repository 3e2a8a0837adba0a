import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { failureOf, useJobs } from '@renderer/client'
import { hasJobEnded } from '@shared/domain/job'
import type { Job, JobResult } from '@shared/domain/job'
import type { FailureData } from '@shared/domain/failure'

export type ExportResultFacts = Extract<JobResult, { type: 'export' }>

export interface ExportJob {
  /** The latest of this subject, whichever page or window began it. */
  readonly job: ComputedRef<Job | undefined>
  readonly running: ComputedRef<boolean>
  readonly failure: ComputedRef<FailureData | undefined>
  readonly starting: Readonly<Ref<boolean>>
  readonly refusal: ShallowRef<FailureData | undefined>
  start(order: () => Promise<unknown>): Promise<void>
  cancel(): void
  /** Its result or failure was read: away with it. */
  dismiss(): Promise<void>
}

/** The export of one run or dataset: leaving the page leaves it going, coming back finds it and what came out. */
export function useExportJob(
  kind: 'export' | 'issues',
  subject: { run: string | null; dataset: string | null }
): ExportJob {
  const jobs = useJobs()
  const starting = ref(false)
  const refusal = shallowRef<FailureData>()
  const isMine = (job: Job): boolean =>
    job.kind === kind && job.subject.run === subject.run && job.subject.dataset === subject.dataset
  const mine = computed(() => jobs.jobs.filter((job) => isMine(job) && job.state !== 'cancelled'))
  const job = computed(() => mine.value.at(-1))
  jobs.show(isMine)

  async function dismiss(): Promise<void> {
    const ended = mine.value.filter(hasJobEnded)
    await Promise.all(ended.map(({ id }) => jobs.dismiss(id)))
  }

  return {
    job,
    running: computed(() => job.value !== undefined && !hasJobEnded(job.value)),
    failure: computed(() => refusal.value ?? job.value?.failure ?? undefined),
    starting,
    refusal,
    dismiss,
    cancel: () => void (job.value && jobs.cancel(job.value.id)),
    async start(order) {
      refusal.value = undefined
      starting.value = true
      try {
        await dismiss()
        await order()
      } catch (error) {
        refusal.value = failureOf(error)
      } finally {
        starting.value = false
      }
    }
  }
}
