import { shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'

/** The example in question: its run and row, and the labels that it has and might have. */
export interface JudgedRow {
  readonly run: string
  readonly row: number
  readonly given: number
  readonly suggested: number
}

/** What the workbench says of the example in question, asked again for each; nothing where that fails. */
export function useOfJudgedRow<T>(
  judged: () => JudgedRow,
  ask: (row: JudgedRow) => Promise<readonly T[]>
): ShallowRef<readonly T[]> {
  const found = shallowRef<readonly T[]>([])
  let latest = 0
  watch(
    () => {
      const { run, row, given, suggested } = judged()
      return [run, row, given, suggested] as const
    },
    async ([run, row, given, suggested]) => {
      const mine = ++latest
      const answer = await ask({ run, row, given, suggested }).catch(() => [])
      if (mine === latest) found.value = answer
    },
    { immediate: true }
  )
  return found
}
