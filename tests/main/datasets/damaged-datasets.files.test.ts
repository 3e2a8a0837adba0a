import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  DatasetStore,
  npyFile,
  resolveReference,
  summariseDataset,
  type ExampleSelection
} from '@main/datasets'
import { readCheckpoint, writeCheckpoint } from '@main/runs/worker/checkpoint-files'
import { Failure } from '@shared/domain/failure'
import { bilevel, temporaryFolder } from '@support/command'

const dir = temporaryFolder()
const COUNT = 6

/** Workspaces with one dataset each, and files of every kind between them. */
const intact: Record<string, string> = {}

beforeAll(async () => {
  const pictures = path.join(dir, 'pictures')
  for (let i = 0; i < COUNT; i++) {
    const folder = path.join(pictures, i % 2 === 0 ? 'cat' : 'dog')
    mkdirSync(folder, { recursive: true })
    const raw = Buffer.alloc(5 * 4 * 3, 40 * i + 1)
    const png = await sharp(raw, { raw: { width: 4, height: 5, channels: 3 } })
      .png()
      .toBuffer()
    writeFileSync(path.join(folder, `${i}.png`), png)
  }
  const arrays = path.join(dir, 'arrays')
  mkdirSync(arrays)
  const values = Float32Array.from({ length: COUNT * 3 }, (_, i) => i / 7)
  const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 3)
  writeFileSync(path.join(arrays, 'x.npy'), npyFile({ shape: [COUNT, 3], values }))
  writeFileSync(path.join(arrays, 'y.npy'), npyFile({ shape: [COUNT], values: labels }))
  writeFileSync(path.join(arrays, 'true_y.npy'), npyFile({ shape: [COUNT], values: labels }))
  for (const [name, source] of Object.entries({ pictures, arrays })) {
    const workspace = path.join(dir, `whole-${name}`)
    await new DatasetStore(path.join(workspace, 'datasets')).importFrom(source, { name: 'set' })
    intact[name] = workspace
  }
})

/** All that can be read of a dataset. */
async function everything(workspace: string): Promise<unknown> {
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const meta = store.get('set')
  const selection = await resolveReference(store, 'set')
  try {
    const { bytes: _bytes, ...summary } = summariseDataset(meta)
    return { summary, ...(await valuesOf(selection)) }
  } finally {
    selection.close()
  }
}

async function valuesOf(selection: ExampleSelection): Promise<Record<string, unknown>> {
  const rows = Array.from({ length: selection.count }, (_, row) => row)
  return {
    labels: Array.from(selection.labels),
    truth: selection.truth && Array.from(selection.truth),
    features: Array.from(selection.readRaw(rows)),
    files: selection.files,
    originals: await Promise.all(rows.map(async (row) => (await selection.originalOf(row))?.toString('hex')))
  }
}

const FILES = [
  'meta.json',
  'content.json',
  'features.npy',
  'labels.npy',
  'truth.npy',
  'files.json',
  'originals.bin',
  'originals.npy'
]

/** Every class of length that a cut file may have; one byte too long as well. */
function lengthsOf(size: number): number[] {
  const classes = [0, 1, 64, 127, 128, 129, 130, Math.floor(size / 2), size - 4, size - 1, size + 1]
  return [...new Set(classes)].filter((length) => length >= 0 && length !== size && length <= size + 1)
}

describe.each(['pictures', 'arrays'])('a dataset of %s', (kind) => {
  test.each(FILES)('whose %s was cut fails and never gives wrong values', async (name) => {
    const [id] = new DatasetStore(path.join(intact[kind]!, 'datasets')).list().map((meta) => meta.id)
    const original = path.join(intact[kind]!, 'datasets', id!, name)
    if (!existsSync(original)) return
    const { size } = statSync(original)
    for (const withHashes of [true, false]) {
      for (const length of lengthsOf(size)) {
        const workspace = path.join(dir, 'cut')
        rmSync(workspace, { recursive: true, force: true })
        cpSync(intact[kind]!, workspace, { recursive: true })
        const folder = path.join(workspace, 'datasets', id!)
        if (!withHashes) rmSync(path.join(folder, 'content.json'))
        if (!withHashes && name === 'content.json') continue
        const file = path.join(folder, name)
        if (length > size) appendFileSync(file, '\n')
        else truncateSync(file, length)
        // The white space after JSON says nothing.
        const isJson = name.endsWith('.json')
        const outcome = await everything(workspace).catch((error: unknown) => error)
        if (isJson && Math.abs(length - size) === 1 && !(outcome instanceof Error)) {
          expect(outcome).toEqual(await everything(intact[kind]!))
          continue
        }
        expect(outcome, `${name} of ${length} bytes, hashes ${withHashes}`).toBeInstanceOf(Failure)
        expect(['bad-input', 'not-found']).toContain((outcome as Failure).code)
        expect((outcome as Failure).code).not.toBe('internal')
        if (name !== 'files.json' && (withHashes || !isJson)) {
          const damage = new DatasetStore(path.join(workspace, 'datasets')).damage()
          expect(
            damage.map((found) => found.id),
            `${name} of ${length} bytes`
          ).toEqual([id])
          expect(damage[0]!.failure.message).toContain('damaged')
        }
      }
    }
  })

  test('whose bytes were changed in place is found by verifying', async () => {
    const workspace = path.join(dir, 'changed')
    rmSync(workspace, { recursive: true, force: true })
    cpSync(intact[kind]!, workspace, { recursive: true, preserveTimestamps: true })
    const store = new DatasetStore(path.join(workspace, 'datasets'))
    const [meta] = store.list()
    await store.verify(meta!.id)
    const file = path.join(store.folderOf(meta!.id), 'labels.npy')
    const { atime, mtime } = statSync(file)
    const bytes = readFileSync(file)
    bytes[bytes.length - 4] = 1 - bytes[bytes.length - 4]!
    writeFileSync(file, bytes)
    utimesSync(file, atime, mtime)
    await expect(store.verify(meta!.id)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'The dataset "set" is damaged: its labels.npy holds other bytes than were imported.'
    })
    expect(store.damage()).toHaveLength(1)
    expect(() => store.open(meta!.id)).toThrow('is damaged')
    const shown = await bilevel(['datasets', 'show', 'set', '--verify', '--workspace', workspace])
    expect(shown.code).toBe(2)
    expect(shown.stderr).toContain('its labels.npy holds other bytes than were imported')
  })

  test('of an earlier version, without hashes, is read, and has them after it was verified', async () => {
    const workspace = path.join(dir, 'earlier')
    rmSync(workspace, { recursive: true, force: true })
    cpSync(intact[kind]!, workspace, { recursive: true })
    const store = new DatasetStore(path.join(workspace, 'datasets'))
    const [meta] = store.list()
    const record = path.join(store.folderOf(meta!.id), 'content.json')
    const { hash } = JSON.parse(readFileSync(record, 'utf8')) as { hash: string }
    rmSync(record)
    expect(await everything(workspace)).toEqual(await everything(intact[kind]!))
    await store.verify(meta!.id)
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({ hash })
  })
})

test('the list on the command line says which dataset is damaged', async () => {
  const workspace = path.join(dir, 'listed')
  cpSync(intact['arrays']!, workspace, { recursive: true })
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const [meta] = store.list()
  truncateSync(path.join(store.folderOf(meta!.id), 'labels.npy'), 130)
  const listed = await bilevel(['datasets', 'list', '--workspace', workspace])
  expect(listed.code).toBe(0)
  expect(listed.stderr).toContain(
    'The dataset "set" is damaged: its labels.npy has 130 bytes instead of 152.'
  )
})

test('a checkpoint that was cut is a failure, at every length', async () => {
  const folder = path.join(dir, 'checkpoint')
  const arrays = { a: Float32Array.of(1, 2, 3), b: Uint8Array.of(4, 5), c: Int32Array.of(-6) }
  await writeCheckpoint(folder, { json: { epoch: 2 }, arrays }, 3.5)
  expect(await readCheckpoint(folder)).toEqual({ checkpoint: { json: { epoch: 2 }, arrays }, seconds: 3.5 })
  for (const name of ['arrays.bin', 'checkpoint.json']) {
    const file = path.join(folder, name)
    const bytes = readFileSync(file)
    for (const length of [0, 1, 11, 13, bytes.length - 1]) {
      writeFileSync(file, bytes.subarray(0, length))
      await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'bad-input' })
    }
    writeFileSync(file, bytes)
  }
  appendFileSync(path.join(folder, 'arrays.bin'), 'x')
  await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'bad-input' })
})
