import { ref, shallowRef, watch } from 'vue'
import { client } from '@renderer/client'
import type { IssueTable } from '@shared/domain/review'

/** After the last letter, milliseconds. */
const PAUSE = 250

/** Examples of a run whose text, cells or file name hold what was typed. */
export function useIssueSearch(run: string, table: () => IssueTable | undefined) {
  const sought = ref('')
  /** Undefined while nothing is looked for. */
  const found = shallowRef<ReadonlySet<number>>()
  let asked = 0

  async function find(text: string, mine: number): Promise<void> {
    if (mine !== asked) return
    const { files, shape = [] } = table() ?? {}
    const rows =
      shape.length === 1
        ? await client.tables.findInRun({ run, role: 'train', text }).catch(() => [])
        : (files ?? []).flatMap((name, row) => (name.toLowerCase().includes(text.toLowerCase()) ? [row] : []))
    if (mine === asked) found.value = new Set(rows)
  }

  watch(sought, (text) => {
    const mine = ++asked
    const trimmed = text.trim()
    if (trimmed === '') found.value = undefined
    else setTimeout(() => void find(trimmed, mine), PAUSE)
  })

  return { sought, found }
}
