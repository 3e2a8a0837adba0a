import { expect, test } from 'vitest'
import type { ProgressEvent, RunEvent } from '@shared/domain/run-event'
import { PhaseProgress } from '@engine/tasks/shared/phase-progress'

/** A run whose clock is set by hand, and what it was told. */
function watched(): {
  clock: { now: number }
  emitted: ProgressEvent[]
  progress: PhaseProgress<'first' | 'second'>
} {
  const clock = { now: 0 }
  const emitted: ProgressEvent[] = []
  const run = {
    seconds: () => clock.now,
    emit: (event: RunEvent) => {
      if (event.type === 'progress') emitted.push(event)
    }
  }
  const phases = { first: { text: 'the first part', cost: 3 }, second: { text: 'the second', cost: 1 } }
  return { clock, emitted, progress: new PhaseProgress(run, phases) }
}

test('phases count by their costs, and the time left follows from what is done', () => {
  const { clock, emitted, progress } = watched()
  progress.enter('first')
  clock.now = 10
  progress.report(0.5)
  clock.now = 30
  progress.enter('second')
  clock.now = 35
  progress.report(0.5, 'half of it')
  expect(emitted).toEqual([
    { type: 'progress', phase: 'the first part', fraction: 0, seconds: 0, secondsLeft: undefined },
    { type: 'progress', phase: 'the first part', fraction: 0.375, seconds: 10, secondsLeft: 10 / 0.375 - 10 },
    { type: 'progress', phase: 'the second', fraction: 0.75, seconds: 30, secondsLeft: 10 },
    { type: 'progress', phase: 'half of it', fraction: 0.875, seconds: 35, secondsLeft: 5 }
  ])
})

test('it never goes back, and is told at most ten times a second', () => {
  const { clock, emitted, progress } = watched()
  progress.enter('second', 0.5)
  clock.now = 0.05
  progress.report(1)
  clock.now = 1
  progress.enter('first')
  expect(emitted.map(({ fraction }) => fraction)).toEqual([0.875, 0.875])
})

test('examples passed over are counted from the beginning of a phase', () => {
  const { clock, emitted, progress } = watched()
  for (const [now, name] of [
    [1, 'first'],
    [5, 'second']
  ] as const) {
    clock.now = now
    progress.enter(name)
    clock.now = now + 1
    progress.pass(0.25)
    clock.now = now + 2
    progress.pass(0.25)
  }
  expect(emitted.map(({ fraction }) => fraction)).toEqual([0, 0.25 / 4, 0.5 / 4, 3 / 4, 3.25 / 4, 3.5 / 4])
})
