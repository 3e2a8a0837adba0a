import { ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'

export interface ExamplePicks {
  readonly current: Ref<number>
  readonly selected: ShallowRef<ReadonlySet<number>>
  pick(row: number, event: MouseEvent | KeyboardEvent): void
  /** What a key acts on: the selection, else the current example. */
  chosen(): number[]
  clear(): void
}

/** Which of the listed examples are selected: one by a click, more with Ctrl, a range with Shift. */
export function useExamplePicks(rows: Readonly<Ref<readonly number[]>>): ExamplePicks {
  const current = ref(0)
  const selected = shallowRef<ReadonlySet<number>>(new Set())
  let lastPicked = -1

  function pick(row: number, event: MouseEvent | KeyboardEvent): void {
    const adds = event.ctrlKey || event.metaKey || event.shiftKey || event instanceof KeyboardEvent
    const next = new Set(adds ? selected.value : [])
    const from = rows.value.indexOf(lastPicked)
    if (event.shiftKey && from >= 0) {
      const to = rows.value.indexOf(row)
      for (let i = Math.min(from, to); i <= Math.max(from, to); i++) next.add(rows.value[i]!)
    } else if (next.has(row)) next.delete(row)
    else next.add(row)
    lastPicked = row
    selected.value = next
  }

  return {
    current,
    selected,
    pick,
    chosen: () =>
      selected.value.size > 0 ? [...selected.value] : rows.value.slice(current.value, current.value + 1),
    clear: () => (selected.value = new Set())
  }
}
