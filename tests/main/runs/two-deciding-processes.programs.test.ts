import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openWorkspace } from '@main/runs'
import { temporaryFolder } from '@support/command'

const ROWS = 240
const PROJECT = path.resolve(import.meta.dirname, '../../..')

/** One that waits for its turn; `told` is what it printed. */
async function writer(...args: string[]): Promise<{ child: ChildProcess; printed(): string[] }> {
  const script = path.join(PROJECT, 'tests/support/writes-decisions.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: PROJECT,
    env: { ...process.env, TSX_TSCONFIG_PATH: path.join(PROJECT, 'tsconfig.base.json') },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return { child, printed: () => text.split('\n').filter((line) => /^(mark|drop) \d+$/.test(line)) }
}

test('two processes mark and decide at once: every act that was acknowledged is there, and nothing else', async () => {
  const dir = temporaryFolder()
  const place = path.join(dir, 'workspace')
  openWorkspace(place).close()
  const writers = await Promise.all(
    ['0', '1'].map((part) => writer(place, 'run', 'dataset', String(ROWS), part, '2'))
  )
  const ended = writers.map(({ child }) => new Promise((resolve) => child.once('close', resolve)))
  for (const { child } of writers) child.stdin!.write('go\n')
  expect(await Promise.all(ended)).toEqual([0, 0])
  const printed = writers.flatMap((one) => one.printed())
  const rows = Array.from({ length: ROWS }, (_, row) => row)
  expect(printed.sort()).toEqual(
    [...rows.map((row) => `drop ${row}`), ...rows.map((row) => `mark ${row}`)].sort()
  )

  const workspace = openWorkspace(place)
  onTestFinished(() => {
    workspace.close()
  })
  const { trust, reviews } = workspace
  expect(trust.marksOf('dataset').map(({ row, label }) => [row, label])).toEqual(
    rows.map((row) => [row, row % 2])
  )
  expect(reviews.standing('run').map(({ row, action }) => [row, action])).toEqual(
    rows.map((row) => [row, 'drop'])
  )
  // Each act is a revision of its own: none was counted twice or over another.
  expect([trust.log.revision('dataset'), reviews.revision('run')]).toEqual([ROWS, ROWS])
  // And each can be undone, by whoever made it.
  const mine = { id: 'process 0', others: ['process 1'] }
  for (let i = 0; i < ROWS / 2; i++) reviews.undo('run', mine)
  expect(reviews.turns('run', mine).undo).toBeNull()
  expect(reviews.standing('run').map(({ row }) => row)).toEqual(rows.filter((row) => row % 2 === 1))
})
