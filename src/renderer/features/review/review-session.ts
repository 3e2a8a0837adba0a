import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { client, failureOf, useDecisions } from '@renderer/client'
import { isSeenOtherwise } from '@renderer/ui/picture-words'
import type { Decisions } from '@renderer/client'
import type { IssueTable } from '@shared/domain/review'
import type { RunRecord } from '@shared/domain/run'
import { useReviewers } from './reviewers'
import type { RunReviewers } from './reviewers'

export interface ReviewSession extends Decisions {
  readonly record: Readonly<ShallowRef<RunRecord | undefined>>
  readonly table: Readonly<ShallowRef<IssueTable | undefined>>
  /** Whether its examples are shown as they were taken, and models get them resized. */
  readonly arePhotographs: Readonly<ShallowRef<boolean>>
  readonly reviewers: RunReviewers
  load(): Promise<void>
}

/** The review of one run: what the run found, and what is decided on it, here and elsewhere. */
export function useReviewSession(run: string): ReviewSession {
  const record = shallowRef<RunRecord>()
  const table = shallowRef<IssueTable>()
  const arePhotographs = shallowRef(false)
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
      table.value = issues
    } catch (error) {
      decisions.failure.value = failureOf(error)
    }
  }

  return { ...decisions, record, table, arePhotographs, reviewers, load }
}
