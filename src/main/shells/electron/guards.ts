import type { Session, WebContents, WebFrameMain } from 'electron'

/** Refuse to leave the page and to open others. */
export function guardContents(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Where requests of the page may go: its own files, and what it made itself. */
const OWN_REQUESTS = /^(bilevel|blob|data|devtools):/

/** The page needs no camera, no network, nothing: refuse every permission, asked or checked, and every request elsewhere. */
export function guardSession(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'webRequest'>
): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !OWN_REQUESTS.test(url) }))
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
}

/** Whether a message comes from the window's own page, not from a frame inside it or one that is gone. */
export function isOwnFrame(sender: WebFrameMain | null, own: WebFrameMain): boolean {
  return sender !== null && sender === own
}
