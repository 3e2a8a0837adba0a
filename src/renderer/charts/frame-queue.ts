type Draw = () => void

/** What waits to be drawn; a chart asked for again keeps its place and is drawn once. */
const waiting = new Set<Draw>()
let frame = 0

function next(): void {
  frame = 0
  const [draw] = waiting
  if (!draw) return
  waiting.delete(draw)
  if (waiting.size > 0) frame = requestAnimationFrame(next)
  draw()
}

/**
 * Draw in a frame to come. Each frame draws one chart: when a page's charts all get new points at once, none of them
 * keeps the reader's scrolling or zooming waiting for the others.
 */
export function drawInTurn(draw: Draw): void {
  waiting.add(draw)
  frame ||= requestAnimationFrame(next)
}

export function drawNoMore(draw: Draw): void {
  waiting.delete(draw)
}
