import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { DESKTOP_CHANNELS } from '@shared/contract/desktop'
import { openWorkspace } from '@main/runs'
import { until } from '@support/command'
import {
  closing,
  connectFrom,
  electron,
  scratch,
  startShell,
  startsWithStandIn
} from '@support/started-shell'

startsWithStandIn()

test('another workspace opens in a new window, the old one closes, both are remembered', async () => {
  const first = await startShell()
  const second = path.join(scratch, 'second')
  await electron.ipcMain.invoke(DESKTOP_CHANNELS.openWorkspace, first.webContents.mainFrame, second)
  await until(() => electron.BrowserWindow.all[1]?.loaded !== undefined)
  const client = connectFrom(electron.BrowserWindow.all[1]!.webContents.mainFrame)
  const info = await client.system.info()
  expect(info.workspace).toBe(second)
  expect(info.recentWorkspaces).toEqual([second, path.join(scratch, 'first')])
})

test('a workspace that another workbench has is refused, and the one that is open stays', async () => {
  const first = await startShell()
  const taken = openWorkspace(path.join(scratch, 'taken'), { owns: true })
  closing.push(() => taken.close())
  await electron.ipcMain.invoke(DESKTOP_CHANNELS.openWorkspace, first.webContents.mainFrame, taken.dir)
  await until(() => electron.dialog.errors.length > 0)
  expect(electron.dialog.errors[0]?.[0]).toMatch(`process ${process.pid} on `)
  expect(first.isDestroyed()).toBe(false)
  const info = await connectFrom(first.webContents.mainFrame).system.info()
  expect(info.workspace).toBe(path.join(scratch, 'first'))
})

test('a workspace that cannot be written is told, not swallowed', async () => {
  const file = path.join(scratch, 'a-file')
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
  const gone = path.join(scratch, 'disk', 'workspace')
  writeFileSync(path.join(scratch, 'recent-workspaces.json'), JSON.stringify([gone]))
  const window = await startShell()
  expect(electron.dialog.errors).toEqual([
    [`The workspace ${gone} is not there.`, expect.stringContaining('Recent Workspaces')]
  ])
  expect(existsSync(gone)).toBe(false)
  const info = await connectFrom(window.webContents.mainFrame).system.info()
  expect(info.workspace).toBe(path.join(scratch, 'workspace'))
  // Still offered, for when its disk is back.
  expect(info.recentWorkspaces).toContain(gone)
})

test('a recent workspace that another program has open does not keep this one from starting', async () => {
  vi.stubEnv('BILEVEL_WORKSPACE', undefined)
  const taken = openWorkspace(path.join(scratch, 'taken'), { owns: true })
  closing.push(() => taken.close())
  writeFileSync(path.join(scratch, 'recent-workspaces.json'), JSON.stringify([taken.dir]))
  const window = await startShell()
  expect(electron.dialog.errors[0]?.[0]).toMatch(`process ${process.pid} on `)
  const info = await connectFrom(window.webContents.mainFrame).system.info()
  expect(info.workspace).toBe(path.join(scratch, 'workspace'))
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
