import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Protocol } from 'electron'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { WorkbenchClient } from '@shared/contract'
import { DESKTOP_CHANNELS } from '@shared/contract/desktop'
import { openWorkspace } from '@main/runs'
import { windowOptions } from '@main/shells/electron/window-options'
import { menuTemplate } from '@main/shells/electron/menu'
import { namedSource } from '@main/shells/electron/named-source'
import { KeptWindowPlace, reachableBounds } from '@main/shells/electron/window-place'
import { RecentWorkspaces } from '@main/shells/electron/recent-workspaces'
import { slowSource } from '@support/slow-source'
import { scratchFolder, until } from '@support/command'
import { StandInFrame, standInElectron } from '@support/electron-stand-in'
import type { StandInElectron, StandInWindow } from '@support/electron-stand-in'

/** Each start loads the shell anew, which on a machine that does other work takes long; in milliseconds. */
const LIMIT = 180_000
vi.setConfig({ testTimeout: LIMIT })

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const listening = Object.fromEntries(SIGNALS.map((signal) => [signal, process.listenerCount(signal)]))
let electron: StandInElectron
let scratch: ReturnType<typeof scratchFolder>
const closing: (() => void)[] = []

beforeEach(() => {
  scratch = scratchFolder()
  electron = standInElectron(scratch.dir)
  vi.resetModules()
  vi.doMock('electron', () => electron)
  vi.stubEnv('BILEVEL_WORKSPACE', path.join(scratch.dir, 'first'))
})
afterEach(async () => {
  await electron.app.askToQuit()
  await until(() => electron.app.quits > 0 || electron.BrowserWindow.all.length === 0)
  closing.splice(0).forEach((close) => close())
  // Each start of the shell listens; the process stays.
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal).slice(listening[signal])) process.off(signal, listener)
  }
  vi.doUnmock('electron')
  vi.unstubAllEnvs()
  scratch.remove()
})

async function startShell(): Promise<StandInWindow> {
  await import('@main/shells/electron')
  await until(
    () => electron.BrowserWindow.all[0]?.loaded !== undefined && electron.Menu.template.length > 0,
    LIMIT / 2000
  )
  return electron.BrowserWindow.all[0]!
}

/** The API as the page would reach it, through Node's own message channel. */
function connectFrom(frame: StandInFrame | null): WorkbenchClient {
  const { port1, port2 } = new MessageChannel()
  closing.push(() => port1.close())
  electron.ipcMain.emit(DESKTOP_CHANNELS.connect, { senderFrame: frame, ports: [port2] })
  return createORPCClient(new RPCLink({ port: port1 }))
}

describe('the desktop shell', () => {
  test('its page is isolated, sandboxed and without Node', async () => {
    expect(windowOptions('/preload.js').webPreferences).toMatchObject({
      preload: '/preload.js',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true
    })
    const window = await startShell()
    expect(window.options.webPreferences?.sandbox).toBe(true)
    expect(window.loaded).toBe('bilevel://workbench/')
  })

  test('navigation, new windows, webviews and permissions are refused', async () => {
    const { webContents } = await startShell()
    expect(webContents.openHandler?.({ url: 'https://example.org' })).toEqual({ action: 'deny' })
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-attach-webview']) {
      const preventDefault = vi.fn()
      webContents.emit(name, { preventDefault })
      expect(preventDefault, name).toHaveBeenCalledOnce()
    }
    const answered = vi.fn()
    electron.session.defaultSession.request?.(webContents, 'media', answered)
    expect(answered).toHaveBeenCalledWith(false)
    expect(electron.session.defaultSession.check?.()).toBe(false)
    const mayLoad = (url: string): boolean => {
      let verdict = false
      electron.session.defaultSession.webRequest.asked?.({ url }, ({ cancel }) => (verdict = !cancel))
      return verdict
    }
    expect(
      ['bilevel://workbench/', 'blob:x', 'https://example.org/', 'file:///etc/passwd'].map(mayLoad)
    ).toEqual([true, true, false, false])
  })

  test('its page has a scheme of its own, which serves the built window and nothing else', async () => {
    const folder = path.join(scratch.dir, 'window')
    mkdirSync(path.join(folder, 'assets'), { recursive: true })
    writeFileSync(path.join(folder, 'index.html'), '<p>page</p>')
    writeFileSync(path.join(folder, 'assets/a.js'), 'let a')
    writeFileSync(path.join(scratch.dir, 'secret.js'), 'no')
    const { registerScheme, servePage, PAGE_URL } = await import('@main/shells/electron/page-protocol')
    const { protocol, app } = standInElectron(scratch.dir)
    registerScheme(protocol as unknown as Protocol)
    await app.whenReady()
    servePage(protocol as unknown as Protocol, folder)
    const get = (url: string, method = 'GET'): Response => protocol.answers.get('bilevel')!({ url, method })
    const page = get(PAGE_URL)
    expect(await page.text()).toBe('<p>page</p>')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await get(`${PAGE_URL}assets/a.js`).text()).toBe('let a')
    for (const url of [
      `${PAGE_URL}../secret.js`,
      `${PAGE_URL}%2e%2e/secret.js`,
      'bilevel://other/index.html'
    ]) {
      expect(get(url).status, url).toBe(404)
    }
    expect(get(PAGE_URL, 'POST').status).toBe(404)
  })

  test('a page that crashes is loaded again; one that does so again and again is given up', async () => {
    const window = await startShell()
    const crash = (reason: string): boolean => window.webContents.emit('render-process-gone', {}, { reason })
    crash('clean-exit')
    crash('crashed')
    await until(() => window.webContents.reloads === 1, 5)
    crash('oom')
    await until(() => window.webContents.reloads === 2, 5)
    crash('crashed')
    await until(() => window.isDestroyed(), 5)
    expect(electron.dialog.errors).toHaveLength(1)
  })

  test('the API answers the window’s own frame over a message port, and no other', async () => {
    const { webContents } = await startShell()
    const client = connectFrom(webContents.mainFrame)
    const info = await client.system.info()
    expect(info).toMatchObject({
      shell: 'electron',
      workspace: path.join(scratch.dir, 'first'),
      folders: null
    })
    const foreign = connectFrom(new StandInFrame('advertisement'))
    const answer = await Promise.race([
      foreign.system.ping().then(() => 'answered'),
      new Promise((resolve) => setTimeout(() => resolve('silence'), 300))
    ])
    expect(answer).toBe('silence')
  })

  test('dialogs answer the own frame only', async () => {
    const { webContents } = await startShell()
    electron.dialog.answer = { canceled: false, filePaths: ['/data/photos.zip'] }
    const ask = (frame: StandInFrame | null): Promise<unknown> =>
      electron.ipcMain.invoke(DESKTOP_CHANNELS.chooseSource, frame, 'file')
    await expect(ask(webContents.mainFrame)).resolves.toBe('/data/photos.zip')
    await expect(ask(new StandInFrame('other'))).rejects.toThrow(/Refused/)
    await expect(ask(null)).rejects.toThrow(/Refused/)
    expect(electron.dialog.asked).toHaveLength(1)
    electron.dialog.answer = { canceled: true, filePaths: [] }
    await expect(ask(webContents.mainFrame)).resolves.toBeNull()
  })

  test('another workspace opens in a new window, the old one closes, both are remembered', async () => {
    const first = await startShell()
    const second = path.join(scratch.dir, 'second')
    await electron.ipcMain.invoke(DESKTOP_CHANNELS.openWorkspace, first.webContents.mainFrame, second)
    await until(() => electron.BrowserWindow.all[1]?.loaded !== undefined)
    const client = connectFrom(electron.BrowserWindow.all[1]!.webContents.mainFrame)
    const info = await client.system.info()
    expect(info.workspace).toBe(second)
    expect(info.recentWorkspaces).toEqual([second, path.join(scratch.dir, 'first')])
  })

  test('the window opens where the last one was closed', async () => {
    const first = await startShell()
    first.bounds = { x: 100, y: 50, width: 1000, height: 700 }
    first.maximised = true
    first.webContents.zoom = 2
    const kept = path.join(scratch.dir, 'window.json')
    first.close()
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({
      x: 100,
      y: 50,
      width: 1000,
      height: 700,
      isMaximized: true,
      zoom: 2
    })
    electron.app.emit('activate')
    await until(() => electron.BrowserWindow.all[1]?.loaded !== undefined, 20)
    const second = electron.BrowserWindow.all[1]!
    second.webContents.emit('did-finish-load')
    expect(second).toMatchObject({ bounds: { x: 100, y: 50, width: 1000, height: 700 }, maximised: true })
    expect(second.webContents.zoom).toBe(2)
  })

  test('a window on a screen that is gone opens elsewhere, with its zoom', async () => {
    const kept = path.join(scratch.dir, 'window.json')
    const gone = { x: 4000, y: 50, width: 1000, height: 700, isMaximized: false, zoom: 2 }
    writeFileSync(kept, JSON.stringify(gone))
    const window = await startShell()
    window.webContents.emit('did-finish-load')
    expect(window.bounds.x).not.toBe(gone.x)
    expect(window.webContents.zoom).toBe(2)
  })

  test('where a window can stand: as it was, on a smaller screen no larger than that, on none that is gone', () => {
    const screens = [
      { x: 0, y: 0, width: 1920, height: 1080 },
      { x: 1920, y: 30, width: 800, height: 600 }
    ]
    const there = { x: 100, y: 50, width: 1000, height: 700 }
    expect(reachableBounds(there, screens)).toEqual(there)
    expect(reachableBounds({ ...there, x: 1850, y: -20 }, screens.slice(1))).toEqual({
      x: 1850,
      y: 30,
      width: 800,
      height: 600
    })
    for (const gone of [
      { ...there, x: 2700 },
      { ...there, y: 1e9 }
    ]) {
      expect(reachableBounds(gone, screens)).toBeUndefined()
    }
  })

  test('a file that somebody edited is no place', () => {
    const kept = path.join(scratch.dir, 'window.json')
    const there = { x: 100, y: 50, width: 1000, height: 700, isMaximized: false, zoom: 0 }
    const load = (content: string): unknown => {
      writeFileSync(kept, content)
      return new KeptWindowPlace(kept).load()
    }
    expect(load(JSON.stringify(there))).toEqual(there)
    for (const wrong of ['{', '[]', JSON.stringify({ ...there, zoom: 'large' })]) {
      expect(load(wrong)).toBeUndefined()
    }
  })

  test('a file that another start names is looked at in the window', async () => {
    const window = await startShell()
    const file = path.join(scratch.dir, 'my digits.npz')
    writeFileSync(file, '')
    electron.app.emit('second-instance', {}, ['/opt/workbench', '--flag', 'my digits.npz'], scratch.dir)
    await until(() => window.webContents.sent.length > 0, 5)
    expect(window.webContents.sent.at(-1)).toEqual([
      DESKTOP_CHANNELS.navigate,
      `/datasets/import?source=${encodeURIComponent(file)}`
    ])
    expect(window.focused).toBe(1)
    // Whether it is there is for the window to say.
    electron.app.emit('second-instance', {}, ['/opt/workbench', 'no such.npz'], scratch.dir)
    await until(() => window.webContents.sent.length > 1, 5)
    expect(window.webContents.sent.at(-1)).toEqual([
      DESKTOP_CHANNELS.navigate,
      `/datasets/import?source=${encodeURIComponent(path.join(scratch.dir, 'no such.npz'))}`
    ])
  })

  test('what a start names: the first word that is neither a switch nor the program itself', () => {
    const named = (words: string[], own?: string[]): string | undefined => namedSource(words, '/at', own)
    expect(named(['/opt/workbench'])).toBeUndefined()
    expect(named(['/opt/workbench', '--scale=2', 'pets/', 'other.npz'])).toBe(path.resolve('/at/pets'))
    expect(named(['/opt/workbench', '/data/ü "1".npz'])).toBe(path.resolve('/data/ü "1".npz'))
    expect(named(['electron', '.'], ['.'])).toBeUndefined()
    expect(named(['electron', 'out/main/index.js', 'a.csv'], ['/app'])).toBe(path.resolve('/at/a.csv'))
  })

  test('a second start brings the window forward instead of opening another', async () => {
    const window = await startShell()
    window.minimised = true
    electron.app.emit('second-instance', {}, [], scratch.dir)
    expect(window.focused).toBe(1)
    expect(window.minimised).toBe(false)
    expect(electron.BrowserWindow.all).toHaveLength(1)
  })

  test('quitting with nothing to do, its window open or closed, is heard', async () => {
    const window = await startShell()
    window.close()
    await electron.app.askToQuit()
    await until(() => electron.app.quits === 1)
    await electron.app.askToQuit()
    expect(electron.app.exited).toBe(true)
    // Nobody owns the workspace any more.
    openWorkspace(path.join(scratch.dir, 'first'), { owns: true }).close()
  })

  test('what a menu or a second start wants of a closed window does no harm', async () => {
    const window = await startShell()
    window.close()
    electron.app.emit('second-instance', {}, [], scratch.dir)
    expect(window.focused).toBe(0)
  })

  test('a workspace that another workbench has is refused, and the one that is open stays', async () => {
    const first = await startShell()
    const taken = openWorkspace(path.join(scratch.dir, 'taken'), { owns: true })
    closing.push(() => taken.close())
    await electron.ipcMain.invoke(DESKTOP_CHANNELS.openWorkspace, first.webContents.mainFrame, taken.dir)
    await until(() => electron.dialog.errors.length > 0)
    expect(electron.dialog.errors[0]?.[0]).toMatch(`process ${process.pid} on `)
    expect(first.isDestroyed()).toBe(false)
    const info = await connectFrom(first.webContents.mainFrame).system.info()
    expect(info.workspace).toBe(path.join(scratch.dir, 'first'))
  })

  describe('while something is imported', () => {
    async function importing(): Promise<{ window: StandInWindow; client: WorkbenchClient; id: string }> {
      const window = await startShell()
      const client = connectFrom(window.webContents.mainFrame)
      const source = await slowSource(path.join(scratch.dir, 'pictures'), 40)
      const { id } = await client.jobs.import({ source, imageSize: 8, name: 'pets' })
      return { window, client, id }
    }

    test('closing the window lets it go on; another start shows it, the last end quits', async () => {
      const { window, id } = await importing()
      window.close()
      electron.app.emit('window-all-closed')
      expect(electron.app.quits).toBe(0)
      electron.app.emit('second-instance', {}, [], scratch.dir)
      await until(() => electron.BrowserWindow.all[1]?.loaded !== undefined)
      const again = connectFrom(electron.BrowserWindow.all[1]!.webContents.mainFrame)
      expect(await again.jobs.get({ job: id })).toMatchObject({ title: 'pets', state: 'running' })
      electron.BrowserWindow.all[1]!.close()
      electron.app.emit('window-all-closed')
      expect(electron.app.quits).toBe(0)
      await until(() => electron.app.quits > 0)
      electron.app.emit('will-quit', { preventDefault: () => undefined })
      await until(() => electron.app.quits > 1)
      const workspace = openWorkspace(path.join(scratch.dir, 'first'))
      closing.push(() => workspace.close())
      expect(workspace.jobs.load()).toMatchObject([
        { id, state: 'done', result: { name: 'pets', examples: 40 } }
      ])
    })

    test('quitting asks first, and then cancels it', async () => {
      const { window, client, id } = await importing()
      const quit = (): boolean => {
        const event = { preventDefault: vi.fn() }
        electron.app.emit('before-quit', event)
        return event.preventDefault.mock.calls.length === 0
      }
      electron.dialog.pressed = 1
      expect(quit()).toBe(false)
      expect(electron.dialog.questions).toEqual(['"pets" is still being imported.'])
      expect((await client.jobs.get({ job: id })).state).toBe('running')
      electron.dialog.pressed = 0
      expect(quit()).toBe(true)
      electron.app.emit('will-quit', { preventDefault: () => undefined })
      await until(() => electron.app.quits > 0)
      expect(window.isDestroyed()).toBe(true)
      const datasets = path.join(scratch.dir, 'first', 'datasets')
      expect(readdirSync(datasets)).toEqual([])
    })
  })

  test('without the single-instance lock nothing opens', async () => {
    electron.app.isFirst = false
    await import('@main/shells/electron')
    expect(electron.app.quits).toBe(1)
    expect(electron.BrowserWindow.all).toHaveLength(0)
  })

  test('a workspace that cannot be written is told, not swallowed', async () => {
    const file = path.join(scratch.dir, 'a-file')
    writeFileSync(file, '')
    vi.stubEnv('BILEVEL_WORKSPACE', path.join(file, 'here'))
    await import('@main/shells/electron')
    await until(() => electron.dialog.errors.length > 0)
    expect(electron.dialog.errors[0]?.[0]).toContain(file)
    // Nobody starts the desktop program with options.
    expect(electron.dialog.errors[0]?.[1]).not.toContain('--')
    await until(() => electron.app.quits > 0)
  })

  test('the workspace that was open last is gone: told, and the own one is opened', async () => {
    vi.stubEnv('BILEVEL_WORKSPACE', undefined)
    const gone = path.join(scratch.dir, 'disk', 'workspace')
    writeFileSync(path.join(scratch.dir, 'recent-workspaces.json'), JSON.stringify([gone]))
    const window = await startShell()
    expect(electron.dialog.errors).toEqual([
      [`The workspace ${gone} is not there.`, expect.stringContaining('Recent Workspaces')]
    ])
    expect(existsSync(gone)).toBe(false)
    const info = await connectFrom(window.webContents.mainFrame).system.info()
    expect(info.workspace).toBe(path.join(scratch.dir, 'workspace'))
    // Still offered, for when its disk is back.
    expect(info.recentWorkspaces).toContain(gone)
  })

  test('a recent workspace that another program has open does not keep this one from starting', async () => {
    vi.stubEnv('BILEVEL_WORKSPACE', undefined)
    const taken = openWorkspace(path.join(scratch.dir, 'taken'), { owns: true })
    closing.push(() => taken.close())
    writeFileSync(path.join(scratch.dir, 'recent-workspaces.json'), JSON.stringify([taken.dir]))
    const window = await startShell()
    expect(electron.dialog.errors[0]?.[0]).toMatch(`process ${process.pid} on `)
    const info = await connectFrom(window.webContents.mainFrame).system.info()
    expect(info.workspace).toBe(path.join(scratch.dir, 'workspace'))
  })

  test('where the home cannot be written and no workspace is named it says so and ends', async () => {
    electron.app.isHomeless = true
    vi.stubEnv('BILEVEL_WORKSPACE', undefined)
    await import('@main/shells/electron')
    await until(() => electron.app.quits > 0)
    expect(electron.dialog.errors).toEqual([
      [expect.stringContaining('home folder cannot be written'), expect.stringContaining('BILEVEL_WORKSPACE')]
    ])
    expect(electron.BrowserWindow.all).toHaveLength(0)
  })

  test('the menu leads to every page and to the recent workspaces', () => {
    const went: string[] = []
    const lists = { workspaces: ['/a'], datasets: [{ id: 'pets-1', name: 'pets' }] }
    const template = menuTemplate('linux', lists, {
      go: (route) => went.push(route),
      openWorkspace: (to) => went.push(`open ${to}`),
      copyDiagnostics: () => went.push('diagnostics')
    })
    const click = (items: unknown): void => {
      for (const item of items as { click?: () => void; submenu?: unknown }[]) {
        item.click?.()
        if (Array.isArray(item.submenu)) click(item.submenu)
      }
    }
    click(template)
    expect(went).toEqual([
      '/datasets/import',
      '/new-run',
      '/datasets/pets-1',
      'open null',
      'open /a',
      '/datasets',
      '/runs',
      '/system',
      'diagnostics',
      '/about?check',
      '/about'
    ])
  })

  test('recent workspaces: the last first, once each, a broken file is no reason to fail', () => {
    const file = path.join(scratch.dir, 'recent.json')
    const recent = new RecentWorkspaces(file)
    recent.add('/a')
    recent.add('/b')
    recent.add('/a')
    expect(recent.list()).toEqual(['/a', '/b'])
    expect(new RecentWorkspaces(path.join(scratch.dir, 'none.json')).list()).toEqual([])
    new RecentWorkspaces(path.join(file, 'in a file')).add('/a')
  })
})
