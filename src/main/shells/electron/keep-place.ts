import { screen } from 'electron'
import type { BrowserWindow } from 'electron'
import { reachableBounds } from './window-place'
import type { KeptWindowPlace } from './window-place'

/** Open a window where the last one was closed, and remember where this one is. */
export function keepPlace(window: BrowserWindow, kept: KeptWindowPlace): void {
  const last = kept.load()
  if (last) {
    const bounds = reachableBounds(
      last,
      screen.getAllDisplays().map(({ workArea }) => workArea)
    )
    if (bounds) window.setBounds(bounds)
    if (last.isMaximized) window.maximize()
    // The page's own zoom begins with each page.
    window.webContents.on('did-finish-load', () => window.webContents.setZoomLevel(last.zoom))
  }
  window.on('close', () => {
    // A maximised window goes back to the size it had before.
    const { x, y, width, height } = window.getNormalBounds()
    const zoom = window.webContents.getZoomLevel()
    kept.save({ x, y, width, height, isMaximized: window.isMaximized(), zoom })
  })
}
