import { onScopeDispose, shallowReadonly, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import type { RunRecord } from '@shared/domain/run'
import { client } from './connection'

const records = shallowRef<readonly RunRecord[]>()
let readers = 0
let leaving: AbortController | undefined

/** The list as it changes, over every lost connection, until nobody reads it any more. */
async function follow(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const list of await client.runs.watch(undefined, { signal })) records.value = list
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

/** All runs, newest first, as long as the caller lives: one stream for all who look. */
export function useRunRecords(): Readonly<ShallowRef<readonly RunRecord[] | undefined>> {
  readers++
  if (!leaving) {
    leaving = new AbortController()
    void follow(leaving.signal)
  }
  onScopeDispose(() => {
    if (--readers > 0) return
    leaving?.abort()
    leaving = undefined
    records.value = undefined
  })
  return shallowReadonly(records)
}
