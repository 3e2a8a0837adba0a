import { onUnmounted, ref, shallowRef, triggerRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { redrawPace } from '@renderer/charts/redraw-pace'
import { client } from '@renderer/client'
import type { RunEvent } from '@shared/domain/run-event'
import { RunHistory } from './run-history'

/** After a stream was lost, over a connection that may come back. */
const AGAIN_MS = 500

export interface RunEvents {
  /** Told of when it is time to draw, not whenever it has grown. */
  readonly history: ShallowRef<RunHistory>
  readonly seconds: Ref<number>
  /** Most bytes that tensors have held in a step so far. */
  readonly tensorBytes: Ref<number>
  /** Take the numbers as they are now. */
  tick(): void
  /** Events until the run rests, over every lost connection; called again when it trains again. */
  follow(): Promise<void>
}

/** What a run tells, from its beginning on, until the page is left. */
export function useRunEvents(run: string): RunEvents {
  const history = shallowRef(new RunHistory())
  const seconds = ref(0)
  const tensorBytes = ref(0)
  const leaving = new AbortController()
  const { signal } = leaving
  let sequence = 0
  let following = false

  const draw = (): void => triggerRef(history)

  function tick(): void {
    seconds.value = history.value.seconds
    tensorBytes.value = history.value.tensorBytes
  }

  function take(events: readonly RunEvent[]): void {
    history.value.take(events)
    if (seconds.value === 0) tick()
    redrawPace.request(draw)
  }

  /** @returns whether the run rests: else it began anew, and is to be read again from the beginning */
  async function readOn(): Promise<boolean> {
    for await (const batch of await client.runs.events({ run, after: sequence }, { signal })) {
      // What comes first is its history, whatever it is.
      if (sequence > 0 && history.value.hasRestarted(batch.events)) {
        sequence = 0
        history.value = new RunHistory()
        return false
      }
      sequence = batch.sequence
      take(batch.events)
    }
    return true
  }

  async function follow(): Promise<void> {
    if (following) return
    following = true
    let rests = false
    while (!rests && !signal.aborted) {
      try {
        rests = await readOn()
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
    following = false
    // How it ended is worth seeing at once.
    redrawPace.cancel(draw)
    if (signal.aborted) return
    tick()
    draw()
  }

  onUnmounted(() => {
    leaving.abort()
    redrawPace.cancel(draw)
  })
  return { history, seconds, tensorBytes, tick, follow }
}
