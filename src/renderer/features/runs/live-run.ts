import { computed, onUnmounted, ref, shallowRef, triggerRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { redrawPace } from '@renderer/charts/redraw-pace'
import { client, failureOf, useRunRecords } from '@renderer/client'
import type { FailureData } from '@shared/domain/failure'
import type { Report } from '@shared/domain/report'
import type { RunRecord } from '@shared/domain/run'
import type { LogEvent, RunEvent, SnapshotEvent, WeightsEvent } from '@shared/domain/run-event'
import { RunHistory } from './run-history'
import type { Series } from './run-history'
import { hasRunEnded } from '@shared/domain/run'

/** What is drawn changes at the page's pace, numbers about once a second. */
export interface LiveRun {
  readonly record: ShallowRef<RunRecord | undefined>
  readonly report: ShallowRef<Report | null>
  readonly files: ShallowRef<readonly { path: string; bytes: number }[]>
  readonly series: ComputedRef<Series>
  /** The same points, over seconds instead of steps. */
  readonly timed: ComputedRef<Series>
  readonly weights: ComputedRef<readonly WeightsEvent[]>
  readonly snapshot: ComputedRef<SnapshotEvent | undefined>
  readonly logs: ComputedRef<readonly LogEvent[]>
  readonly failure: ShallowRef<FailureData | undefined>
  readonly seconds: Ref<number>
  /** Most bytes that tensors have held in a step so far. */
  readonly tensorBytes: Ref<number>
  reload(): Promise<void>
}

/** A run as its page follows it: record, history and what comes, until the page is left. */
export function useLiveRun(id: string): LiveRun {
  const record = shallowRef<RunRecord>()
  const report = shallowRef<Report | null>(null)
  const files = shallowRef<readonly { path: string; bytes: number }[]>([])
  const failure = shallowRef<FailureData>()
  const seconds = ref(0)
  const tensorBytes = ref(0)
  /** Told of when it is time to draw, not whenever it has grown. */
  const history = shallowRef(new RunHistory())
  const leaving = new AbortController()
  let sequence = 0

  const draw = (): void => triggerRef(history)

  /** Together with the record, which comes as often: two changes are two frames. */
  function tick(): void {
    seconds.value = history.value.seconds
    tensorBytes.value = history.value.tensorBytes
  }

  function take(events: readonly RunEvent[]): void {
    history.value.take(events)
    if (seconds.value === 0) tick()
    redrawPace.request(draw)
  }

  async function reload(): Promise<void> {
    try {
      const all = await client.runs.get({ run: id })
      record.value = all.record
      report.value = all.report
      files.value = all.files
    } catch (error) {
      failure.value = failureOf(error)
    }
  }

  /** Events until the run rests, over every lost connection; called again when it trains again. */
  let following = false
  async function follow(): Promise<void> {
    if (following) return
    following = true
    let rests = false
    while (!rests && !leaving.signal.aborted) {
      try {
        const stream = await client.runs.events({ run: id, after: sequence }, { signal: leaving.signal })
        let restarted = false
        for await (const batch of stream) {
          // What comes first is its history, whatever it is.
          restarted = sequence > 0 && history.value.hasRestarted(batch.events)
          if (restarted) break
          sequence = batch.sequence
          take(batch.events)
        }
        if (restarted) {
          sequence = 0
          history.value = new RunHistory()
        } else rests = true
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
    following = false
    // How it ended is worth seeing at once.
    redrawPace.cancel(draw)
    if (leaving.signal.aborted) return
    tick()
    draw()
  }

  const records = useRunRecords()
  watch(
    records,
    (list) => {
      const mine = list?.find((other) => other.id === id)
      if (mine) record.value = mine
      tick()
    },
    { immediate: true }
  )
  watch(
    () => record.value?.state,
    (state, before) => {
      if (!state) return
      void follow()
      if (record.value && hasRunEnded(record.value.state) && before !== undefined) void reload()
    },
    { immediate: true }
  )
  void reload()
  onUnmounted(() => {
    leaving.abort()
    redrawPace.cancel(draw)
  })
  return {
    record,
    report,
    files,
    series: computed(() => history.value.series('steps')),
    timed: computed(() => history.value.series('times')),
    weights: computed(() => history.value.weights),
    snapshot: computed(() => history.value.snapshot),
    logs: computed(() => history.value.logs),
    failure,
    seconds,
    tensorBytes,
    reload
  }
}
