import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { client, failureOf, useDecisions, useOnlooker } from '@renderer/client'
import { isSeenOtherwise } from '@renderer/ui/picture-words'
import type { Decisions } from '@renderer/client'
import type { IssueTable, ReviewDecision } from '@shared/domain/review'
import type { RunRecord } from '@shared/domain/run'
import type { TrustNews } from '@shared/domain/trusted-set'
import { useReviewers } from './reviewers'
import type { RunReviewers } from './reviewers'

export interface ReviewSession extends Decisions {
  readonly record: Readonly<ShallowRef<RunRecord | undefined>>
  readonly table: Readonly<ShallowRef<IssueTable | undefined>>
  /** What was decided on flagged or contradicted examples while trusted ones were marked, here or in another window. */
  readonly vouched: Readonly<ShallowRef<readonly ReviewDecision[]>>
  /** Whether its examples are shown as they were taken, and models get them resized. */
  readonly arePhotographs: Readonly<ShallowRef<boolean>>
  readonly reviewers: RunReviewers
  load(): Promise<void>
}

/** The review of one run: what the run found, and what is decided on it, here and elsewhere. */
export function useReviewSession(run: string): ReviewSession {
  const record = shallowRef<RunRecord>()
  const table = shallowRef<IssueTable>()
  const vouched = shallowRef<readonly ReviewDecision[]>([])
  const arePhotographs = shallowRef(false)
  const lookOn = useOnlooker()
  const reviewers = useReviewers(run)
  const decisions = useDecisions({
    watch: (who, signal) => client.reviews.watch({ run, ...who }, { signal }),
    decide: (changes, summary, { revision, ...who }) => {
      // Who judges unseen overwrites what stands, without a refusal that would show it.
      const isUnseen = reviewers.isUnseen.value
      const settles = !isUnseen && changes.length === 1 && reviewers.disputed.value.has(changes[0]!.row)
      const seen = isUnseen ? {} : { revision }
      return client.reviews.decide({ run, changes: [...changes], summary, settles, ...who, ...seen })
    },
    turn: (side, who) => client.reviews[side]({ run, ...who }),
    onNews: reviewers.hear
  })

  async function tellVouched(): Promise<void> {
    vouched.value = await client.reviews.vouched({ run }).catch(() => vouched.value)
  }

  /** Marks of the data that the run learned from, as they change. */
  function followMarks({ spec }: RunRecord): void {
    const datasets = new Set((spec.pins ?? []).flatMap(({ dataset }) => dataset ?? []))
    for (const dataset of datasets)
      lookOn<TrustNews>(
        (who, signal) => client.trust.watch({ dataset, ...who }, { signal }),
        // What cannot be told now is told with the next news.
        () => void tellVouched()
      )
  }

  async function load(): Promise<void> {
    decisions.failure.value = undefined
    try {
      record.value = (await client.runs.get({ run })).record
      const [issues, facts] = await Promise.all([
        client.reviews.issues({ run }),
        client.runs.pictureFacts({ run, role: 'train', row: 0 }).catch(() => undefined),
        decisions.follow(),
        reviewers.load()
      ])
      arePhotographs.value = facts !== undefined && isSeenOtherwise(facts)
      vouched.value = issues.vouched ?? []
      followMarks(record.value)
      table.value = issues
    } catch (error) {
      decisions.failure.value = failureOf(error)
    }
  }

  return { ...decisions, record, table, vouched, arePhotographs, reviewers, load }
}
