import { computed, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { client, failureOf, useDecisions } from '@renderer/client'
import type { Decisions, DecisionSource } from '@renderer/client'
import type { DatasetMeta } from '@shared/domain/dataset'
import type { DatasetSummary } from '@shared/domain/dataset-summary'
import type { FailureData } from '@shared/domain/failure'
import type { TrustedMark, TrustNews } from '@shared/domain/trusted-set'

type Labels = Awaited<ReturnType<typeof client.datasets.labels>>

/** What is trusted, counted. */
export type TrustFacts = Pick<TrustNews, 'reference' | 'classCounts'>

export interface DatasetSession extends Pick<
  Decisions,
  'decisions' | 'undoable' | 'redoable' | 'refused' | 'undo' | 'redo'
> {
  readonly meta: ShallowRef<DatasetMeta | undefined>
  readonly summary: ShallowRef<DatasetSummary | undefined>
  readonly labels: ShallowRef<Labels | undefined>
  readonly trusted: ShallowRef<TrustFacts | undefined>
  readonly failure: ShallowRef<FailureData | undefined>
  /** Row -> label that a person vouches for. */
  readonly marks: ComputedRef<ReadonlyMap<number, number>>
  /** The label of each row: the one that is vouched for, else the given one. */
  readonly current: ComputedRef<readonly number[]>
  /** Rows whose given label is corrected. */
  readonly corrected: ComputedRef<readonly number[]>
  /** What became of marks of an earlier version that cannot be read. */
  readonly warning: ShallowRef<string | null>
  load(): Promise<void>
  mark(marks: readonly TrustedMark[]): Promise<void>
  unmark(rows: readonly number[]): Promise<void>
  useReference(reference: string | null): Promise<void>
}

/** One dataset as its pages see it: facts, labels, what is trusted, here and elsewhere. Changes are saved at once. */
export function useDatasetSession(id: string): DatasetSession {
  const meta = shallowRef<DatasetMeta>()
  const summary = shallowRef<DatasetSummary>()
  const labels = shallowRef<Labels>()
  const trusted = shallowRef<TrustFacts>()
  const warning = shallowRef<string | null>(null)
  const decisions = useDecisions<TrustNews>({
    ...marksOf(id),
    onNews: ({ reference, classCounts }) => {
      trusted.value = { reference, classCounts }
    }
  })
  const { failure, undoable, redoable, refused, undo, redo } = decisions

  async function attempt(act: () => Promise<void>): Promise<void> {
    failure.value = undefined
    try {
      await act()
    } catch (error) {
      failure.value = failureOf(error)
    }
  }
  const marks = computed(
    () => new Map([...decisions.decisions.value].map(([row, { label }]) => [row, label!]))
  )
  const current = computed(() =>
    (labels.value?.given ?? []).map((label, row) => marks.value.get(row) ?? label)
  )

  return {
    meta,
    summary,
    labels,
    trusted,
    warning,
    failure,
    decisions: decisions.decisions,
    undoable,
    redoable,
    refused,
    undo,
    redo,
    marks,
    current,
    corrected: computed(() =>
      [...marks.value].filter(([row, label]) => labels.value?.given[row] !== label).map(([row]) => row)
    ),
    load: () =>
      attempt(async () => {
        const [facts, all, trust] = await Promise.all([
          client.datasets.get({ dataset: id }),
          client.datasets.labels({ dataset: id }),
          client.trust.get({ dataset: id, most: 1 }),
          decisions.follow()
        ])
        meta.value = facts.meta
        summary.value = facts.summary
        labels.value = all
        warning.value = trust.warning
      }),
    mark: (wanted) =>
      decisions.decide(
        wanted.map(({ row, label }) => ({ row, decision: { action: 'relabel', label } })),
        'trust'
      ),
    unmark: (rows) =>
      decisions.decide(
        rows.map((row) => ({ row, decision: null })),
        'trust no longer'
      ),
    useReference: (reference) =>
      attempt(async () => {
        const { classCounts, reference: now } = await client.trust.useReference({ dataset: id, reference })
        trusted.value = { reference: now, classCounts }
      })
  }
}

/** Marks of trust as decisions: a mark is a label that somebody vouches for. */
function marksOf(dataset: string): DecisionSource<TrustNews> {
  return {
    watch: (who, signal) => client.trust.watch({ dataset, ...who }, { signal }),
    decide: (changes, _summary, who) => {
      const marks = changes.flatMap(({ row, decision }) =>
        decision ? [{ row, label: decision.label! }] : []
      )
      return marks.length > 0
        ? client.trust.mark({ dataset, marks, ...who })
        : client.trust.unmark({ dataset, rows: changes.map(({ row }) => row), ...who })
    },
    turn: (side, who) => client.trust[side]({ dataset, ...who })
  }
}
