import { EventEmitter } from 'node:events'
import { rmdirSync } from 'node:fs'
import type { OpenDialogOptions, OpenDialogReturnValue } from 'electron'
import { StandInWindow } from './stand-in-window'
import type { StandInFrame } from './stand-in-window'

/**
 * A stand-in for the `electron` module, as much of it as the shell uses: windows that record their options,
 * an ipcMain that tests can speak through, dialogs that answer as told. Types are Electron's own.
 */

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
  async showMessageBox({ message, detail }: { message: string; detail: string }): Promise<void> {
    this.errors.push([message, detail])
  }
}

export class StandInApp extends EventEmitter {
  isFirst = true
  isReady = false
  badge = 0
  about: object = {}
  setBadgeCount(count: number): boolean {
    this.badge = count
    return true
  }
  setAboutPanelOptions(options: object): void {
    this.about = options
  }
  quits = 0
  exited = false
  #asking = false
  constructor(readonly folder: string) {
    super()
  }
  /** As in a checkout. */
  readonly isPackaged = false
  getAppPath(): string {
    return this.folder
  }
  /** The user's home cannot be written. */
  isHomeless = false
  getPath(): string {
    if (this.isHomeless) throw new Error("Failed to get 'userData' path")
    return this.folder
  }
  setPath(_name: string, folder: string): void {
    rmdirSync(folder)
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

/** What the system was asked to show. */
export class StandInNotification extends EventEmitter {
  static shown: StandInNotification[] = []
  static isSupported(): boolean {
    return true
  }
  constructor(readonly options: { title: string; body: string }) {
    super()
  }
  show(): void {
    StandInNotification.shown.push(this)
  }
}

/** As Electron: stopping one that is not there throws. */
export class StandInBlocker {
  #next = 1
  readonly active = new Set<number>()
  start(): number {
    this.active.add(this.#next)
    return this.#next++
  }
  stop(id: number): void {
    if (!this.active.delete(id)) throw new Error(`There is no blocker ${id}.`)
  }
}

export interface StandInElectron {
  readonly Notification: typeof StandInNotification
  readonly powerSaveBlocker: StandInBlocker
  readonly utilityProcess: { fork(): never }
  readonly clipboard: { text: string; writeText(text: string): void }
  readonly screen: {
    getAllDisplays(): { workArea: { x: number; y: number; width: number; height: number } }[]
  }
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
  StandInNotification.shown = []
  const revealed: string[] = []
  const app = new StandInApp(folder)
  return {
    app,
    protocol: new StandInProtocol(app),
    Notification: StandInNotification,
    powerSaveBlocker: new StandInBlocker(),
    clipboard: {
      text: '',
      writeText(text) {
        this.text = text
      }
    },
    screen: {
      getAllDisplays: () => {
        if (!app.isReady) throw new Error('The "screen" module can not be used before the app is ready')
        return [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }]
      }
    },
    // Not started by any test here: training is tested in a real one.
    utilityProcess: {
      fork: () => {
        throw new Error('There are no utility processes in the stand-in.')
      }
    },
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
