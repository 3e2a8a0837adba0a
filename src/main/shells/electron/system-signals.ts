import { app, Notification, powerSaveBlocker } from 'electron'
import type { BrowserWindow } from 'electron'
import type { SystemSignals } from './run-signals'

/** Electron's signals of the window that is open. */
export function systemSignals(
  window: () => BrowserWindow | undefined,
  show: (route: string) => void
): SystemSignals {
  let blocker: number | undefined
  return {
    get isSeen() {
      return window()?.isFocused() ?? false
    },
    notify: (title, body, route) => {
      if (!Notification.isSupported()) return
      const notification = new Notification({ title, body })
      notification.on('click', () => show(route))
      notification.show()
    },
    setBadge: (count) => void app.setBadgeCount(count),
    setProgress: (fraction) => window()?.setProgressBar(fraction ?? -1),
    keepAwake: (wanted) => {
      if (wanted) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
      else if (blocker !== undefined) {
        powerSaveBlocker.stop(blocker)
        blocker = undefined
      }
    }
  }
}
