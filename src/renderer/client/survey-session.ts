import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import type { DatasetMeta } from '@shared/domain/dataset'
import type { FailureData } from '@shared/domain/failure'
import type { MapLayout, Survey } from '@shared/domain/finding'
import type { Job } from '@shared/domain/job'
import { hasJobEnded } from '@shared/domain/job'
import { client } from './connection'
import { useDecisions } from './decisions'
import type { Decisions } from './decisions'
import { failureOf } from './failure'
import { useJobs } from './jobs'

type Labels = Awaited<ReturnType<typeof client.datasets.labels>>

export interface SurveySession extends Decisions {
  readonly meta: Readonly<ShallowRef<DatasetMeta | undefined>>
  readonly labels: Readonly<ShallowRef<Labels | undefined>>
  /** Undefined until it is known whether there is one; null where there is none. */
  readonly survey: Readonly<ShallowRef<Survey | null | undefined>>
  /** The job that makes it, or that failed to. */
  readonly job: ComputedRef<Job | undefined>
  /** Rows that are left out. */
  readonly excluded: ComputedRef<ReadonlySet<number>>
  load(): Promise<void>
  start(layout?: MapLayout): Promise<void>
}

/** What is found in a dataset beside wrong labels, and what is decided about it, here and elsewhere. */
export function useSurveySession(dataset: string): SurveySession {
  const jobs = useJobs()
  const meta = shallowRef<DatasetMeta>()
  const labels = shallowRef<Labels>()
  const survey = shallowRef<Survey | null>()
  const failure = shallowRef<FailureData>()
  const decisions = useDecisions({
    watch: (who, signal) => client.surveys.watch({ dataset, ...who }, { signal }),
    decide: (changes, summary, who) =>
      client.surveys.decide({ dataset, changes: [...changes], summary, ...who }),
    turn: (side, who) => client.surveys[side]({ dataset, ...who })
  })
  const job = computed(() =>
    jobs.jobs.findLast(({ kind, subject }) => kind === 'survey' && subject.dataset === meta.value?.id)
  )
  jobs.show(({ kind, subject }) => kind === 'survey' && subject.dataset === meta.value?.id)
  watch(
    () => job.value?.state,
    async () => {
      if (job.value && hasJobEnded(job.value)) survey.value = await client.surveys.get({ dataset })
    }
  )

  async function attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      failure.value = failureOf(error)
      decisions.failure.value = failure.value
    }
  }

  return {
    ...decisions,
    meta,
    labels,
    survey,
    job,
    excluded: computed(
      () =>
        new Set(
          [...decisions.decisions.value.values()]
            .filter(({ action }) => action === 'drop')
            .map(({ row }) => row)
        )
    ),
    load: () =>
      attempt(async () => {
        const [facts, all, found] = await Promise.all([
          client.datasets.get({ dataset }),
          client.datasets.labels({ dataset }),
          client.surveys.get({ dataset }),
          decisions.follow()
        ])
        meta.value = facts.meta
        labels.value = all
        survey.value = found
      }),
    start: (layout = 'pca') => attempt(async () => void (await client.surveys.start({ dataset, layout })))
  }
}
