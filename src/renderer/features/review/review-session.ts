import { computed, readonly, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { client, failureOf } from '@renderer/client'
import type { FailureData } from '@shared/domain/failure'
import type { IssueTable, Review, ReviewChange, ReviewDecision } from '@shared/domain/review'
import type { RunRecord } from '@shared/domain/run'

export interface ReviewSession {
  readonly record: Readonly<ShallowRef<RunRecord | undefined>>
  readonly table: Readonly<ShallowRef<IssueTable | undefined>>
  readonly decisions: Readonly<ShallowRef<ReadonlyMap<number, ReviewDecision>>>
  /** What undo would take back; null when there is nothing. */
  readonly undoable: ComputedRef<string | null>
  readonly redoable: ComputedRef<string | null>
  readonly failure: Readonly<ShallowRef<FailureData | undefined>>
  /** Acts that are on their way to the disk. */
  readonly saving: Readonly<Ref<number>>
  load(): Promise<void>
  decide(changes: ReviewChange[], summary: string): Promise<void>
  /** The rows that it changed. */
  undo(): Promise<readonly number[]>
  redo(): Promise<readonly number[]>
}

/**
 * The review of one run. A decision shows at once and is saved behind it; acts are sent one after the other,
 * in the order in which they were made. When one is refused, what stands is loaded again.
 */
export function useReviewSession(run: string): ReviewSession {
  const record = shallowRef<RunRecord>()
  const table = shallowRef<IssueTable>()
  const decisions = shallowRef<ReadonlyMap<number, ReviewDecision>>(new Map())
  const last = shallowRef<Review>()
  const failure = shallowRef<FailureData>()
  const saving = ref(0)
  let queue: Promise<unknown> = Promise.resolve()

  function take(review: Review): void {
    last.value = review
    decisions.value = new Map(review.decisions.map((decision) => [decision.row, decision]))
  }

  async function load(): Promise<void> {
    failure.value = undefined
    try {
      record.value = (await client.runs.get({ run })).record
      const [issues, review] = await Promise.all([
        client.reviews.issues({ run }),
        client.reviews.get({ run })
      ])
      table.value = issues
      take(review)
    } catch (error) {
      failure.value = failureOf(error)
    }
  }

  /** Answers of acts overtaken by later ones are not shown: they would take the later ones back for a moment. */
  function send(act: () => Promise<Review>): Promise<readonly number[]> {
    saving.value++
    const sent = queue.then(async () => {
      try {
        const review = await act()
        saving.value--
        if (saving.value === 0) take(review)
        else last.value = review
        failure.value = undefined
        return review.touched
      } catch (error) {
        saving.value--
        failure.value = failureOf(error)
        await client.reviews.get({ run }).then(take, () => undefined)
        return []
      }
    })
    queue = sent
    return sent
  }

  return {
    record,
    table,
    decisions,
    undoable: computed(() => last.value?.undo ?? null),
    redoable: computed(() => last.value?.redo ?? null),
    failure,
    saving: readonly(saving),
    load,
    decide: async (changes, summary) => {
      const next = new Map(decisions.value)
      for (const { row, decision } of changes) {
        if (decision) next.set(row, { row, ...decision, ...(changes.length === 1 ? { judged: true } : {}) })
        else next.delete(row)
      }
      decisions.value = next
      await send(() => client.reviews.decide({ run, changes, summary }))
    },
    undo: () => send(() => client.reviews.undo({ run })),
    redo: () => send(() => client.reviews.redo({ run }))
  }
}
