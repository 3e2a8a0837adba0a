import type { BrowserWindow, Dialog } from 'electron'
import { FILE_ENDINGS } from '../../datasets'

/** A file or folder to import; null when dismissed. */
export async function chooseSource(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: BrowserWindow,
  kind: 'file' | 'folder'
): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Choose a dataset',
    properties: [kind === 'folder' ? 'openDirectory' : 'openFile'],
    filters:
      kind === 'folder'
        ? []
        : [
            {
              name: 'Datasets',
              extensions: [...FILE_ENDINGS]
            },
            { name: 'All files', extensions: ['*'] }
          ]
  })
  return canceled ? null : (filePaths[0] ?? null)
}

/** A folder to write into or to keep a workspace in, made if need be; null when dismissed. */
export async function chooseFolder(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: BrowserWindow,
  title: string
): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title,
    properties: ['openDirectory', 'createDirectory', 'promptToCreate']
  })
  return canceled ? null : (filePaths[0] ?? null)
}

/**
 * Tells what went wrong, until it has been read. Unlike Electron's own error box it holds nothing up: a program that waits
 * in one cannot be ended by the system.
 */
export function errorBox(
  dialog: Pick<Dialog, 'showMessageBox'>
): (sentence: string, remedy: string) => Promise<void> {
  return async (sentence, remedy) => {
    await dialog.showMessageBox({ type: 'error', message: sentence, detail: remedy, buttons: ['OK'] })
  }
}
