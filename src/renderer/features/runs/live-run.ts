import { onUnmounted, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { PointBuffer } from '@renderer/charts/point-buffer'
import type { Point } from '@renderer/charts/point-buffer'
import { client, failureOf } from '@renderer/client'
import type { FailureData } from '@shared/domain/failure'
import type { Report } from '@shared/domain/report'
import type { RunRecord } from '@shared/domain/run'
import type { LogEvent, MetricEvent, RunEvent, SnapshotEvent, WeightsEvent } from '@shared/domain/run-event'
import { hasEnded } from './run-words'

export interface LiveRun {
  readonly record: ShallowRef<RunRecord | undefined>
  readonly report: ShallowRef<Report | null>
  readonly files: ShallowRef<readonly { path: string; bytes: number }[]>
  /** Points by metric name; replaced a few times a second, so that charts redraw that often. */
  readonly series: ShallowRef<Readonly<Record<string, readonly Point[]>>>
  /** The same points, over seconds instead of steps. */
  readonly timed: ShallowRef<Readonly<Record<string, readonly Point[]>>>
  readonly weights: ShallowRef<readonly WeightsEvent[]>
  readonly snapshots: ShallowRef<readonly SnapshotEvent[]>
  readonly logs: ShallowRef<readonly LogEvent[]>
  readonly failure: ShallowRef<FailureData | undefined>
  readonly seconds: Ref<number>
  /** Most bytes that tensors have held in a step so far. */
  readonly tensorBytes: Ref<number>
  reload(): Promise<void>
}

/** Numbers of a metric event that are drawn. */
const NUMBERS = [
  'f',
  'g',
  'penaltyTerm',
  'multiplierTerm',
  'gradNormG',
  'gradNormUpper',
  'gradNormLower',
  'gamma',
  'lambda',
  'eps',
  'lrUpper',
  'lrLower',
  'lowerStepsPerSecond'
] as const satisfies readonly (keyof MetricEvent)[]

/** Histograms kept: one an epoch, thinned for runs of very many. */
const MOST_WEIGHTS = 200
const MOST_LOGS = 200

/** A run as its page follows it: record, history and what comes, until the page is left. */
export function useLiveRun(id: string): LiveRun {
  const record = shallowRef<RunRecord>()
  const report = shallowRef<Report | null>(null)
  const files = shallowRef<readonly { path: string; bytes: number }[]>([])
  const series = shallowRef<Readonly<Record<string, readonly Point[]>>>({})
  const timed = shallowRef<Readonly<Record<string, readonly Point[]>>>({})
  const weights = shallowRef<readonly WeightsEvent[]>([])
  const snapshots = shallowRef<readonly SnapshotEvent[]>([])
  const logs = shallowRef<readonly LogEvent[]>([])
  const failure = shallowRef<FailureData>()
  const seconds = ref(0)
  const tensorBytes = ref(0)
  const buffers = new Map<string, { readonly steps: PointBuffer; readonly times: PointBuffer }>()
  const leaving = new AbortController()
  let sequence = 0

  function addPoint(name: string, { step, seconds: at }: MetricEvent, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return
    let buffer = buffers.get(name)
    if (!buffer) buffers.set(name, (buffer = { steps: new PointBuffer(), times: new PointBuffer() }))
    buffer.steps.add(step, value)
    buffer.times.add(at, value)
  }

  function take(events: readonly RunEvent[]): void {
    let drawn = false
    for (const event of events) {
      if (event.type === 'metric') {
        drawn = true
        seconds.value = event.seconds
        tensorBytes.value = Math.max(tensorBytes.value, event.tensorBytes ?? 0)
        for (const name of NUMBERS) addPoint(name, event, event[name])
        for (const [name, value] of Object.entries(event.extra ?? {})) {
          addPoint(`extra.${name}`, event, value)
        }
      } else if (event.type === 'weights') {
        const next = [...weights.value, event]
        weights.value = next.length > MOST_WEIGHTS ? next.filter((_, i) => i % 2 === 1) : next
      } else if (event.type === 'snapshot') {
        snapshots.value = [...snapshots.value.slice(-20), event]
      } else if (event.type === 'log') {
        logs.value = [...logs.value.slice(-MOST_LOGS), event]
      }
    }
    if (drawn) {
      const drawnAs = (axis: 'steps' | 'times'): Record<string, Point[]> =>
        Object.fromEntries([...buffers].map(([name, buffer]) => [name, buffer[axis].points()]))
      series.value = drawnAs('steps')
      timed.value = drawnAs('times')
    }
  }

  /** A run that goes on from a checkpoint tells again what came after it. */
  function goesBack(events: readonly RunEvent[]): boolean {
    const next = events.find((event) => event.type === 'metric')
    return next !== undefined && next.seconds < seconds.value
  }

  function forget(): void {
    sequence = 0
    seconds.value = 0
    buffers.clear()
    weights.value = []
    snapshots.value = []
    logs.value = []
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
        let begunAnew = false
        for await (const batch of stream) {
          // What comes first is its history, whatever it is.
          begunAnew = sequence > 0 && goesBack(batch.events)
          if (begunAnew) break
          sequence = batch.sequence
          take(batch.events)
        }
        if (begunAnew) forget()
        else rests = true
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
    following = false
  }

  async function watchRecord(): Promise<void> {
    while (!leaving.signal.aborted) {
      try {
        for await (const list of await client.runs.watch(undefined, { signal: leaving.signal })) {
          const mine = list.find((other) => other.id === id)
          if (mine) record.value = mine
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
  }

  watch(
    () => record.value?.state,
    (state, before) => {
      if (!state) return
      void follow()
      if (record.value && hasEnded(record.value) && before !== undefined) void reload()
    }
  )
  void reload()
  void watchRecord()
  onUnmounted(() => leaving.abort())
  return {
    record,
    report,
    files,
    series,
    timed,
    weights,
    snapshots,
    logs,
    failure,
    seconds,
    tensorBytes,
    reload
  }
}
