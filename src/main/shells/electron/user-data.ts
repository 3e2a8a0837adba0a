import type { App } from 'electron'
import { temporaryFolder } from '../../locks'

/**
 * The folder of what is kept of a user; undefined where it cannot be made, which Electron says by throwing. Chromium does
 * not start without one, so it gets one that nothing of the user's is kept in.
 */
export function userDataFolder(app: Pick<App, 'getPath' | 'setPath'>): string | undefined {
  try {
    return app.getPath('userData')
  } catch {
    app.setPath('userData', temporaryFolder('user-'))
    return undefined
  }
}
