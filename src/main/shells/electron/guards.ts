import type { WebContents, WebFrameMain } from 'electron'

/** Refuse to leave the page and to open others. */
export function guardContents(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Whether a message comes from the window's own page, not from a frame inside it or one that is gone. */
export function isOwnFrame(sender: WebFrameMain | null, own: WebFrameMain): boolean {
  return sender !== null && sender === own
}
