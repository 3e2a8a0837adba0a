import { ref } from 'vue'
import type { Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { RouteLocationRaw } from 'vue-router'
import { client, failureOf } from '@renderer/client'
import type { Method } from '@shared/domain/task-spec'
import { raceMethods } from '@shared/tasks'
import type { KeptDraft } from './kept-draft'
import type { RunDraft } from './run-draft'

/** What varies, as typed. */
export type VariedField = { readonly field: string; readonly text: string }

export interface DraftStart {
  /** Asked for and not answered yet: a second press must not queue it again. */
  readonly starting: Ref<boolean>
  start(): Promise<void>
  /** The same run once for each method. */
  race(): Promise<void>
  /** Many runs as one act. */
  sweep(varied: readonly VariedField[]): Promise<void>
}

/** Starting the draft, and going to what was started. */
export function useDraftStart(
  draft: RunDraft,
  keptDraft: KeptDraft,
  place: Ref<string | undefined>
): DraftStart {
  const router = useRouter()
  const starting = ref(false)

  async function once(act: () => Promise<void>): Promise<void> {
    if (starting.value) return
    starting.value = true
    try {
      await act()
    } finally {
      starting.value = false
    }
  }

  async function begin(
    page: (ids: string[]) => RouteLocationRaw,
    methods?: readonly Method[]
  ): Promise<void> {
    const ids = await draft.start(methods, place.value)
    if (ids.length === 0) return
    keptDraft.end()
    await router.push(page(ids))
  }

  async function sweep(varied: readonly VariedField[]): Promise<void> {
    const spec = draft.spec.value
    if (!spec) return
    draft.failure.value = undefined
    try {
      const axes = varied.filter(({ text }) => text.trim() !== '')
      const { sweep: queued } = await client.sweeps.create({ spec, axes, place: place.value })
      await router.push(`/sweeps/${queued.id}`)
    } catch (error) {
      draft.failure.value = failureOf(error)
    }
  }

  return {
    starting,
    start: () => once(() => begin(([id]) => `/runs/${id}`)),
    race: () =>
      once(() =>
        begin(
          (ids) => ({ path: '/runs/race', query: { ids: ids.join(',') } }),
          raceMethods(draft.spec.value!)
        )
      ),
    sweep: (varied) => once(() => sweep(varied))
  }
}
