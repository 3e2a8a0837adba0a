import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { progressMeter } from '@main/jobs/progress-meter'
import type { ProgressFigures } from '@shared/domain/job'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

function timed(
  steps: readonly (readonly [seconds: number, done: number, phase: string])[]
): ProgressFigures[] {
  const sent: ProgressFigures[] = []
  const meter = progressMeter((figures) => sent.push(figures))
  let at = 0
  for (const [seconds, done, phase] of steps) {
    vi.advanceTimersByTime(1000 * (seconds - at))
    at = seconds
    meter(done, 100, phase)
  }
  return sent
}

test('a phase that begins anew is timed by itself', () => {
  const sent = timed([
    [0, 0, 'reading'],
    [20, 99, 'reading'],
    [21, 0, 'encoding'],
    [41, 50, 'encoding']
  ])
  expect(sent.at(-1)!.secondsLeft).toBeCloseTo(20)
})

test('a phase that goes on where the one before ended keeps its clock', () => {
  const sent = timed([
    [0, 0, 'copies'],
    [20, 20, 'copies'],
    [21, 20, 'comparing'],
    [50, 50, 'comparing']
  ])
  expect(sent.at(-1)!.secondsLeft).toBeCloseTo(50)
})
