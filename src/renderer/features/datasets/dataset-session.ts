import { computed, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { client, failureOf } from '@renderer/client'
import type { DatasetMeta } from '@shared/domain/dataset'
import type { DatasetSummary } from '@shared/domain/dataset-summary'
import type { FailureData } from '@shared/domain/failure'
import type { TrustedMark, TrustedSet } from '@shared/domain/trusted-set'

type Labels = Awaited<ReturnType<typeof client.datasets.labels>>

export interface DatasetSession {
  readonly meta: ShallowRef<DatasetMeta | undefined>
  readonly summary: ShallowRef<DatasetSummary | undefined>
  readonly labels: ShallowRef<Labels | undefined>
  readonly trusted: ShallowRef<TrustedSet | undefined>
  readonly failure: ShallowRef<FailureData | undefined>
  /** Row -> label that a person vouches for. */
  readonly marks: ComputedRef<ReadonlyMap<number, number>>
  load(): Promise<void>
  mark(marks: readonly TrustedMark[]): Promise<void>
  unmark(rows: readonly number[]): Promise<void>
  useReference(reference: string | null): Promise<void>
}

/** One dataset as its pages see it: facts, labels, what is trusted. Changes are saved at once. */
export function useDatasetSession(id: string): DatasetSession {
  const meta = shallowRef<DatasetMeta>()
  const summary = shallowRef<DatasetSummary>()
  const labels = shallowRef<Labels>()
  const trusted = shallowRef<TrustedSet>()
  const failure = shallowRef<FailureData>()

  async function attempt(act: () => Promise<void>): Promise<void> {
    failure.value = undefined
    try {
      await act()
    } catch (error) {
      failure.value = failureOf(error)
    }
  }
  const change = (act: () => Promise<TrustedSet>): Promise<void> =>
    attempt(async () => {
      trusted.value = await act()
    })

  return {
    meta,
    summary,
    labels,
    trusted,
    failure,
    marks: computed(() => new Map(trusted.value?.marks.map(({ row, label }) => [row, label]))),
    load: () =>
      attempt(async () => {
        const [facts, all, trust] = await Promise.all([
          client.datasets.get({ dataset: id }),
          client.datasets.labels({ dataset: id }),
          client.trust.get({ dataset: id })
        ])
        meta.value = facts.meta
        summary.value = facts.summary
        labels.value = all
        trusted.value = trust
      }),
    mark: (marks) => change(() => client.trust.mark({ dataset: id, marks: [...marks] })),
    unmark: (rows) => change(() => client.trust.unmark({ dataset: id, rows: [...rows] })),
    useReference: (reference) => change(() => client.trust.useReference({ dataset: id, reference }))
  }
}
