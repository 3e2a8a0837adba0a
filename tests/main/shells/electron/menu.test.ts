import path from 'node:path'
import { expect, test } from 'vitest'
import { menuTemplate } from '@main/shells/electron/menu'
import { namedSource } from '@main/shells/electron/named-source'
import { RecentWorkspaces } from '@main/shells/electron/recent-workspaces'
import { temporaryFolder } from '@support/command'

test('what a start names: the first word that is neither a switch nor the program itself', () => {
  const named = (words: string[], own?: string[]): string | undefined => namedSource(words, '/at', own)
  expect(named(['/opt/workbench'])).toBeUndefined()
  expect(named(['/opt/workbench', '--scale=2', 'pets/', 'other.npz'])).toBe(path.resolve('/at/pets'))
  expect(named(['/opt/workbench', '/data/ü "1".npz'])).toBe(path.resolve('/data/ü "1".npz'))
  expect(named(['electron', '.'], ['.'])).toBeUndefined()
  expect(named(['electron', 'out/main/index.js', 'a.csv'], ['/app'])).toBe(path.resolve('/at/a.csv'))
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
  const dir = temporaryFolder()
  const file = path.join(dir, 'recent.json')
  const recent = new RecentWorkspaces(file)
  recent.add('/a')
  recent.add('/b')
  recent.add('/a')
  expect(recent.list()).toEqual(['/a', '/b'])
  expect(new RecentWorkspaces(path.join(dir, 'none.json')).list()).toEqual([])
  new RecentWorkspaces(path.join(file, 'in a file')).add('/a')
})
