/** What part of a map is seen: the point in the middle, and pixels a unit. */
export interface PointView {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** A place on the screen, pixels from the upper left corner. */
export interface Place {
  readonly x: number
  readonly y: number
}

export interface Extent {
  readonly width: number
  readonly height: number
}

const MARGIN = 24
/** How far the view can be zoomed beyond all points, and into them. */
const FARTHEST = 0.25
const NEAREST = 2000

/** Everything in sight. @param points [x, y] a row */
export function fitted(points: Float32Array, { width, height }: Extent): PointView {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let i = 0; i + 1 < points.length; i += 2) {
    left = Math.min(left, points[i]!)
    right = Math.max(right, points[i]!)
    low = Math.min(low, points[i + 1]!)
    high = Math.max(high, points[i + 1]!)
  }
  if (!(right >= left)) return { x: 0, y: 0, scale: 1 }
  const room = (length: number): number => Math.max(1, length - 2 * MARGIN)
  const scale = Math.min(room(width) / (right - left || 1), room(height) / (high - low || 1))
  return { x: (left + right) / 2, y: (low + high) / 2, scale }
}

/**
 * The view once its frame has another size: the same middle, and zoomed in as it was beside the view of everything.
 * @param fit the scale of everything before, and now
 */
export function refitted(view: PointView, fit: { readonly before: number; readonly now: number }): PointView {
  return { ...view, scale: (view.scale * fit.now) / fit.before }
}

/** Zoomed by a factor, what lies at a place stays there. */
export function zoomed(view: PointView, factor: number, at: Place, extent: Extent, fit: number): PointView {
  const scale = Math.min(Math.max(view.scale * factor, FARTHEST * fit), NEAREST * fit)
  const dx = at.x - extent.width / 2
  const dy = at.y - extent.height / 2
  return {
    x: view.x + dx / view.scale - dx / scale,
    y: view.y - dy / view.scale + dy / scale,
    scale
  }
}

/** Moved by pixels. */
export function moved(view: PointView, dx: number, dy: number): PointView {
  return { ...view, x: view.x - dx / view.scale, y: view.y + dy / view.scale }
}

/** Where on the screen a point is. */
export function placeOf(x: number, y: number, view: PointView, { width, height }: Extent): Place {
  return { x: width / 2 + (x - view.x) * view.scale, y: height / 2 - (y - view.y) * view.scale }
}

/** The point of those shown that is nearest to a place, within so many pixels; -1 where there is none. */
export function nearestPoint(
  points: Float32Array,
  isShown: (row: number) => boolean,
  at: Place,
  within: number,
  view: PointView,
  extent: Extent
): number {
  let found = -1
  let least = within ** 2
  for (let row = 0; 2 * row < points.length; row++) {
    const dx = extent.width / 2 + (points[2 * row]! - view.x) * view.scale - at.x
    if (dx > within || dx < -within) continue
    const dy = extent.height / 2 - (points[2 * row + 1]! - view.y) * view.scale - at.y
    const distance = dx * dx + dy * dy
    if (distance > least || !isShown(row)) continue
    least = distance
    found = row
  }
  return found
}

/** The points within a closed line on the screen (nonzero winding). */
export function pointsWithin(
  points: Float32Array,
  isShown: (row: number) => boolean,
  line: readonly Place[],
  view: PointView,
  extent: Extent
): number[] {
  const [left, right] = [Math.min(...line.map(({ x }) => x)), Math.max(...line.map(({ x }) => x))]
  const [top, bottom] = [Math.min(...line.map(({ y }) => y)), Math.max(...line.map(({ y }) => y))]
  const rows: number[] = []
  for (let row = 0; 2 * row < points.length; row++) {
    const { x, y } = placeOf(points[2 * row]!, points[2 * row + 1]!, view, extent)
    if (x < left || x > right || y < top || y > bottom || !isShown(row)) continue
    if (isWithin(x, y, line)) rows.push(row)
  }
  return rows
}

/** Whether the line goes around a place, once or more: who circles something twice means what is within. */
function isWithin(x: number, y: number, line: readonly Place[]): boolean {
  let windings = 0
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const a = line[j]!
    const b = line[i]!
    if (a.y > y === b.y > y) continue
    const isRight = x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x
    if (isRight) windings += b.y > a.y ? 1 : -1
  }
  return windings !== 0
}
