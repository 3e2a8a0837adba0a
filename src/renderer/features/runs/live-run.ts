import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { client, failureOf, useRunRecords } from '@renderer/client'
import type { FailureData } from '@shared/domain/failure'
import type { Report } from '@shared/domain/report'
import type { RunRecord } from '@shared/domain/run'
import type { LogEvent, SnapshotEvent, WeightsEvent } from '@shared/domain/run-event'
import type { Series } from './run-history'
import { useRunEvents } from './run-events'
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
  const events = useRunEvents(id)

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

  const records = useRunRecords()
  watch(
    records,
    (list) => {
      const mine = list?.find((other) => other.id === id)
      if (mine) record.value = mine
      // Together with the record, which comes as often: two changes are two frames.
      events.tick()
    },
    { immediate: true }
  )
  watch(
    () => record.value?.state,
    (state, before) => {
      if (!state) return
      void events.follow()
      if (record.value && hasRunEnded(record.value.state) && before !== undefined) void reload()
    },
    { immediate: true }
  )
  void reload()
  const { history, seconds, tensorBytes } = events
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
