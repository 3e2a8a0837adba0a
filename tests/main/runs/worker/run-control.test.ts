import { afterEach, expect, test, vi } from 'vitest'
import { RunControl } from '@main/runs/worker/run-control'

afterEach(() => {
  vi.restoreAllMocks()
})

test('time is up earlier by what is kept back, never by more than half of it', async () => {
  const now = vi.spyOn(performance, 'now')
  const control = new RunControl()
  const at = async (seconds: number): Promise<string> => {
    now.mockReturnValue(1000 * seconds)
    return control.poll()
  }
  now.mockReturnValue(0)
  // 10 s are from before a pause.
  control.begin(60, 10)
  expect(await at(49)).toBe('continue')
  expect(await at(51)).toBe('time')
  control.keepBack(20)
  expect(await at(29)).toBe('continue')
  expect(await at(31)).toBe('time')
  control.keepBack(300)
  expect(await at(19)).toBe('continue')
  expect(await at(21)).toBe('time')
  expect(control.secondsLeft()).toBe(-1)
})

test('without a limit time is never up', async () => {
  const control = new RunControl()
  control.begin(undefined, 1e9)
  control.keepBack(1e9)
  expect(await control.poll()).toBe('continue')
})
