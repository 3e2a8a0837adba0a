import { shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { client } from '@renderer/client'

/** Where an example of a run lies: a row of a dataset; undefined while unknown and for data that are not imported. */
export function useExamplePlace(
  run: string,
  row: () => number | undefined
): Readonly<ShallowRef<{ dataset: string; row: number } | undefined>> {
  const place = shallowRef<{ dataset: string; row: number }>()
  watch(
    row,
    async (wanted) => {
      if (wanted === undefined) return (place.value = undefined)
      const found = await client.annotations.place({ run, row: wanted }).catch(() => null)
      if (wanted === row()) place.value = found ?? undefined
    },
    { immediate: true }
  )
  return place
}
