import { describe, expect, test } from 'vitest'
import { FITTED, panned, zoomed } from '@renderer/ui/picture-zoom'
import { isSeenOtherwise, pictureWords } from '@renderer/ui/picture-words'

const FRAME = { width: 400, height: 200 }

describe('the view of a picture', () => {
  test('keeps the point under the pointer where it is', () => {
    const view = zoomed(FITTED, 2, { x: 100, y: -50 }, FRAME)
    expect(view).toEqual({ scale: 2, x: -100, y: 50 })
    // A point p of the fitted picture lies at x + scale p.
    expect(view.x + view.scale * 100).toBe(100)
    expect(view.y + view.scale * -50).toBe(-50)
    const further = zoomed(view, 1.5, { x: 30, y: 20 }, FRAME)
    const under = (30 - view.x) / view.scale
    expect(further.x + further.scale * under).toBeCloseTo(30, 9)
  })

  test('is never smaller than fitted, never beyond the frame, and ends in the middle', () => {
    expect(zoomed(zoomed(FITTED, 4, { x: 150, y: 0 }, FRAME), 0.01, { x: 0, y: 0 }, FRAME)).toEqual(FITTED)
    const view = zoomed(FITTED, 3, { x: 0, y: 0 }, FRAME)
    expect(panned(view, 10_000, -10_000, FRAME)).toEqual({ scale: 3, x: 400, y: -200 })
    expect(zoomed(FITTED, 1e9, { x: 0, y: 0 }, FRAME).scale).toBe(32)
  })
})

describe('what is said of a picture', () => {
  const model = { width: 64, height: 64, channels: 3 }
  const original = { width: 2048, height: 1365, format: 'jpeg', bytes: 800_000 }

  test('size, format and bytes of the original; else why it is not to be had', () => {
    expect(pictureWords({ model, original, missing: null })).toBe('2,048 × 1,365, JPEG, 781 KiB')
    expect(pictureWords({ model, original: null, missing: 'gone' })).toContain(
      'not where it was imported from'
    )
    expect(pictureWords({ model, original: null, missing: 'not kept' })).toContain('did not keep')
    expect(pictureWords({ model, original: null, missing: null })).toBe('64 × 64 pixels')
  })

  test('only what is resized is seen otherwise by the model', () => {
    expect(isSeenOtherwise({ model, original, missing: null })).toBe(true)
    expect(isSeenOtherwise({ model, original: { ...original, width: 64, height: 64 }, missing: null })).toBe(
      false
    )
    expect(isSeenOtherwise({ model, original: null, missing: 'gone' })).toBe(false)
  })
})
