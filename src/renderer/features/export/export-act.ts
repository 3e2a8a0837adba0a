import { onUnmounted, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { client, failureOf } from '@renderer/client'
import type { ActProgress, ExportManifest } from '@shared/contract'
import type { FailureData } from '@shared/domain/failure'

export interface ExportDone {
  readonly out: string
  readonly manifest: ExportManifest
  readonly check: { readonly examples: number; readonly largestDifference: number }
  readonly download: string | null
}

type Order = Parameters<typeof client.exports.write>[0]

/** One export at a time: its progress, its result, its end. Leaving the page cancels it. */
export function useExportAct(): {
  readonly running: Readonly<Ref<boolean>>
  readonly progress: Readonly<ShallowRef<ActProgress | undefined>>
  readonly done: ShallowRef<ExportDone | undefined>
  readonly failure: ShallowRef<FailureData | undefined>
  start(order: Order): Promise<void>
  cancel(): void
} {
  const running = ref(false)
  const progress = shallowRef<ActProgress>()
  const done = shallowRef<ExportDone>()
  const failure = shallowRef<FailureData>()
  let ending: AbortController | undefined

  async function start(order: Order): Promise<void> {
    ending = new AbortController()
    const { signal } = ending
    running.value = true
    progress.value = undefined
    done.value = undefined
    failure.value = undefined
    try {
      for await (const news of await client.exports.write(order, { signal })) {
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
