import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportDataset, listLeftovers, recordFoldersIn, removeLeftovers } from '@main/datasets'
import { writeNewFolder } from '@main/datasets/export/new-folder'
import { temporaryFolder } from '@support/command'
import { failureOf, FIXTURES, select, temporaryStore } from '@support/datasets'

/** A process that is gone. */
const GONE = spawnSync(process.execPath, ['-e', '']).pid

/** What a process leaves that is killed while it exports. */
async function killedExport(workspace: string, parent: string): Promise<{ hidden: string; entry: string }> {
  const journal = path.join(workspace, 'writing')
  recordFoldersIn(workspace)
  let left = { hidden: '', entry: '' }
  await writeNewFolder(path.join(parent, 'out'), async (folder, hidden) => {
    writeFileSync(path.join(folder, 'half'), 'half')
    // The same once more under another name, as if the end never came.
    const entry = path.join(journal, readdirSync(journal)[0]!)
    const copy = `${hidden}-killed`
    mkdirSync(copy)
    writeFileSync(path.join(copy, 'half'), '1234')
    writeFileSync(path.join(copy, 'token'), readFileSync(path.join(hidden, 'token')))
    const record = JSON.parse(readFileSync(entry, 'utf8')) as Record<string, unknown>
    left = { hidden: copy, entry: path.join(journal, 'killed.json') }
    writeFileSync(left.entry, JSON.stringify({ ...record, folder: copy, pid: GONE }))
  })
  return left
}

describe("folders of the user's that look like ours", () => {
  test('an export and its end leave them alone', async () => {
    const parent = temporaryFolder()
    const theirs = ['.writing-1-abcd', '.writing-notes', `.writing-${GONE}-00000000`]
    for (const name of theirs) {
      mkdirSync(path.join(parent, name))
      writeFileSync(path.join(parent, name, 'novel.txt'), 'mine')
    }
    const selection = await select(temporaryStore(), path.join(FIXTURES, 'numpy-plain.npz'))
    await exportDataset(selection, { format: 'npy', out: path.join(parent, 'out') })
    expect(readdirSync(parent).sort()).toEqual([...theirs, 'out'].sort())
    for (const name of theirs) expect(readFileSync(path.join(parent, name, 'novel.txt'), 'utf8')).toBe('mine')
    const workspace = temporaryFolder()
    expect(listLeftovers(workspace)).toEqual([])
    expect(removeLeftovers(workspace, () => true)).toEqual([])
    expect(readdirSync(parent)).toContain(theirs[0])
  })
})

describe('what a killed export left', () => {
  test('is listed with its size, and removed when asked to', async () => {
    const [workspace, parent] = [temporaryFolder(), temporaryFolder()]
    const { hidden, entry } = await killedExport(workspace, parent)
    expect(listLeftovers(workspace)).toEqual([
      { folder: hidden, bytes: 4 + 32, startedAt: expect.stringMatching(/^\d{4}-/) }
    ])
    expect(removeLeftovers(workspace, () => false)).toEqual([])
    expect(removeLeftovers(workspace, (folder) => folder === hidden)).toEqual([hidden])
    expect(existsSync(hidden)).toBe(false)
    expect(existsSync(entry)).toBe(false)
    expect(readdirSync(parent)).toEqual(['out'])
  })

  test('is not offered while its process lives', async () => {
    const [workspace, parent] = [temporaryFolder(), temporaryFolder()]
    recordFoldersIn(workspace)
    await writeNewFolder(path.join(parent, 'out'), async () => {
      expect(listLeftovers(workspace)).toEqual([])
      expect(removeLeftovers(workspace, () => true)).toEqual([])
    })
    expect(readdirSync(path.join(workspace, 'writing'))).toEqual([])
  })

  test.each(['another token', 'no token', 'a link', 'another name'])(
    'is no longer ours with %s',
    async (how) => {
      const [workspace, parent] = [temporaryFolder(), temporaryFolder()]
      const { hidden, entry } = await killedExport(workspace, parent)
      if (how === 'another token') writeFileSync(path.join(hidden, 'token'), 'x')
      if (how === 'no token') rmSync(path.join(hidden, 'token'))
      if (how === 'a link') {
        const elsewhere = temporaryFolder()
        writeFileSync(path.join(elsewhere, 'token'), readFileSync(path.join(hidden, 'token')))
        rmSync(hidden, { recursive: true })
        symlinkSync(elsewhere, hidden)
      }
      if (how === 'another name') {
        const record = JSON.parse(readFileSync(entry, 'utf8')) as Record<string, unknown>
        writeFileSync(entry, JSON.stringify({ ...record, folder: parent }))
        writeFileSync(path.join(parent, 'token'), readFileSync(path.join(hidden, 'token')))
      }
      expect(listLeftovers(workspace)).toEqual([])
      expect(removeLeftovers(workspace, () => true)).toEqual([])
      expect(existsSync(hidden)).toBe(true)
    }
  )
})

test('work that fails leaves neither folder nor record, nor the folders made on the way', async () => {
  const [workspace, parent] = [temporaryFolder(), temporaryFolder()]
  recordFoldersIn(workspace)
  const out = path.join(parent, 'a', 'b', 'out')
  const failure = await failureOf(() =>
    writeNewFolder(out, async (folder) => {
      writeFileSync(path.join(folder, 'half'), 'half')
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    })
  )
  expect(failure.message).toBe(`The disk is full: ${out} could not be written.`)
  expect(readdirSync(parent)).toEqual([])
  expect(readdirSync(path.join(workspace, 'writing'))).toEqual([])
})
