// The desktop shell's composition root.
import path from 'node:path'
import { app, BrowserWindow, ipcMain, session } from 'electron'
import { OVERVIEW_CHANNEL } from '../../../shared/contract/overview'
import { openWorkspace } from '../../runs'
import { guardContents, isOwnFrame } from './guards'
import { readOverview } from './overview'
import { windowOptions } from './window-options'

async function openWindow(): Promise<void> {
  const workspace = openWorkspace(
    process.env['BILEVEL_WORKSPACE'] ?? path.join(app.getPath('userData'), 'workspace')
  )
  app.on('will-quit', () => workspace.close())
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  const window = new BrowserWindow(windowOptions(path.join(import.meta.dirname, '../preload/index.js')))
  guardContents(window.webContents)
  ipcMain.handle(OVERVIEW_CHANNEL, (event) => {
    if (!isOwnFrame(event.senderFrame, window.webContents.mainFrame)) throw new Error('Unknown sender.')
    return readOverview(workspace)
  })
  await window.loadFile(path.join(import.meta.dirname, '../renderer/index.html'))
}

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus())
  app.on('window-all-closed', () => app.quit())
  void app.whenReady().then(openWindow)
} else {
  app.quit()
}
