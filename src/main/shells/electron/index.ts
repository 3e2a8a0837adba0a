// The desktop shell's composition root.
import { existsSync } from 'node:fs'
import { devNull } from 'node:os'
import path from 'node:path'
import { app, clipboard, dialog, Menu, protocol, session } from 'electron'
import { failureData } from '../../../shared/domain/failure'
import type { JobKind } from '../../../shared/domain/job'
import { inWindowWords } from '../../../shared/domain/window-words'
import { diagnostics, openApi } from '../../api'
import type { Api } from '../../api'
import { productVersion } from '../../files/product'
import { noteError, tellError, tellLog } from '../../log'
import { startProgramsBy } from '../../processes'
import { openWorkspace } from '../../runs'
import type { Workspace } from '../../runs'
import { beginLog } from '../begin-log'
import { openDesktopWindow } from './desktop-window'
import type { DesktopWindow } from './desktop-window'
import { desktopShell } from './desktop-shell'
import { errorBox } from './dialogs'
import { guardSession } from './guards'
import { updatesOf } from './load-updater'
import { menuTemplate } from './menu'
import { importRoute, namedSource } from './named-source'
import { registerScheme, servePage } from './page-protocol'
import { RecentWorkspaces } from './recent-workspaces'
import { RunSignals } from './run-signals'
import { quitOnSignals } from './stop-signals'
import { systemSignals } from './system-signals'
import { userDataFolder } from './user-data'
import { utilityProgram } from './utility-program'
import { KeptWindowPlace } from './window-place'

interface Open {
  readonly workspace: Workspace
  readonly api: Api
  readonly window: DesktopWindow
  readonly signals: RunSignals
}

/** What is kept of a user; undefined where there can be no such folder, as with a home that cannot be written. */
const userData = userDataFolder(app)
const recent = new RecentWorkspaces(path.join(userData ?? devNull, 'recent-workspaces.json'))
const place = new KeptWindowPlace(path.join(userData ?? devNull, 'window.json'))
const updates = updatesOf(app, process.resourcesPath, process.env)
let current: Open | undefined
let changing = false

const NO_USER_DATA = 'Your home folder cannot be written, where the workbench would keep its workspace.'
const OTHER_OPENED =
  'Another is opened now. If it lies on a disk of its own, connect that and choose it under File, Recent Workspaces.'
const say = errorBox(dialog)
/** Whether nobody is there to answer a question. */
let unattended = false

async function open(dir: string): Promise<void> {
  if (current?.workspace.dir === path.resolve(dir)) return bringForward()
  changing = true
  try {
    // The one that is open stays so when the other cannot be had.
    const workspace = openWorkspace(dir, { owns: true })
    await close()
    beginLog(workspace.dir, 'desktop')
    recent.add(workspace.dir)
    const api = openApi(workspace, desktopShell(recent.list(), app.getPath('documents'), updates))
    const window = await openWindow(api)
    const signals = new RunSignals(
      api.context.runFeed,
      systemSignals(
        () => current?.window.native,
        (route) => void show(route)
      )
    )
    current = { workspace, api, window, signals }
    showMenu()
  } catch (error) {
    const { sentence, remedy } = failureData(error)
    console.error(`bilevel: ${sentence} ${remedy}`)
    noteError(error)
    await say(inWindowWords(sentence), inWindowWords(remedy))
  } finally {
    changing = false
  }
}

/** Open another; where neither it nor the one before can be had, there is nothing to go on with. */
async function change(dir: string): Promise<void> {
  await open(dir)
  if (!current) app.quit()
}

/** The one that is named; else the last that was open, or the user's own where that cannot be had now. */
async function openFirst(): Promise<void> {
  const named = process.env['BILEVEL_WORKSPACE']
  if (named) return change(named)
  if (userData === undefined) {
    await say(NO_USER_DATA, 'Allow yourself to write it, or name a workspace in BILEVEL_WORKSPACE.')
    return app.quit()
  }
  const [last] = recent.list()
  if (last !== undefined && existsSync(last)) await open(last)
  // On a disk that is not connected, say: not to be made anew.
  else if (last !== undefined) await say(`The workspace ${last} is not there.`, OTHER_OPENED)
  if (!current) await change(path.join(userData, 'workspace'))
}

/** The window in front; a new one where the last was closed while imports or exports went on. */
async function bringForward(): Promise<void> {
  if (!current || changing) return
  if (current.window.isOpen) return current.window.focus()
  changing = true
  try {
    current = { ...current, window: await openWindow(current.api) }
  } finally {
    changing = false
  }
}

function openWindow(api: Api): Promise<DesktopWindow> {
  return openDesktopWindow(api.context, place, {
    openWorkspace: (next) => void change(next),
    onFocus: () => {
      current?.signals.seen()
      // Datasets have been imported and removed meanwhile.
      showMenu()
    }
  })
}

function showMenu(): void {
  if (!current) return
  const { workspace, api } = current
  const { datasets } = api.context
  const actions = {
    go: (route: string) => current?.window.go(route),
    openWorkspace: (next: string | null) =>
      next === null ? current?.window.go('/system') : void change(next),
    copyDiagnostics: () => void diagnostics(workspace.dir).then((text) => clipboard.writeText(text))
  }
  const lists = { workspaces: recent.list(), datasets: datasets.list() }
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, lists, actions)))
}

/** A route in the window, in front. */
async function show(route: string): Promise<void> {
  await bringForward()
  current?.window.go(route)
}

/** Imports and exports go on without a window; the last one ends the program. */
function quitWhenIdle(): void {
  const jobs = current?.api.context.jobs
  if (!jobs || jobs.active.length === 0) return app.quit()
  const onChange = (): void => {
    if (jobs.active.length > 0) return
    jobs.off('change', onChange)
    if (!current?.window.isOpen) app.quit()
  }
  jobs.on('change', onChange)
}

const WORK_OF: Readonly<Record<JobKind, string>> = {
  import: 'imported',
  sample: 'imported',
  export: 'exported',
  issues: 'exported',
  fetch: 'fetched',
  survey: 'looked through'
}

/** Whether to quit although something is imported, exported, fetched or looked through. */
function mayQuit(): boolean {
  const active = current?.api.context.jobs.active ?? []
  if (unattended || active.length === 0) return true
  const what = active.length === 1 ? `"${active[0]!.title}" is` : `${active.length} jobs are`
  const answer = dialog.showMessageBoxSync({
    type: 'question',
    message: `${what} still being ${active.length === 1 ? WORK_OF[active[0]!.kind] : 'worked on'}.`,
    detail: 'Quitting cancels that; nothing of it is kept. Close the window instead to let it go on.',
    buttons: ['Quit and cancel', 'Go on'],
    defaultId: 1,
    cancelId: 1
  })
  return answer === 0
}

async function close(): Promise<void> {
  const closing = current
  current = undefined
  if (!closing) return
  try {
    closing.signals.close()
    closing.window.close()
    await closing.api.close()
  } finally {
    tellLog('stop')
    closing.workspace.close()
  }
}

/** How long the workbench may take to end; a run that trains writes its checkpoint in this time or alone. */
const QUITTING_MS = 12_000

/** What trains writes a checkpoint first. */
async function closeAndQuit(): Promise<void> {
  const deadline = setTimeout(() => app.exit(1), QUITTING_MS)
  try {
    await close()
  } catch (error) {
    tellError(error)
  }
  clearTimeout(deadline)
  // Not at once: Electron ignores a wish to quit while it still asks whether it may.
  setImmediate(() => app.quit())
}

/** The data that a start names; in a checkout the program's own file is among its words. */
function sourceIn(words: readonly string[], folder: string): string | undefined {
  return namedSource(words, folder, app.isPackaged ? [] : [app.getAppPath(), process.argv[1]])
}

registerScheme(protocol)
startProgramsBy(utilityProgram)
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_event, words, folder) => {
    const source = sourceIn(words, folder)
    void (source === undefined ? bringForward() : show(importRoute(source)))
  })
  // macOS names a file so, before it is ready too.
  app.on('open-file', (event, file) => {
    event.preventDefault()
    void app.whenReady().then(() => show(importRoute(file)))
  })
  app.on('activate', () => void bringForward())
  app.on('window-all-closed', () => {
    if (!changing) quitWhenIdle()
  })
  app.on('before-quit', (event) => {
    if (!mayQuit()) event.preventDefault()
  })
  app.on('will-quit', (event) => {
    if (!current) return
    event.preventDefault()
    void closeAndQuit()
  })
  void app.whenReady().then(() => {
    quitOnSignals(() => {
      unattended = true
      app.quit()
    })
    guardSession(session.defaultSession)
    servePage(protocol, path.join(import.meta.dirname, '../renderer'))
    // What macOS shows of its own; the page in the window has the versions and the licences.
    app.setAboutPanelOptions({
      applicationName: 'Bilevel Workbench',
      applicationVersion: productVersion(),
      copyright: 'Apache License 2.0'
    })
    return openFirst().then(() => {
      const source = sourceIn(process.argv, process.cwd())
      if (source !== undefined) current?.window.go(importRoute(source))
    })
  })
} else {
  app.quit()
}
