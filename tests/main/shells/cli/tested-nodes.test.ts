import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { levelOfNode } from '@main/shells/cli/doctor'
import { PROJECT } from '@support/command'

test.each([
  ['18.20.0', 'error'],
  ['20.18.3', 'error'],
  ['20.19.0', 'ok'],
  ['21.7.0', 'note'],
  ['22.11.0', 'error'],
  ['22.12.0', 'ok'],
  ['23.4.0', 'note'],
  ['24.0.0', 'ok'],
  ['26.0.0', 'note']
])('Node.js %s: %s', (version, level) => {
  expect(levelOfNode(version)).toBe(level)
})

test('engines of package.json ask for the same', () => {
  const { engines } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
    engines: { node: string }
  }
  expect(engines.node).toBe('^20.19 || ^22.12 || ^24')
})
