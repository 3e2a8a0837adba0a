import { ref, watch } from 'vue'
import * as z from 'zod'
import { keep, kept, randomId } from '@renderer/client'
import type { RunDraft } from './run-draft'
import { TASK_LIST } from '@shared/tasks'

/** The draft outlives its page until it is started; `visit` is the entry of the history that it began with. */
const KEPT = 'new run'
const keptDraft = z.object({
  visit: z.string(),
  task: z.enum(TASK_LIST.map((other) => other.task)),
  preset: z.string(),
  data: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.unknown())
})

export interface KeptDraft {
  /** @returns what makes the draft what it was when its page was left; undefined where the address asks for another */
  recall(isAddressBare: boolean): (() => void) | undefined
  /** From here on changes are kept: the draft is filled in. */
  begin(): void
  /** Forgets it: it is started. */
  end(): void
}

export function useKeptDraft({ task, preset, data, settings }: RunDraft): KeptDraft {
  const visit = ref(randomId())
  const isKept = ref(false)
  watch([task, preset, data, settings, isKept], () => {
    if (!isKept.value) return
    keep(KEPT, {
      visit: visit.value,
      task: task.value,
      preset: preset.value,
      data: data.value,
      settings: settings.value
    })
  })
  return {
    recall(isAddressBare) {
      const earlier = kept(KEPT, keptDraft)
      const state = history.state as { readonly visit?: string } | null
      // Going back to an address finds what was made of it; following a link to it begins afresh.
      const isReturn = isAddressBare || state?.visit === earlier?.visit
      if (earlier && isReturn) visit.value = earlier.visit
      history.replaceState({ ...state, visit: visit.value }, '')
      if (!earlier || !isReturn) return undefined
      return () => {
        task.value = earlier.task
        preset.value = earlier.preset
        data.value = earlier.data
        settings.value = earlier.settings
      }
    },
    begin: () => void (isKept.value = true),
    end() {
      isKept.value = false
      keep(KEPT, undefined)
    }
  }
}
