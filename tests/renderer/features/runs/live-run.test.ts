// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defineComponent, h, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { useLiveRun } from '@renderer/features/runs/live-run'
import type { LiveRun } from '@renderer/features/runs/live-run'
import type { RunEvent } from '@shared/domain/run-event'

interface Batch {
  readonly sequence: number
  readonly events: readonly RunEvent[]
}

/** Streams of events in the order in which the page asks for them. */
const server = vi.hoisted(() => ({
  streams: [] as (readonly unknown[])[],
  asked: [] as number[],
  state: 'running',
  /** The list of runs; a new one is a tick. */
  records: undefined as ShallowRef<readonly unknown[]> | undefined
}))

vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => error,
  useRunRecords: () => server.records,
  client: {
    runs: {
      get: async () => ({ record: { id: 'r', state: server.state }, report: null, files: [] }),
      events: async function ({ after }: { after: number }) {
        server.asked.push(after)
        const batches = server.streams.shift() ?? []
        return (async function* () {
          for (const batch of batches) yield await batch
        })()
      }
    }
  }
}))

const metric = (step: number, seconds: number): RunEvent => ({ type: 'metric', step, seconds, f: 1 / step })
const batch = (sequence: number, ...events: RunEvent[]): Batch => ({ sequence, events })

const tick = (): void => void (server.records!.value = [{ id: 'r', state: server.state }])

async function follow(...streams: (Batch | Promise<Batch>)[][]): Promise<LiveRun> {
  server.streams = streams
  let live: LiveRun | undefined
  mount(
    defineComponent(() => {
      live = useLiveRun('r')
      return () => h('div')
    })
  )
  await flushPromises()
  return live!
}

beforeEach(() => {
  server.asked = []
  server.records = shallowRef([])
  tick()
})
afterEach(() => void vi.useRealTimers())

test('history and what comes are drawn, over steps and over time', async () => {
  const live = await follow([batch(2, metric(1, 0.5), metric(2, 1)), batch(3, metric(3, 1.5))])
  expect(live.series.value['f']).toEqual([
    [1, 1],
    [2, 1 / 2],
    [3, 1 / 3]
  ])
  expect(live.timed.value['f']!.map(([x]) => x)).toEqual([0.5, 1, 1.5])
  expect(live.seconds.value).toBe(1.5)
  expect(server.asked).toEqual([0])
})

test('a run that goes on from a checkpoint is drawn once, from its history', async () => {
  const weights: RunEvent = { type: 'weights', step: 2, epoch: 1, histogram: [1], suspicious: [] }
  const live = await follow(
    // Killed after step 3, resumed after step 2.
    [batch(4, metric(1, 1), weights, metric(2, 2), metric(3, 3)), batch(9, metric(3, 2.5))],
    [batch(9, metric(1, 1), weights, metric(2, 2), metric(3, 2.5)), batch(10, metric(4, 3.5))]
  )
  expect(server.asked).toEqual([0, 0])
  expect(live.series.value['f']!.map(([x]) => x)).toEqual([1, 2, 3, 4])
  expect(live.timed.value['f']!.map(([x]) => x)).toEqual([1, 2, 2.5, 3.5])
  expect(live.weights.value).toEqual([weights])
})

test('a history that goes back by itself is shown as it is, and not asked for without end', async () => {
  const live = await follow([batch(3, metric(1, 1), metric(2, 2), metric(2, 1.5)), batch(4, metric(3, 2))])
  expect(server.asked).toEqual([0])
  expect(live.seconds.value).toBe(2)
})

test('while it trains, numbers tick with the list of runs and curves change at the pace of the page', async () => {
  vi.useFakeTimers()
  const later = async (ms: number, batch: Batch): Promise<Batch> => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return batch
  }
  const live = await follow([
    batch(1, metric(1, 1)),
    later(1100, batch(2, metric(2, 2))),
    later(1200, batch(3, metric(3, 3))),
    later(60_000, batch(4, metric(4, 60)))
  ])
  await vi.advanceTimersByTimeAsync(1)
  const drawn = (): number => live.series.value['f']?.length ?? 0
  expect(drawn()).toBe(1)
  const shown = live.series.value
  // Looking again, or another part of the page changing, is nothing to draw.
  tick()
  expect(live.series.value).toBe(shown)
  await vi.advanceTimersByTimeAsync(1150)
  expect(drawn()).toBe(2)
  await vi.advanceTimersByTimeAsync(100)
  expect(live.seconds.value).toBe(1)
  tick()
  await flushPromises()
  expect([live.seconds.value, drawn()]).toEqual([3, 2])
  await vi.advanceTimersByTimeAsync(1000)
  expect(drawn()).toBe(3)
})
