import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { BIN, temporaryFolder } from '@support/command'
import { isComplete } from '@support/complete'

/** Beside the one that runs the tests; `engines` of package.json names them. */
const OTHERS = ['22', '24'].filter((version) => !process.version.startsWith(`v${version}.`))

const dir = temporaryFolder()

/** A Node of this version, as npm has it; undefined where it cannot be fetched. */
function fetchNode(version: string): string | undefined {
  const asked = spawnSync('npx', ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
    timeout: 180_000,
    shell: process.platform === 'win32'
  })
  return asked.status === 0 ? asked.stdout.trim() : undefined
}

/** The metrics that a command finds. */
function metricsOf(node: string, name: string, ...args: string[]): Record<string, unknown> {
  const cwd = path.join(dir, name)
  mkdirSync(cwd, { recursive: true })
  const printed = execFileSync(node, [BIN, ...args, '--json'], { cwd, encoding: 'utf8', stdio: 'pipe' })
  return (JSON.parse(printed) as { metrics: Record<string, unknown> }).metrics
}

const DATA = ['--train', 'sample-digits#train[200:400]', '--trusted', 'sample-digits#train[0:200]']
const RUN = [
  'denoise',
  ...DATA,
  '--test',
  'sample-digits#test',
  '--out',
  'result',
  '--workspace',
  'workspace',
  ...'--epochs 5 --cross-validation 2'.split(' '),
  // The largest of its numbers are those of TensorFlow, which is the same file under each.
  ...(isComplete ? [] : ['--model', 'logistic'])
]

let here: object | undefined
// The newest; under the oldest the demo trains.
test.each(isComplete ? OTHERS : OTHERS.slice(-1))(
  'a run under Node %s gives the numbers of this one',
  (version) => {
    const node = fetchNode(version)
    if (node === undefined)
      return void console.warn(`skipped: Node ${version} cannot be fetched from npm here`)
    here ??= metricsOf(process.execPath, 'here', ...RUN)
    expect(Object.keys(here).length).toBeGreaterThan(0)
    expect(metricsOf(node, version, ...RUN)).toEqual(here)
  }
)

// Under the oldest, where that can be had.
test('the demo finds the labels that it made wrong', () => {
  const node = (OTHERS[0] === undefined ? undefined : fetchNode(OTHERS[0])) ?? process.execPath
  const { detection } = metricsOf(node, 'demo', 'demo') as { detection: { auroc: number; f1: number } }
  expect(detection.auroc).toBeGreaterThan(0.95)
  expect(detection.f1).toBeGreaterThan(0.9)
})
