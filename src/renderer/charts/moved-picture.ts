import type { Picture } from './point-painter'
import type { Extent, PointView } from './point-view'

/** How far a picture reaches beyond what is seen of it, pixels: so much it can be moved before it is drawn again. */
export const MARGIN = 160

/** Of the picture of what is seen through a frame. */
export function withMargin({ width, height }: Extent): Extent {
  return { width: width + 2 * MARGIN, height: height + 2 * MARGIN }
}

/** Where a picture of one view lies in its frame when another is looked at, as CSS. */
export function placeOfPicture(
  { view: drawn, extent: { width, height } }: Pick<Picture, 'view' | 'extent'>,
  seen: PointView
): Readonly<Record<'left' | 'top' | 'width' | 'height' | 'transform', string>> {
  const dx = (drawn.x - seen.x) * seen.scale
  const dy = (seen.y - drawn.y) * seen.scale
  return {
    left: `calc(50% - ${width / 2}px)`,
    top: `calc(50% - ${height / 2}px)`,
    width: `${width}px`,
    height: `${height}px`,
    transform: `translate(${dx}px, ${dy}px) scale(${seen.scale / drawn.scale})`
  }
}
