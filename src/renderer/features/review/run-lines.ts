import { onUnmounted, shallowReactive } from 'vue'
import { client } from '@renderer/client'

/** Rows asked for within this time share a request. */
const GATHER_MS = 25
const MOST_AT_ONCE = 200

/** Examples of a table in a line each, fetched as they come into view; as `useRunPictures` does for pictures. */
export function useRunLines(
  run: string,
  role: 'train' | 'trusted' = 'train'
): { want(row: number): void; line(row: number): string | undefined } {
  const lines = shallowReactive(new Map<number, string>())
  const asked = new Set<number>()
  let wanted: number[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    timer = undefined
    const rows = wanted.slice(-MOST_AT_ONCE)
    for (const row of wanted.slice(0, -MOST_AT_ONCE)) asked.delete(row)
    wanted = []
    try {
      const found = await client.tables.lines({ run, role, rows })
      rows.forEach((row, i) => lines.set(row, found[i]!))
    } catch {
      // The row's number stands there instead.
    } finally {
      for (const row of rows) asked.delete(row)
    }
  }
  onUnmounted(() => clearTimeout(timer))

  return {
    want: (row) => {
      if (lines.has(row) || asked.has(row)) return
      asked.add(row)
      wanted.push(row)
      timer ??= setTimeout(() => void load(), GATHER_MS)
    },
    line: (row) => lines.get(row)
  }
}
