import { shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { client } from '@renderer/client'
import type { RunRecord } from '@shared/domain/run'

/** Runs asked for at once. */
const MOST = 200

/** What came out of the runs that are done, in a sentence each; asked for once a run. */
export function useOutcomes(records: Readonly<Ref<readonly RunRecord[] | undefined>>) {
  const outcomes = shallowRef<ReadonlyMap<string, string>>(new Map())
  const asked = new Set<string>()

  watch(
    records,
    async (present = []) => {
      const runs = present
        .filter(({ id, state }) => (state === 'done' || state === 'cancelled') && !asked.has(id))
        .map(({ id }) => id)
        .slice(0, MOST)
      if (runs.length === 0) return
      for (const run of runs) asked.add(run)
      const found = await client.runs.outcomes({ runs }).catch(() => [])
      outcomes.value = new Map([...outcomes.value, ...found.map(({ run, text }) => [run, text] as const)])
    },
    { immediate: true }
  )
  return outcomes
}
