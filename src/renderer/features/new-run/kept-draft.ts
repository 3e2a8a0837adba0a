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
  settings: z.record(z.string(), z.unknown()),
  isUntouched: z.boolean().default(false)
})

export interface KeptDraft {
  /** @returns what makes the draft what it was when its page was left; undefined where the address asks for another */
  recall(isAddressBare: boolean): (() => void) | undefined
  /**
   * From here on changes are kept: the draft is filled in.
   * @param isSuggested nobody asked for anything of it: left as it is, it gives way to what is suggested the next time
   */
  begin(isSuggested: boolean): void
  /** Forgets it: it is started. */
  end(): void
}

export function useKeptDraft({ task, preset, data, settings }: RunDraft): KeptDraft {
  const visit = ref(randomId())
  let isKept = false
  const drafted = (): string => JSON.stringify([task.value, preset.value, data.value, settings.value])
  /** The draft as it was suggested. */
  let suggested: string | undefined
  function write(): void {
    if (!isKept) return
    keep(KEPT, {
      visit: visit.value,
      task: task.value,
      preset: preset.value,
      data: data.value,
      settings: settings.value,
      isUntouched: drafted() === suggested
    })
  }
  watch([task, preset, data, settings], write)
  return {
    recall(isAddressBare) {
      const earlier = kept(KEPT, keptDraft)
      const state = history.state as { readonly visit?: string } | null
      // Going back to an address finds what was made of it; following a link to it begins afresh.
      const isReturn = state?.visit === earlier?.visit || (isAddressBare && earlier?.isUntouched === false)
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
    begin(isSuggested) {
      suggested = isSuggested ? drafted() : undefined
      isKept = true
      write()
    },
    end() {
      isKept = false
      keep(KEPT, undefined)
    }
  }
}
