import { expect, test } from 'vitest'
import type { ProgressEvent, RunEvent } from '@shared/domain/run-event'
import { BEFORE_WRITING, PhaseProgress } from '@engine/tasks/shared/phase-progress'

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
    // Half of a phase of cost 3 took 10 s: another 10 s, and cost 1 at the same pace.
    {
      type: 'progress',
      phase: 'the first part',
      fraction: 0.375 * BEFORE_WRITING,
      seconds: 10,
      secondsLeft: 10 + 10 / 1.5
    },
    { type: 'progress', phase: 'the second', fraction: 0.75 * BEFORE_WRITING, seconds: 30, secondsLeft: 10 },
    { type: 'progress', phase: 'half of it', fraction: 0.875 * BEFORE_WRITING, seconds: 35, secondsLeft: 5 }
  ])
})

test('a phase that is slower than those before is told by its own pace, and one that overruns tells no time', () => {
  const { clock, emitted, progress } = watched()
  progress.enter('first')
  clock.now = 3
  progress.enter('second')
  clock.now = 23
  progress.report(0.25)
  // A quarter took 20 s: three more quarters take 60 s, whatever a unit of cost took before.
  expect(emitted.at(-1)!.secondsLeft).toBeCloseTo(60, 9)
  clock.now = 120
  progress.report(1.2)
  expect(emitted.at(-1)).toMatchObject({ fraction: BEFORE_WRITING, secondsLeft: undefined })
})

test('it never goes back, and is told at most ten times a second', () => {
  const { clock, emitted, progress } = watched()
  progress.enter('second', 0.5)
  clock.now = 0.05
  progress.report(1)
  clock.now = 1
  progress.enter('first')
  expect(emitted.map(({ fraction }) => fraction)).toEqual([0.875 * BEFORE_WRITING, 0.875 * BEFORE_WRITING])
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
  const units = [0, 0.25, 0.5, 3, 3.25, 3.5]
  expect(emitted.map(({ fraction }) => fraction)).toEqual(units.map((done) => BEFORE_WRITING * (done / 4)))
})

test('a run whose time is limited keeps back what the phases after this one need, at the pace of what was worked off', () => {
  const clock = { now: 0 }
  const kept: number[] = []
  const run = {
    seconds: () => clock.now,
    emit: () => undefined,
    limit: { secondsLeft: () => 0, keepBack: (seconds: number) => void kept.push(seconds) }
  }
  const progress = new PhaseProgress(run, {
    asked: { text: 'asked', cost: 100 },
    learned: { text: 'learned', cost: 50, needed: 0 },
    compared: { text: 'compared', cost: 30, needed: 10, examples: 300 }
  })
  progress.enter('asked')
  expect(kept).toEqual([])
  clock.now = 20
  progress.report(0.1)
  // A unit of cost takes 2 s.
  expect(kept).toEqual([20])
  progress.enter('learned')
  clock.now = 40
  progress.report(0.2)
  // What was cut short is not worked off: 40 s for a cost of 10 and of 10.
  expect(kept.at(-1)).toBe(20)
  progress.enter('compared')
  expect(kept.at(-1)).toBe(0)
  expect(progress.secondsToPass(100)).toBe(20)
})
