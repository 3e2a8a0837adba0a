import { describe, expect, it } from 'vitest'
import { MARGIN, placeOfPicture, withMargin } from '@renderer/charts/moved-picture'
import { moved, placeOf, zoomed } from '@renderer/charts/point-view'

const FRAME = { width: 400, height: 300 }
const DRAWN = { x: 3, y: -2, scale: 10 }

/** Where in the frame a point of a picture lies that is placed by CSS. */
function seenAt(x: number, y: number, css: ReturnType<typeof placeOfPicture>): { x: number; y: number } {
  const extent = withMargin(FRAME)
  const [, dx, dy, factor] = /^translate\((\S+)px, (\S+)px\) scale\((\S+)\)$/.exec(css.transform)!.map(Number)
  const inPicture = placeOf(x, y, DRAWN, extent)
  return {
    x: FRAME.width / 2 + (inPicture.x - extent.width / 2) * factor! + dx!,
    y: FRAME.height / 2 + (inPicture.y - extent.height / 2) * factor! + dy!
  }
}

describe('a picture of points that is moved instead of drawn again', () => {
  it('reaches beyond its frame on all sides, and lies as it was drawn when nothing has changed', () => {
    expect(placeOfPicture({ view: DRAWN, extent: withMargin(FRAME) }, DRAWN)).toEqual({
      left: `calc(50% - ${FRAME.width / 2 + MARGIN}px)`,
      top: `calc(50% - ${FRAME.height / 2 + MARGIN}px)`,
      width: '720px',
      height: '620px',
      transform: 'translate(0px, 0px) scale(1)'
    })
  })

  it('has every point where a new picture would have it, moved and zoomed', () => {
    const seen = zoomed(moved(DRAWN, 37, -12), 1.7, { x: 90, y: 210 }, FRAME, 10)
    const css = placeOfPicture({ view: DRAWN, extent: withMargin(FRAME) }, seen)
    for (const [x, y] of [
      [3, -2],
      [-8, 11],
      [14.5, 0.25]
    ] as const) {
      const wanted = placeOf(x, y, seen, FRAME)
      const found = seenAt(x, y, css)
      expect(found.x).toBeCloseTo(wanted.x, 9)
      expect(found.y).toBeCloseTo(wanted.y, 9)
    }
  })
})
