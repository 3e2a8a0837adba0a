import { describe, expect, test, vi } from 'vitest'
import type { WebContents, WebFrameMain } from 'electron'
import { guardContents, isOwnFrame } from '@main/shells/electron/guards'
import { readOverview } from '@main/shells/electron/overview'
import { windowOptions } from '@main/shells/electron/window-options'
import { openWorkspace } from '@main/runs'
import { scratchFolder } from '../support/command'

describe('the desktop shell', () => {
  test('its page is isolated, sandboxed and without Node', () => {
    expect(windowOptions('/preload.js').webPreferences).toMatchObject({
      preload: '/preload.js',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true
    })
  })

  test('navigation, new windows and webviews are refused', () => {
    const listeners = new Map<string, (event: { preventDefault(): void }) => void>()
    let openHandler: (() => { action: string }) | undefined
    const contents = {
      on: (name: string, listener: (event: { preventDefault(): void }) => void) =>
        listeners.set(name, listener),
      setWindowOpenHandler: (handler: () => { action: string }) => (openHandler = handler)
    }
    guardContents(contents as unknown as WebContents)
    expect(openHandler!()).toEqual({ action: 'deny' })
    for (const name of ['will-navigate', 'will-attach-webview']) {
      const preventDefault = vi.fn()
      listeners.get(name)!({ preventDefault })
      expect(preventDefault).toHaveBeenCalledOnce()
    }
  })

  test('only the window’s own frame is heard', () => {
    const own = { routingId: 1 } as WebFrameMain
    expect(isOwnFrame(own, own)).toBe(true)
    expect(isOwnFrame({ routingId: 2 } as WebFrameMain, own)).toBe(false)
    expect(isOwnFrame(null, own)).toBe(false)
  })

  test('the overview reads the real stores', () => {
    const { dir, remove } = scratchFolder()
    const workspace = openWorkspace(dir)
    expect(readOverview(workspace)).toEqual({ workspace: workspace.dir, datasets: [], runs: [] })
    workspace.close()
    remove()
  })
})
