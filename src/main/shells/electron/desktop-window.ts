import path from 'node:path'
import { BrowserWindow, dialog, ipcMain, shell } from 'electron'
import type { IpcMainEvent, IpcMainInvokeEvent } from 'electron'
import * as z from 'zod'
import { DESKTOP_CHANNELS as CHANNELS } from '../../../shared/contract/desktop'
import { servePort } from '../../api'
import type { ApiContext } from '../../api'
import { chooseFolder, chooseSource, errorBox } from './dialogs'
import { guardContents, isOwnFrame } from './guards'
import { PAGE_URL } from './page-protocol'
import { reloadAfterCrash } from './page-recovery'
import { keepPlace } from './keep-place'
import type { KeptWindowPlace } from './window-place'
import { windowOptions } from './window-options'

export interface WindowActions {
  openWorkspace(path: string): void
  onFocus(): void
}

export interface DesktopWindow {
  /** Electron's, while it is open. */
  readonly native: BrowserWindow | undefined
  /** Until it was closed, by a person or by the program. */
  readonly isOpen: boolean
  go(route: string): void
  focus(): void
  close(): void
}

/** One window on one workspace: its page, its port, its dialogs. Messages of any other frame are refused. */
export async function openDesktopWindow(
  context: ApiContext,
  kept: KeptWindowPlace,
  { openWorkspace, onFocus }: WindowActions
): Promise<DesktopWindow> {
  const window = new BrowserWindow(windowOptions(path.join(import.meta.dirname, '../preload/index.js')))
  keepPlace(window, kept)
  window.on('focus', onFocus)
  guardContents(window.webContents)
  reloadAfterCrash(window.webContents, (reason) => {
    const remedy = `Its process ended: ${reason}. What trains is paused now and can be resumed. Start the workbench again.`
    void errorBox(dialog)('The window has crashed several times.', remedy).finally(() => {
      if (!window.isDestroyed()) window.destroy()
    })
  })
  const isOwn = (event: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    isOwnFrame(event.senderFrame, window.webContents.mainFrame)

  const connect = (event: IpcMainEvent): void => {
    const [port] = event.ports
    if (!isOwn(event) || !port) return
    servePort(port, context)
    port.start()
  }
  ipcMain.on(CHANNELS.connect, connect)

  const handle = (channel: string, answer: (argument: unknown) => Promise<unknown>): void => {
    ipcMain.handle(channel, (event, argument: unknown) => {
      if (!isOwn(event)) throw new Error('Refused: the message comes from a frame that is not the window.')
      return answer(argument)
    })
  }
  handle(CHANNELS.chooseSource, (kind) =>
    chooseSource(dialog, window, z.enum(['file', 'folder']).parse(kind))
  )
  handle(CHANNELS.chooseFolder, () => chooseFolder(dialog, window, 'Choose a folder'))
  handle(CHANNELS.reveal, async (folder) => shell.showItemInFolder(z.string().parse(folder)))
  handle(CHANNELS.openWorkspace, async (wanted) => {
    const chosen =
      z.string().nullable().parse(wanted) ?? (await chooseFolder(dialog, window, 'Open a workspace'))
    if (chosen !== null) openWorkspace(chosen)
  })

  window.on('closed', () => {
    ipcMain.off(CHANNELS.connect, connect)
    for (const channel of [
      CHANNELS.chooseSource,
      CHANNELS.chooseFolder,
      CHANNELS.reveal,
      CHANNELS.openWorkspace
    ]) {
      ipcMain.removeHandler(channel)
    }
  })
  await window.loadURL(PAGE_URL)
  // Whoever holds this may be later than the person who closed the window.
  const whileOpen = (act: () => void): void => {
    if (!window.isDestroyed()) act()
  }
  return {
    get native() {
      return window.isDestroyed() ? undefined : window
    },
    get isOpen() {
      return !window.isDestroyed()
    },
    go: (route) => whileOpen(() => window.webContents.send(CHANNELS.navigate, route)),
    focus: () =>
      whileOpen(() => {
        if (window.isMinimized()) window.restore()
        window.focus()
      }),
    close: () => whileOpen(() => window.close())
  }
}
