import type { MenuItemConstructorOptions } from 'electron'

export interface MenuActions {
  go(route: string): void
  openWorkspace(path: string | null): void
}

/** The application menu: where to go, workspaces, and what every application has. */
export function menuTemplate(
  platform: NodeJS.Platform,
  recent: readonly string[],
  { go, openWorkspace }: MenuActions
): MenuItemConstructorOptions[] {
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [
      { label: 'Import Dataset ...', accelerator: 'CmdOrCtrl+O', click: () => go('/datasets/import') },
      { label: 'New Run', accelerator: 'CmdOrCtrl+N', click: () => go('/new-run') },
      { type: 'separator' },
      { label: 'Open Workspace ...', accelerator: 'CmdOrCtrl+Shift+O', click: () => openWorkspace(null) },
      {
        label: 'Recent Workspaces',
        enabled: recent.length > 0,
        submenu: recent.map((path) => ({ label: path, click: () => openWorkspace(path) }))
      },
      { type: 'separator' },
      { role: platform === 'darwin' ? 'close' : 'quit' }
    ]
  }
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { label: 'Datasets', accelerator: 'CmdOrCtrl+1', click: () => go('/datasets') },
      { label: 'Runs', accelerator: 'CmdOrCtrl+2', click: () => go('/runs') },
      { label: 'This Machine', accelerator: 'CmdOrCtrl+3', click: () => go('/system') },
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' }
    ]
  }
  const own: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : []
  // Undo and redo of text belong to the fields; the review has its own, with the same keys.
  return [...own, file, { role: 'editMenu' }, view, { role: 'windowMenu' }]
}
