import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { bilevel, temporaryFolder } from '@support/command'
import { ProductLog } from '@main/log/product-log'

test('diagnostics: versions, the machine, the engine, and the end of the log; nothing that says whose they are', async () => {
  const dir = temporaryFolder()
  mkdirSync(path.join(dir, 'datasets'))
  new ProductLog(path.join(dir, 'logs')).tell('start', { version: '9.9.9' })
  const { code, stdout } = await bilevel(['doctor', '--diagnostics', '--workspace', dir])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Bilevel Workbench \d+\.\d+\.\d+\nNode\.js \d+\.\d+\.\d+\n/)
  expect(stdout).toMatch(/ processors, [\d.]+ GiB\n/)
  expect(stdout).toMatch(/WebAssembly: yes/)
  expect(stdout).toMatch(/Z start version=9\.9\.9\n$/)
  expect(stdout).not.toContain(dir)
})
