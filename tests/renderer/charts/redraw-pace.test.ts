// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RedrawPace } from '@renderer/charts/redraw-pace'

const page = { hidden: false }

beforeEach(() => {
  vi.useFakeTimers()
  page.hidden = false
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => page.hidden)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** How often a page draws that has news ten times a second, for a bit less than 20 seconds. */
async function drawings(pace: RedrawPace, draw: () => void): Promise<number> {
  let count = 0
  const publish = (): void => {
    count++
    draw()
  }
  for (let news = 0; news < 195; news++) {
    pace.request(publish)
    await vi.advanceTimersByTimeAsync(100)
  }
  return count
}

/** @param cost milliseconds that charts take to draw what is new */
function paced(cost: number): { pace: RedrawPace; draw: () => void } {
  let drawn = 0
  return { pace: new RedrawPace(() => drawn), draw: () => (drawn += cost) }
}

test('what is drawn cheaply is drawn once a second, however often there is news', async () => {
  const { pace, draw } = paced(2)
  expect(await drawings(pace, draw)).toBe(20)
})

test('what is dear is drawn more rarely, so that it takes half a hundredth of the time', async () => {
  const { pace, draw } = paced(12.5)
  expect(await drawings(pace, draw)).toBe(8)
})

test('nothing is so dear that a reader waits longer than five seconds', async () => {
  const { pace, draw } = paced(1000)
  expect(await drawings(pace, draw)).toBe(4)
})

test('the first news is drawn at once, and all that is new goes into one drawing', async () => {
  const pace = new RedrawPace(() => 0)
  const [one, other, gone] = [vi.fn(), vi.fn(), vi.fn()]
  for (const publish of [one, other, gone, one]) pace.request(publish)
  pace.cancel(gone)
  await vi.advanceTimersByTimeAsync(1)
  expect([one, other, gone].map((publish) => publish.mock.calls.length)).toEqual([1, 1, 0])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(one).toHaveBeenCalledTimes(1)
})

test('a hidden page draws nothing, and what it missed as soon as it is seen', async () => {
  const pace = new RedrawPace(() => 0)
  page.hidden = true
  const publish = vi.fn()
  for (let news = 0; news < 100; news++) {
    pace.request(publish)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(publish).not.toHaveBeenCalled()
  page.hidden = false
  document.dispatchEvent(new Event('visibilitychange'))
  expect(publish).toHaveBeenCalledTimes(1)
  pace.request(publish)
  await vi.advanceTimersByTimeAsync(1000)
  expect(publish).toHaveBeenCalledTimes(2)
})
