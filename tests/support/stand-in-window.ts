import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions } from 'electron'

export class StandInFrame {
  constructor(readonly name: string) {}
}

export class StandInContents extends EventEmitter {
  readonly mainFrame = new StandInFrame('main')
  readonly sent: [string, unknown][] = []
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  isGone = false
  reloads = 0
  zoom = 0
  getZoomLevel(): number {
    if (this.isGone) throw new TypeError('Object has been destroyed')
    return this.zoom
  }
  setZoomLevel(level: number): void {
    if (this.isGone) throw new TypeError('Object has been destroyed')
    this.zoom = level
  }
  isDestroyed(): boolean {
    return this.isGone
  }
  reload(): void {
    if (this.isGone) throw new TypeError('Object has been destroyed')
    this.reloads++
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
  send(channel: string, argument: unknown): void {
    if (this.isGone) throw new TypeError('Object has been destroyed')
    this.sent.push([channel, argument])
  }
}

/** One of Electron's windows, which records its options and what was asked of it. */
export class StandInWindow extends EventEmitter {
  static all: StandInWindow[] = []
  readonly webContents = new StandInContents()
  loaded: string | undefined
  minimised = false
  focused = 0
  maximised = false
  /** Whether a person looks at it. */
  seen = true
  progress = -1
  bounds = { x: 10, y: 20, width: 1280, height: 860 }
  constructor(readonly options: BrowserWindowConstructorOptions) {
    super()
    StandInWindow.all.push(this)
  }
  async loadURL(url: string): Promise<void> {
    this.#requireLife()
    this.loaded = url
  }
  destroy(): void {
    this.webContents.isGone = true
    this.emit('closed')
  }
  isDestroyed(): boolean {
    return this.webContents.isGone
  }
  isFocused(): boolean {
    this.#requireLife()
    return this.seen
  }
  setProgressBar(progress: number): void {
    this.#requireLife()
    this.progress = progress
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    this.#requireLife()
    return this.bounds
  }
  setBounds(bounds: { x: number; y: number; width: number; height: number }): void {
    this.#requireLife()
    this.bounds = bounds
  }
  isMaximized(): boolean {
    this.#requireLife()
    return this.maximised
  }
  maximize(): void {
    this.#requireLife()
    this.maximised = true
  }
  isMinimized(): boolean {
    this.#requireLife()
    return this.minimised
  }
  restore(): void {
    this.#requireLife()
    this.minimised = false
  }
  focus(): void {
    this.#requireLife()
    this.focused++
  }
  close(): void {
    this.#requireLife()
    this.emit('close')
    this.webContents.isGone = true
    this.emit('closed')
  }
  /** As Electron: nothing but isDestroyed answers for a window that is closed. */
  #requireLife(): void {
    if (this.webContents.isGone) throw new TypeError('Object has been destroyed')
  }
}
