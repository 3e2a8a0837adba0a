import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { KeptWindowPlace, reachableBounds } from '@main/shells/electron/window-place'
import { until } from '@support/command'
import { electron, scratch, startShell, startsWithStandIn } from '@support/started-shell'

startsWithStandIn()

test('the window opens where the last one was closed', async () => {
  const first = await startShell()
  first.bounds = { x: 100, y: 50, width: 1000, height: 700 }
  first.maximised = true
  first.webContents.zoom = 2
  const kept = path.join(scratch, 'window.json')
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
  const kept = path.join(scratch, 'window.json')
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
  const kept = path.join(scratch, 'window.json')
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
