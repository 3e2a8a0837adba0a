import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Protocol } from 'electron'
import { describe, expect, test, vi } from 'vitest'
import type { WorkbenchClient } from '@shared/contract'
import { DESKTOP_CHANNELS } from '@shared/contract/desktop'
import { openWorkspace } from '@main/runs'
import { windowOptions } from '@main/shells/electron/window-options'
import { slowSource } from '@support/slow-source'
import { until } from '@support/command'
import { standInElectron } from '@support/electron-stand-in'
import { StandInFrame } from '@support/stand-in-window'
import type { StandInWindow } from '@support/stand-in-window'
import {
  closing,
  connectFrom,
  electron,
  scratch,
  startShell,
  startsWithStandIn
} from '@support/started-shell'

startsWithStandIn()

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
  const folder = path.join(scratch, 'window')
  mkdirSync(path.join(folder, 'assets'), { recursive: true })
  writeFileSync(path.join(folder, 'index.html'), '<p>page</p>')
  writeFileSync(path.join(folder, 'assets/a.js'), 'let a')
  writeFileSync(path.join(scratch, 'secret.js'), 'no')
  const { registerScheme, servePage, PAGE_URL } = await import('@main/shells/electron/page-protocol')
  const { protocol, app } = standInElectron(scratch)
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
    workspace: path.join(scratch, 'first'),
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

test('a file that another start names is looked at in the window', async () => {
  const window = await startShell()
  const file = path.join(scratch, 'my digits.npz')
  writeFileSync(file, '')
  electron.app.emit('second-instance', {}, ['/opt/workbench', '--flag', 'my digits.npz'], scratch)
  await until(() => window.webContents.sent.length > 0, 5)
  expect(window.webContents.sent.at(-1)).toEqual([
    DESKTOP_CHANNELS.navigate,
    `/datasets/import?source=${encodeURIComponent(file)}`
  ])
  expect(window.focused).toBe(1)
  // Whether it is there is for the window to say.
  electron.app.emit('second-instance', {}, ['/opt/workbench', 'no such.npz'], scratch)
  await until(() => window.webContents.sent.length > 1, 5)
  expect(window.webContents.sent.at(-1)).toEqual([
    DESKTOP_CHANNELS.navigate,
    `/datasets/import?source=${encodeURIComponent(path.join(scratch, 'no such.npz'))}`
  ])
})

test('a second start brings the window forward instead of opening another', async () => {
  const window = await startShell()
  window.minimised = true
  electron.app.emit('second-instance', {}, [], scratch)
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
  openWorkspace(path.join(scratch, 'first'), { owns: true }).close()
})

test('what a menu or a second start wants of a closed window does no harm', async () => {
  const window = await startShell()
  window.close()
  electron.app.emit('second-instance', {}, [], scratch)
  expect(window.focused).toBe(0)
})

describe('while something is imported', () => {
  async function importing(): Promise<{ window: StandInWindow; client: WorkbenchClient; id: string }> {
    const window = await startShell()
    const client = connectFrom(window.webContents.mainFrame)
    const source = await slowSource(path.join(scratch, 'pictures'), 24)
    const { id } = await client.jobs.import({ source, imageSize: 8, name: 'pets' })
    return { window, client, id }
  }

  test('closing the window lets it go on; another start shows it, the last end quits', async () => {
    const { window, id } = await importing()
    window.close()
    electron.app.emit('window-all-closed')
    expect(electron.app.quits).toBe(0)
    electron.app.emit('second-instance', {}, [], scratch)
    await until(() => electron.BrowserWindow.all[1]?.loaded !== undefined)
    const again = connectFrom(electron.BrowserWindow.all[1]!.webContents.mainFrame)
    expect(await again.jobs.get({ job: id })).toMatchObject({ title: 'pets', state: 'running' })
    electron.BrowserWindow.all[1]!.close()
    electron.app.emit('window-all-closed')
    expect(electron.app.quits).toBe(0)
    await until(() => electron.app.quits > 0)
    electron.app.emit('will-quit', { preventDefault: () => undefined })
    await until(() => electron.app.quits > 1)
    const workspace = openWorkspace(path.join(scratch, 'first'))
    closing.push(() => workspace.close())
    expect(workspace.jobs.load()).toMatchObject([
      { id, state: 'done', result: { name: 'pets', examples: 24 } }
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
    const datasets = path.join(scratch, 'first', 'datasets')
    expect(readdirSync(datasets)).toEqual([])
  })
})

test('without the single-instance lock nothing opens', async () => {
  electron.app.isFirst = false
  await import('@main/shells/electron')
  expect(electron.app.quits).toBe(1)
  expect(electron.BrowserWindow.all).toHaveLength(0)
})
