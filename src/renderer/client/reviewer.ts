import { readonly, ref } from 'vue'
import { reviewerName } from '@shared/domain/reviewer-name'

const KEY = 'reviewer'

/** What is kept in this browser: a name, '' for whoever started the workbench, null while nobody was asked. */
function stored(): string | null {
  try {
    const name = localStorage.getItem(KEY)
    return name === null || name === '' ? name : (reviewerName.safeParse(name).data ?? null)
  } catch {
    return null
  }
}

const name = ref(stored())
globalThis.window?.addEventListener('storage', ({ key }) => {
  if (key === KEY) name.value = stored()
})

/** Who decides in this browser; '' is whoever started the workbench, null nobody that was asked yet. */
export const reviewer = readonly(name)

/** @param next '' for whoever started the workbench */
export function setReviewer(next: string): void {
  name.value = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // A browser that keeps nothing: then it lasts as long as the page.
  }
}

/** The name as acts carry it; nothing where nobody gave one. */
export function signed(): { by?: string } {
  return name.value ? { by: name.value } : {}
}
