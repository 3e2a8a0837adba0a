import type { App } from 'electron'

/** The folder of what is kept of a user; undefined where it cannot be made: Electron throws then. */
export function userDataFolder(app: Pick<App, 'getPath'>): string | undefined {
  try {
    return app.getPath('userData')
  } catch {
    return undefined
  }
}
