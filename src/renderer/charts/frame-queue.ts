type Draw = () => void

/**
 * Milliseconds of a frame that drawing may take before the rest waits for the next: the reader who scrolls or zooms
 * meanwhile shall not wait. A frame costs the browser as much as a chart does, so it is not one chart a frame either.
 */
const FRAME_MS = 8

/** What waits to be drawn; a chart asked for again keeps its place and is drawn once. */
const waiting = new Set<Draw>()
let frame = 0
let spent = 0

function next(): void {
  frame = 0
  const begun = performance.now()
  try {
    for (const draw of waiting) {
      waiting.delete(draw)
      draw()
      if (performance.now() - begun >= FRAME_MS) break
    }
  } finally {
    spent += performance.now() - begun
    // Also when a chart could not be drawn: the others can.
    if (waiting.size > 0) frame = requestAnimationFrame(next)
  }
}

/** Draw in a frame to come, with what else waits as long as the frame allows. */
export function drawInTurn(draw: Draw): void {
  waiting.add(draw)
  frame ||= requestAnimationFrame(next)
}

export function drawNoMore(draw: Draw): void {
  waiting.delete(draw)
}

/** Milliseconds that all drawing has taken so far. */
export function drawingTime(): number {
  return spent
}
