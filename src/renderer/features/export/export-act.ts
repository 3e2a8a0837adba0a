import { onUnmounted, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { failureOf } from '@renderer/client'
import type { ActProgress, ExportManifest } from '@shared/contract'
import type { FailureData } from '@shared/domain/failure'

export interface ExportDone {
  readonly type: 'done'
  readonly out: string
  readonly manifest: ExportManifest
  readonly check: { readonly examples: number; readonly largestDifference: number }
  readonly download: string | null
}

export interface Act<Done> {
  readonly running: Readonly<Ref<boolean>>
  readonly progress: Readonly<ShallowRef<ActProgress | undefined>>
  readonly done: ShallowRef<Done | undefined>
  readonly failure: ShallowRef<FailureData | undefined>
  start(open: (signal: AbortSignal) => Promise<AsyncIterable<ActProgress | Done>>): Promise<void>
  cancel(): void
}

/** One long act at a time: its progress, its result, its end. Leaving the page cancels it. */
export function useAct<Done extends { readonly type: 'done' }>(): Act<Done> {
  const running = ref(false)
  const progress = shallowRef<ActProgress>()
  const done = shallowRef<Done>()
  const failure = shallowRef<FailureData>()
  let ending: AbortController | undefined

  const start: Act<Done>['start'] = async (open) => {
    ending = new AbortController()
    const { signal } = ending
    running.value = true
    progress.value = undefined
    done.value = undefined
    failure.value = undefined
    try {
      for await (const news of await open(signal)) {
        if (news.type === 'progress') progress.value = news
        else done.value = news
      }
    } catch (error) {
      // Who cancels knows it.
      if (!signal.aborted) failure.value = failureOf(error)
    } finally {
      running.value = false
    }
  }

  const cancel = (): void => ending?.abort()
  onUnmounted(cancel)
  return { running, progress, done, failure, start, cancel }
}
