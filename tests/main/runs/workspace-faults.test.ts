import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { patiently } from '@main/api/patience'
import { isBusy, openWorkspace } from '@main/runs'
import type { Workspace } from '@main/runs'
import { workspaceFailure } from '@main/runs/workspace-faults'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })
let scratch: string
let dir: string
let file: string
let closing: (() => void)[]

beforeEach(() => {
  scratch = temporaryFolder()
  dir = path.join(scratch, 'workspace')
  file = path.join(dir, 'workbench.sqlite')
  closing = []
})
afterEach(() => {
  closing.reverse().forEach((close) => close())
})

function open(options?: { owns: boolean }): Workspace {
  const workspace = openWorkspace(dir, options)
  closing.push(() => workspace.close())
  return workspace
}

function addRun({ store }: Workspace, id: string): void {
  store.create({ id, name: id, spec, outputDir: '/out', checkpointDir: path.join(dir, id), cwd: '/' })
}

/** A connection of another program. */
function anotherConnection(): Database.Database {
  const database = new Database(file)
  closing.push(() => database.close())
  return database
}

const fault = (sentence: RegExp): unknown =>
  expect.objectContaining({
    code: 'workspace',
    message: expect.stringMatching(sentence),
    remedy: expect.stringMatching(/\w{3,}/)
  })

describe('a workspace has one owner', () => {
  test('the other is told who and where; the command line works beside it', () => {
    const owner = open({ owns: true })
    owner.tellAddress('http://127.0.0.1:8080/?token=t')
    expect(() => openWorkspace(dir, { owns: true })).toThrow(
      fault(new RegExp(`process ${process.pid} on .*, since 20.* UTC, at http://127.0.0.1:8080/\\?token=t`))
    )
    const beside = open()
    addRun(beside, 'one')
    expect(owner.store.get('one').state).toBe('queued')
  })

  test('whoever closes it gives it up, and so does one that failed to open it', () => {
    openWorkspace(dir, { owns: true }).close()
    open({ owns: true })
  })
})

describe('a workspace of a newer version', () => {
  const before = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(dir)
        .filter((name) => name.startsWith('workbench.sqlite') && !name.endsWith('-shm'))
        .map((name) => [name, readFileSync(path.join(dir, name)).toString('base64')])
    )

  test('is refused and not written', () => {
    openWorkspace(dir).close()
    const database = anotherConnection()
    database.pragma('user_version = 999')
    database.pragma('wal_checkpoint(TRUNCATE)')
    const bytes = before()
    expect(bytes['workbench.sqlite-wal']).toBe('')
    expect(() => openWorkspace(dir)).toThrow(fault(/newer version/))
    expect(() => openWorkspace(dir, { owns: true })).toThrow(fault(/newer version/))
    expect(before()).toEqual(bytes)
  })

  test('also where only its log says so', () => {
    openWorkspace(dir).close()
    const database = anotherConnection()
    database.pragma('journal_mode = WAL')
    database.pragma('wal_autocheckpoint = 0')
    database.pragma('user_version = 999')
    const bytes = before()
    expect(bytes['workbench.sqlite-wal']).toBeTruthy()
    expect(() => openWorkspace(dir)).toThrow(fault(/newer version/))
    expect(before()).toEqual(bytes)
  })
})

describe('a workspace that cannot be used is told in one sentence', () => {
  test.for<[string, () => void]>([
    ['other bytes', () => writeFileSync(file, Buffer.alloc(9000, 'no database'))],
    ['cut in the middle', () => truncateSync(file, 4096 * 2)],
    [
      "another program's tables",
      () => {
        rmSync(file)
        const database = new Database(file)
        database.exec('CREATE TABLE strange (x)')
        database.pragma('user_version = 4')
        database.close()
      }
    ]
  ])('damaged: %s', ([, damage]) => {
    const workspace = openWorkspace(dir)
    for (let i = 0; i < 40; i++) addRun(workspace, `run-${i}`)
    workspace.close()
    damage()
    expect(() => openWorkspace(dir).store.list()).toThrow(fault(/workbench\.sqlite is damaged/))
  })

  test('not a folder', () => {
    writeFileSync(dir, 'a file')
    expect(() => openWorkspace(dir)).toThrow(fault(/cannot be written/))
  })

  test('gone, or another in its place: nothing is acknowledged that nobody finds again', () => {
    const workspace = open()
    addRun(workspace, 'one')
    renameSync(dir, `${dir}-moved`)
    expect(() => addRun(workspace, 'two')).toThrow(fault(/not there any more/))
    expect(() => workspace.store.list()).toThrow(fault(/not there any more/))
    mkdirSync(dir)
    writeFileSync(file, '')
    expect(() => addRun(workspace, 'two')).toThrow(fault(/another folder is in its place/))
    rmSync(dir, { recursive: true })
    renameSync(`${dir}-moved`, dir)
    addRun(workspace, 'three')
    expect(workspace.store.list().map(({ id }) => id)).toEqual(['three', 'one'])
  })

  test('locked: the owner does not wait for it in place, and tries again until it is free', async () => {
    const workspace = open({ owns: true })
    const other = anotherConnection()
    other.exec('BEGIN IMMEDIATE')
    let attempts = 0
    const adding = patiently(() => {
      attempts++
      addRun(workspace, 'one')
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(() => addRun(workspace, 'two')).toThrow(fault(/locked by another program/))
    other.exec('COMMIT')
    await adding
    expect(attempts).toBeGreaterThan(1)
    expect(workspace.store.list().map(({ id }) => id)).toEqual(['one'])
  })

  test('events that could not be written wait, and none is lost or doubled', () => {
    const workspace = open({ owns: true })
    addRun(workspace, 'one')
    const other = anotherConnection()
    other.exec('BEGIN IMMEDIATE')
    for (let step = 0; step < 3; step++)
      workspace.store.events.record('one', { type: 'metric', step, seconds: step })
    expect(() => workspace.store.events.flush()).toThrow(fault(/locked/))
    other.exec('COMMIT')
    workspace.store.events.record('one', { type: 'metric', step: 3, seconds: 3 })
    workspace.store.events.flush()
    const steps = workspace.store.events.list('one').map(({ event }) => 'step' in event && event.step)
    expect(steps).toEqual([0, 1, 2, 3])
  })

  test.for([
    ['SQLITE_FULL', /disk .* is full/],
    ['ENOSPC', /disk .* is full/],
    ['SQLITE_READONLY', /cannot be written/],
    ['EROFS', /cannot be written/],
    ['SQLITE_IOERR_WRITE', /SQLITE_IOERR_WRITE/],
    ['SQLITE_CANTOPEN', /cannot be opened/],
    ['SQLITE_BUSY_SNAPSHOT', /locked/],
    ['SQLITE_CORRUPT_VTAB', /damaged/]
  ] as const)('%s', ([code, sentence]) => {
    mkdirSync(dir)
    const said = Object.assign(new Error('as the system says it'), { code })
    expect(workspaceFailure(said, file)).toEqual(fault(sentence))
    expect(isBusy(workspaceFailure(said, file))).toBe(code.startsWith('SQLITE_BUSY'))
    const defect = new TypeError('not a function')
    expect(workspaceFailure(defect, file)).toBe(defect)
  })
})
