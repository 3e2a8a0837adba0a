import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { apiError } from '@main/api/failures'
import { JobStore } from '@main/jobs'
import { logTail, openLog, tellLog } from '@main/log'
import { ProductLog } from '@main/log/product-log'
import { openWorkspace } from '@main/runs'
import { badInput } from '@shared/domain/failure'
import { temporaryFolder } from '@support/command'

let scratch: string
const logText = (): string => logTail(scratch, 1000).join('\n')

beforeEach(() => {
  scratch = temporaryFolder()
  openLog(scratch)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('an error ends up in the log', () => {
  test('a defect with its kind, its own words and its place in the product', () => {
    const nothing = undefined as unknown as { rows: number }
    let thrown: unknown
    try {
      void nothing.rows
    } catch (error) {
      thrown = error
    }
    apiError(thrown)
    expect(logText()).toMatch(/Z error TypeError: Cannot read properties of undefined \(reading \(…\)\)/)
    expect(logText()).toMatch(/\n {4}at tests\/main\/log\/product-log\.test\.ts:\d+:\d+/)
  })

  test('a job that fails by one, and how it ended', async () => {
    const workspace = openWorkspace(scratch)
    const jobs = new JobStore(workspace.jobs)
    const { outcome } = jobs.start({
      kind: 'import',
      title: 'patients-of-dr-grey.zip',
      subject: { source: '/home/grey/patients-of-dr-grey.zip', dataset: null, run: null, out: null },
      key: 'one',
      perform: () => Promise.reject(new RangeError('Invalid array length')),
      summarise: () => ({ type: 'survey', dataset: 'patients-of-dr-grey', found: 0 })
    })
    await expect(outcome).rejects.toThrow('Invalid array length')
    await jobs.close()
    workspace.close()
    expect(logText()).toContain('error RangeError: Invalid array length')
    expect(logText()).toMatch(/job id=[0-9a-f]{16} kind=import state=failed failure=internal/)
    expect(logText()).not.toContain('grey')
  })
})

/** What errors say of a person's files, columns, classes and cells. */
const TELLING: readonly [name: string, error: () => unknown][] = [
  ['a failure', () => badInput('/data/grey/scan.csv, row 7: "grey" is no class.', 'Correct grey.')],
  ['a system error', () => readingOf('/data/grey/scan.csv')],
  ['a parser', () => parsing('grey,7')],
  ['a quoted name', () => new TypeError(`Cannot read properties of undefined (reading 'dr "grey"')`)],
  [
    'a quoted value',
    () => new TypeError('The "path" argument must be of type string. Received "it\'s grey"')
  ],
  ['own words', () => new Error('The class grey has no rows')],
  ['a message of several lines', () => new Error('no\n    at grey (/data/grey.ts:1:2)')],
  ['a name', () => Object.assign(new Error('no'), { name: 'grey scan' })],
  ['a code', () => Object.assign(new Error('no'), { code: 'open /data/grey' })],
  ['a cause', () => new Error('grey', { cause: badInput('grey', 'grey', new Error('grey')) })],
  ['a text', () => 'grey'],
  [
    'a stack elsewhere',
    () => Object.assign(new Error('no'), { stack: 'Error: no\n    at f (/home/grey/x.js:1:2)' })
  ]
]

function readingOf(file: string): unknown {
  try {
    return readFileSync(file)
  } catch (error) {
    return error
  }
}

function parsing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}

test.each(TELLING)('nothing of the user’s is in the log: %s', (_name, make) => {
  const error = make()
  // Else this could not fail.
  expect(
    JSON.stringify([String(error), error, (error as Error).stack ?? '', (error as Error).name])
  ).toContain('grey')
  new ProductLog(path.join(scratch, 'logs')).error(error)
  expect(logText()).toContain('Z error ')
  expect(logText()).not.toContain('grey')
  expect(logText()).not.toContain(scratch)
})

test('a fact that is no word of the product’s is left out', () => {
  tellLog('run', { id: '20261129-173000-0a1b2c3d', state: 'failed', failure: 'grey scan.csv' })
  expect(logText()).toMatch(/Z run id=20261129-173000-0a1b2c3d state=failed failure=\(…\)$/)
})

test('two files of bounded size hold the last of it, however much is told', () => {
  const log = new ProductLog(path.join(scratch, 'logs'))
  for (let i = 0; i < 30_000; i++) log.tell('run', { id: `20261129-173000-${i}`, state: 'running' })
  const sizes = readdirSync(path.join(scratch, 'logs')).map(
    (name) => statSync(path.join(scratch, 'logs', name)).size
  )
  expect(sizes).toHaveLength(2)
  for (const size of sizes) expect(size).toBeLessThan(520 * 1024)
  const tail = log.tail(10_000)
  expect(tail).toHaveLength(10_000)
  expect(tail.at(-1)).toContain('20261129-173000-29999 ')
  expect(tail[0]).toContain('20261129-173000-20000 ')
})

test('a log that cannot be written is no error', () => {
  writeFileSync(path.join(scratch, 'logs'), 'a file of that name')
  expect(() => tellLog('stop')).not.toThrow()
  expect(logText()).toBe('')
})

test('a workspace that is gone does not come to be again', () => {
  const gone = path.join(scratch, 'gone')
  new ProductLog(path.join(gone, 'logs')).tell('stop')
  expect(existsSync(gone)).toBe(false)
})
