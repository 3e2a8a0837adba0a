import type { Session, WebContents, WebFrameMain } from 'electron'

/** Refuse to leave the page and to open others. */
export function guardContents(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** The page needs no camera, no notifications, nothing: refuse every permission, asked or checked. */
export function guardSession(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>
): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
}

/** Whether a message comes from the window's own page, not from a frame inside it or one that is gone. */
export function isOwnFrame(sender: WebFrameMain | null, own: WebFrameMain): boolean {
  return sender !== null && sender === own
}
