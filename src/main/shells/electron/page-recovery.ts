import type { WebContents } from 'electron'
import { tellLog } from '../../log'

/** A page that dies so often in so short a time will not live by being loaded again. */
const CRASHES = 3
const WINDOW_MS = 60_000

/**
 * Load a page again whose process died: what trains, imports and exports is in other processes and goes on.
 * @param giveUp what to do where it dies again and again
 */
export function reloadAfterCrash(
  contents: Pick<WebContents, 'on' | 'isDestroyed' | 'reload'>,
  giveUp: (reason: string) => void
): void {
  let crashes: number[] = []
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    tellLog('page', { ended: reason })
    const now = performance.now()
    crashes = [...crashes.filter((at) => now - at < WINDOW_MS), now]
    if (crashes.length >= CRASHES) return giveUp(reason)
    // Not at once: Electron is still clearing up after the process.
    setImmediate(() => {
      if (!contents.isDestroyed()) contents.reload()
    })
  })
}
