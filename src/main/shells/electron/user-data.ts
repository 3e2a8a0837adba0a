import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { App } from 'electron'

/**
 * The folder of what is kept of a user; undefined where it cannot be made, which Electron says by throwing. Chromium does
 * not start without one, so it gets one that nothing of the user's is kept in.
 */
export function userDataFolder(app: Pick<App, 'getPath' | 'setPath'>): string | undefined {
  try {
    return app.getPath('userData')
  } catch {
    app.setPath('userData', mkdtempSync(path.join(tmpdir(), 'bilevel-workbench-')))
    return undefined
  }
}
