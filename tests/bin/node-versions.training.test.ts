import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { BIN, temporaryFolder, until } from '@support/command'
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

/** Under the oldest, where that can be had. */
function demo(...more: string[]): ChildProcess {
  const node = (OTHERS[0] === undefined ? undefined : fetchNode(OTHERS[0])) ?? process.execPath
  return spawn(node, [BIN, 'demo', '--json', ...more], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] })
}

/** Otherwise it is broken off once its network learns: what it finds by then is most of what it finds. */
test('the demo finds the labels that it made wrong', async () => {
  const child = demo('--workspace', 'demo-workspace')
  let stdout = ''
  child.stdout!.on('data', (chunk) => (stdout += String(chunk)))
  const ended = once(child, 'close')
  const metrics = path.join(dir, 'bilevel-demo/result/metrics.ndjson')
  if (!isComplete) {
    await until(() => existsSync(metrics) && readFileSync(metrics, 'utf8').includes('"type":"metric"'))
    child.kill('SIGINT')
  }
  expect(await ended).toEqual([isComplete ? 0 : 130, null])
  const { detection } = (JSON.parse(stdout) as { metrics: { detection: { auroc: number; f1: number } } })
    .metrics
  expect(detection.auroc).toBeGreaterThan(0.95)
  expect(detection.f1).toBeGreaterThan(0.9)
})
