/** What part of a chart is looked at, in percent of its axis. */
export interface Zoom {
  readonly start: number
  readonly end: number
}

/** Charts whose zoom is remembered; the ones changed first go first. */
const MOST_KEPT = 200
const zooms = new Map<string, Zoom>()

/** What was looked at of a chart when its page was last left; undefined for all of it. */
export function keptZoom(chart: string): Zoom | undefined {
  return zooms.get(chart)
}

export function keepZoom(chart: string, { start, end }: Zoom): void {
  zooms.delete(chart)
  if (start > 0 || end < 100) zooms.set(chart, { start, end })
  for (const oldest of zooms.keys()) {
    if (zooms.size <= MOST_KEPT) return
    zooms.delete(oldest)
  }
}
