import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions, OpenDialogOptions, OpenDialogReturnValue } from 'electron'

/**
 * A stand-in for the `electron` module, as much of it as the shell uses: windows that record their options,
 * an ipcMain that tests can speak through, dialogs that answer as told. Types are Electron's own.
 */

export class StandInFrame {
  constructor(readonly name: string) {}
}

export class StandInContents extends EventEmitter {
  readonly mainFrame = new StandInFrame('main')
  readonly sent: [string, unknown][] = []
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  isGone = false
  reloads = 0
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

export class StandInWindow extends EventEmitter {
  static all: StandInWindow[] = []
  readonly webContents = new StandInContents()
  loaded: string | undefined
  minimised = false
  focused = 0
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
    this.webContents.isGone = true
    this.emit('closed')
  }
  /** As Electron: nothing but isDestroyed answers for a window that is closed. */
  #requireLife(): void {
    if (this.webContents.isGone) throw new TypeError('Object has been destroyed')
  }
}

type Answer = (event: { senderFrame: StandInFrame | null }, argument: unknown) => unknown

export class StandInIpc extends EventEmitter {
  readonly handlers = new Map<string, Answer>()
  handle(channel: string, answer: Answer): void {
    if (this.handlers.has(channel)) throw new Error(`Second handler for ${channel}.`)
    this.handlers.set(channel, answer)
  }
  removeHandler(channel: string): void {
    this.handlers.delete(channel)
  }
  /** As a frame of a page would call. */
  async invoke(channel: string, from: StandInFrame | null, argument?: unknown): Promise<unknown> {
    const answer = this.handlers.get(channel)
    if (!answer) throw new Error(`No handler for ${channel}.`)
    return answer({ senderFrame: from }, argument)
  }
}

export class StandInDialog {
  answer: OpenDialogReturnValue = { canceled: true, filePaths: [] }
  readonly asked: OpenDialogOptions[] = []
  readonly errors: [string, string][] = []
  async showOpenDialog(_window: unknown, options: OpenDialogOptions): Promise<OpenDialogReturnValue> {
    this.asked.push(options)
    return this.answer
  }
  /** Place of the button that is pressed. */
  pressed = 0
  readonly questions: string[] = []
  showMessageBoxSync({ message }: { message: string }): number {
    this.questions.push(message)
    return this.pressed
  }
  showErrorBox(title: string, content: string): void {
    this.errors.push([title, content])
  }
}

export class StandInApp extends EventEmitter {
  isFirst = true
  isReady = false
  quits = 0
  exited = false
  #asking = false
  constructor(readonly folder: string) {
    super()
  }
  getPath(): string {
    return this.folder
  }
  requestSingleInstanceLock(): boolean {
    return this.isFirst
  }
  async whenReady(): Promise<void> {
    this.isReady = true
  }
  quit(): void {
    // As Electron: not heard while it still asks whether it may.
    if (this.#asking) return
    this.quits++
  }
  exit(): void {
    this.exited = true
  }
  /** As a person quits: the shell is asked, and may do something first. */
  async askToQuit(): Promise<void> {
    let prevented = false
    this.#asking = true
    this.emit('will-quit', { preventDefault: () => (prevented = true) })
    // What the answer leaves to be done at once is done before the question is over.
    for (let i = 0; i < 100; i++) await Promise.resolve()
    this.#asking = false
    if (!prevented) this.exited = true
  }
}

type Answered = (request: { method: string; url: string }) => Response

/** As Electron: schemes are registered before it is ready, and each is answered by one. */
export class StandInProtocol {
  readonly schemes: { scheme: string; privileges: object }[] = []
  readonly answers = new Map<string, Answered>()
  constructor(private readonly app: StandInApp) {}
  registerSchemesAsPrivileged(schemes: { scheme: string; privileges: object }[]): void {
    if (this.app.isReady)
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    this.schemes.push(...schemes)
  }
  handle(scheme: string, answer: Answered): void {
    if (!this.app.isReady) throw new Error('protocol can only be used after the app is ready')
    if (this.answers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`)
    this.answers.set(scheme, answer)
  }
}

export interface StandInElectron {
  readonly app: StandInApp
  readonly protocol: StandInProtocol
  readonly BrowserWindow: typeof StandInWindow
  readonly ipcMain: StandInIpc
  readonly dialog: StandInDialog
  readonly Menu: {
    template: unknown[]
    buildFromTemplate(template: unknown[]): unknown[]
    setApplicationMenu(menu: unknown[]): void
  }
  readonly session: {
    defaultSession: {
      request?: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void
      check?: () => boolean
      setPermissionRequestHandler(
        handler: (c: unknown, p: string, a: (granted: boolean) => void) => void
      ): void
      setPermissionCheckHandler(handler: () => boolean): void
      readonly webRequest: {
        asked?: (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void
        onBeforeRequest(
          listener: (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void
        ): void
      }
    }
  }
  readonly shell: { revealed: string[]; showItemInFolder(path: string): void }
}

export function standInElectron(folder: string): StandInElectron {
  StandInWindow.all = []
  const revealed: string[] = []
  const app = new StandInApp(folder)
  return {
    app,
    protocol: new StandInProtocol(app),
    BrowserWindow: StandInWindow,
    ipcMain: new StandInIpc(),
    dialog: new StandInDialog(),
    Menu: {
      template: [],
      buildFromTemplate: (template) => template,
      setApplicationMenu(menu) {
        this.template = menu
      }
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler(handler) {
          this.request = handler
        },
        setPermissionCheckHandler(handler) {
          this.check = handler
        },
        webRequest: {
          onBeforeRequest(listener) {
            this.asked = listener
          }
        }
      }
    },
    shell: { revealed, showItemInFolder: (path) => void revealed.push(path) }
  }
}
