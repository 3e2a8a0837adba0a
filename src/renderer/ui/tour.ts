import { readonly, ref } from 'vue'

const KEY = 'bilevel.tour'

const seen = ref(localStorage.getItem(KEY) === 'seen')
/** Whether the tour was taken or skipped in this browser. */
export const isTourSeen = readonly(seen)

export function endTour(): void {
  seen.value = true
  localStorage.setItem(KEY, 'seen')
}
