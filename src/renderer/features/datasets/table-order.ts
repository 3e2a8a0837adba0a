import { computed, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { client } from '@renderer/client'
import type { TableHead } from '@shared/domain/table-view'

/** Columns shown of a wide table, until others are chosen. */
const FIRST_COLUMNS = 40
/** After the last letter, milliseconds. */
const PAUSE = 250

/** A table's columns, what it is sorted by, and what is looked for in it. */
export function useTableOrder(dataset: string, filtered: Readonly<Ref<readonly number[]>>) {
  const heads = shallowRef<readonly TableHead[]>([])
  const shown = shallowRef<readonly number[]>([])
  const pinned = shallowRef<readonly number[]>([])
  const sort = shallowRef<{ column: number; descending: boolean } | null>(null)
  const order = shallowRef<readonly number[]>()
  const wanted = ref('')
  const found = shallowRef<ReadonlySet<number>>()
  const busy = ref(false)
  let asked = 0

  async function load(): Promise<void> {
    heads.value = await client.tables.heads({ dataset })
    shown.value = heads.value
      .map((head, column) => ({ head, column }))
      .filter(({ head }) => head.role !== 'constant')
      .slice(0, FIRST_COLUMNS)
      .map(({ column }) => column)
  }

  /** By a column upwards, then downwards, then as the table has it. */
  async function sortBy(column: number): Promise<void> {
    const isSame = sort.value?.column === column
    if (isSame && sort.value?.descending) {
      sort.value = null
      order.value = undefined
      return
    }
    const next = { column, descending: isSame }
    sort.value = next
    busy.value = true
    try {
      const rows = await client.tables.order({ dataset, ...next })
      if (sort.value === next) order.value = rows
    } finally {
      busy.value = false
    }
  }

  watch(wanted, (text) => {
    const mine = ++asked
    if (text.trim() === '') {
      found.value = undefined
      return
    }
    setTimeout(() => void find(text.trim(), mine), PAUSE)
  })

  async function find(text: string, mine: number): Promise<void> {
    if (mine !== asked) return
    busy.value = true
    try {
      const rows = await client.tables.find({ dataset, text })
      if (mine === asked) found.value = new Set(rows)
    } finally {
      busy.value = false
    }
  }

  const rows = computed(() => {
    const within = found.value
    const some = within ? filtered.value.filter((row) => within.has(row)) : filtered.value
    if (!order.value) return some
    const listed = new Set(some)
    return order.value.filter((row) => listed.has(row))
  })

  return { heads, shown, pinned, sort, wanted, busy, rows, load, sortBy }
}
