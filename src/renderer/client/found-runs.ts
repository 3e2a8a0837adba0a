import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef } from 'vue'
import type { RunRecord } from '@shared/domain/run'
import { client } from './connection'
import { useRunRecords } from './run-records'

/** Runs that left what they found in a dataset, at their end or where somebody ended them; newest first. */
export function useFoundRuns(dataset: string): ComputedRef<readonly RunRecord[]> {
  const records = useRunRecords()
  const found = shallowRef<readonly string[]>([])
  /** Asked again when one ends, comes or goes. */
  const ended = computed(() =>
    (records.value ?? [])
      .filter(({ state }) => state === 'done' || state === 'cancelled')
      .map(({ id }) => id)
      .join()
  )
  watch(
    ended,
    async () => {
      // Without an answer the earlier one stands; the next change asks again.
      found.value = await client.surveys.runs({ dataset }).catch(() => found.value)
    },
    { immediate: true }
  )
  return computed(() => (records.value ?? []).filter(({ id }) => found.value.includes(id)))
}
