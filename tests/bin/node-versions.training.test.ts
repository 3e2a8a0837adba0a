import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { BIN, scratchFolder } from '@support/command'

/** Beside the one that runs the tests; `engines` of package.json names them. */
const OTHERS = ['22', '24'].filter((version) => !process.version.startsWith(`v${version}.`))

const { dir, remove } = scratchFolder()
afterAll(remove)

/** A Node of this version, as npm has it; undefined where it cannot be fetched. */
function fetchNode(version: string): string | undefined {
  const asked = spawnSync('npx', ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
    timeout: 180_000,
    shell: process.platform === 'win32'
  })
  return asked.status === 0 ? asked.stdout.trim() : undefined
}

/** Every number that the demo finds. */
function demo(node: string, name: string): object {
  const cwd = path.join(dir, name)
  mkdirSync(cwd)
  const printed = execFileSync(node, [BIN, 'demo', '--json'], { cwd, encoding: 'utf8', stdio: 'pipe' })
  return (JSON.parse(printed) as { metrics: object }).metrics
}

let here: object | undefined
test.each(OTHERS)('the demo under Node %s gives the numbers of this one', (version) => {
  const node = fetchNode(version)
  if (node === undefined) return void console.warn(`skipped: Node ${version} cannot be fetched from npm here`)
  here ??= demo(process.execPath, 'here')
  expect(Object.keys(here).length).toBeGreaterThan(0)
  expect(demo(node, version)).toEqual(here)
})
