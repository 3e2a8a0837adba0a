import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EventBatch } from '@main/runs/worker/event-batch'
import type { RunEvent } from '@shared/domain/run-event'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const metric = (step: number): RunEvent => ({ type: 'metric', step, seconds: step / 100 })
const progress = (phase: string): RunEvent => ({ type: 'progress', phase, fraction: 0, seconds: 0 })

function collected(): { batch: EventBatch; passed: RunEvent[][] } {
  const passed: RunEvent[][] = []
  return { batch: new EventBatch((events) => void passed.push([...events])), passed }
}

describe('what a run tells, several events at a time', () => {
  test('a hundred steps a second go in four messages, none is lost, the order stays', () => {
    const { batch, passed } = collected()
    for (let step = 1; step <= 200; step++) {
      batch.add(metric(step))
      vi.advanceTimersByTime(10)
    }
    batch.flush()
    expect(passed.length).toBeLessThanOrEqual(10)
    expect(passed.flat()).toEqual(Array.from({ length: 200 }, (_, i) => metric(i + 1)))
  })

  test('what comes after a silence goes at once, and the last of many before the next silence soon', () => {
    const { batch, passed } = collected()
    batch.add(metric(1))
    expect(passed).toEqual([[metric(1)]])
    batch.add(metric(2))
    expect(passed).toHaveLength(1)
    vi.advanceTimersByTime(250)
    expect(passed).toEqual([[metric(1)], [metric(2)]])
  })

  test('a phase that begins is told at once, after what came before it; further news of the phase waits', () => {
    const { batch, passed } = collected()
    batch.add(metric(1))
    batch.add(metric(2))
    batch.add(progress('comparing'))
    expect(passed).toEqual([[metric(1)], [metric(2), progress('comparing')]])
    batch.add(progress('comparing'))
    expect(passed).toHaveLength(2)
  })

  test('with nothing to pass on, nothing is passed on', () => {
    const { batch, passed } = collected()
    batch.flush()
    expect(passed).toEqual([])
  })
})
