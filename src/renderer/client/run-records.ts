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
      for await (const news of await client.runs.follow(undefined, { signal })) {
        records.value = withNews(records.value ?? [], news)
      }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

interface RunNews {
  readonly type: 'all' | 'changes'
  readonly runs: readonly RunRecord[]
  readonly gone: readonly string[]
}

/** A list with what has changed of it, newest first. */
export function withNews(list: readonly RunRecord[], { type, runs, gone }: RunNews): readonly RunRecord[] {
  const byId = new Map(type === 'all' ? [] : list.map((run) => [run.id, run]))
  for (const run of runs) byId.set(run.id, run)
  for (const id of gone) byId.delete(id)
  return [...byId.values()].sort(
    (a, b) => -order(a.createdAt, b.createdAt) || b.position - a.position || -order(a.id, b.id)
  )
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
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
