import type { MenuItemConstructorOptions } from 'electron'

/** Datasets in the menu. */
const MOST_DATASETS = 8

export interface MenuLists {
  /** Paths, the last opened first. */
  readonly workspaces: readonly string[]
  /** The newest first. */
  readonly datasets: readonly { readonly id: string; readonly name: string }[]
}

export interface MenuActions {
  go(route: string): void
  openWorkspace(path: string | null): void
  copyDiagnostics(): void
}

/** The application menu: where to go, workspaces, and what every application has. */
export function menuTemplate(
  platform: NodeJS.Platform,
  { workspaces, datasets }: MenuLists,
  { go, openWorkspace, copyDiagnostics }: MenuActions
): MenuItemConstructorOptions[] {
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [
      { label: 'Import Dataset ...', accelerator: 'CmdOrCtrl+O', click: () => go('/datasets/import') },
      { label: 'New Run', accelerator: 'CmdOrCtrl+N', click: () => go('/new-run') },
      {
        label: 'Datasets',
        enabled: datasets.length > 0,
        submenu: datasets
          .slice(0, MOST_DATASETS)
          .map(({ id, name }) => ({ label: name, click: () => go(`/datasets/${id}`) }))
      },
      { type: 'separator' },
      { label: 'Open Workspace ...', accelerator: 'CmdOrCtrl+Shift+O', click: () => openWorkspace(null) },
      {
        label: 'Recent Workspaces',
        enabled: workspaces.length > 0,
        submenu: workspaces.map((path) => ({ label: path, click: () => openWorkspace(path) }))
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
  const help: MenuItemConstructorOptions = {
    role: 'help',
    submenu: [
      { label: 'Copy Diagnostics', click: copyDiagnostics },
      // The address says that a person asked: nothing is checked else.
      { label: 'Check for Updates ...', click: () => go('/about?check') },
      { type: 'separator' },
      { label: 'About Bilevel Workbench', click: () => go('/about') }
    ]
  }
  const own: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : []
  // Undo and redo of text belong to the fields; the review has its own, with the same keys.
  return [...own, file, { role: 'editMenu' }, view, { role: 'windowMenu' }, help]
}
