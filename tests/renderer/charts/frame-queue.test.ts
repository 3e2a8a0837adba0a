// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawingTime, drawInTurn, drawNoMore } from '@renderer/charts/frame-queue'

let clock = 0

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame'] })
  clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A chart that takes so many milliseconds to draw. */
const chart = (cost: number): (() => void) => vi.fn(() => void (clock += cost))

const nextFrame = (): void => void vi.advanceTimersToNextFrame()

test('a frame draws charts as long as it has time; the others wait for the next', () => {
  const charts = [chart(3), chart(3), chart(3), chart(3)]
  for (const draw of charts) drawInTurn(draw)
  const drawn = (): number => charts.filter((draw) => vi.mocked(draw).mock.calls.length > 0).length
  const before = drawingTime()
  nextFrame()
  expect(drawn()).toBe(3)
  nextFrame()
  expect(drawn()).toBe(4)
  expect(drawingTime() - before).toBe(12)
})

test('a chart asked for twice is drawn once, one that has gone not at all', () => {
  const [twice, gone] = [chart(1), chart(1)]
  drawInTurn(twice)
  drawInTurn(gone)
  drawInTurn(twice)
  drawNoMore(gone)
  nextFrame()
  nextFrame()
  expect(twice).toHaveBeenCalledTimes(1)
  expect(gone).not.toHaveBeenCalled()
})

test('a chart that cannot be drawn does not keep the others from it', () => {
  const broken = vi.fn(() => {
    throw new Error('broken')
  })
  const sound = chart(1)
  drawInTurn(broken)
  drawInTurn(sound)
  expect(nextFrame).toThrow('broken')
  nextFrame()
  expect(sound).toHaveBeenCalledTimes(1)
})
