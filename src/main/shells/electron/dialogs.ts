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
