import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { RunData } from '@main/api/run-data'
import { DatasetStore, npyFile, pinSpec } from '@main/datasets'
import { JobStore } from '@main/jobs'
import { createRun, trainRun, openWorkspace } from '@main/runs'
import type { Workspace } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'
import type { DenoisingSpec } from '@shared/domain/task-spec'
import { bilevel, temporaryFolder } from '@support/command'
import { exportsOf, reviewsOf } from '@support/procedures'

const dir = temporaryFolder()
const COUNT = 80
let workspace: Workspace
let datasets: DatasetStore
let runData: RunData

/** 4 x 4 pictures of two classes, dark and bright, each with a pixel of its own; `shade` tells sets apart. */
function pixelsOf(shade: number): Uint8Array {
  return Uint8Array.from({ length: COUNT * 16 }, (_, i) => {
    const row = Math.floor(i / 16)
    return i % 16 === 0 ? row : (row % 2 === 0 ? 20 : 220) + shade
  })
}

function writeSource(folder: string, shade: number): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'x.npy'), npyFile({ shape: [COUNT, 4, 4, 1], values: pixelsOf(shade) }))
  const labels = Int32Array.from({ length: COUNT }, (_, row) => row % 2)
  writeFileSync(path.join(folder, 'y.npy'), npyFile({ shape: [COUNT], values: labels }))
  return folder
}

const specOf = (train: string): DenoisingSpec =>
  denoisingSpec.parse({
    task: 'denoising',
    train,
    trusted: `${train}[0:20]`,
    epochs: 2,
    backend: 'wasm'
  })

async function trained(spec: DenoisingSpec): Promise<string> {
  const { id } = createRun({ workspace, spec: await pinSpec(datasets, spec) })
  expect((await trainRun(workspace, id)).record.state).toBe('done')
  return id
}

/** What an export of a run as it is writes: the pixels, byte by byte. */
async function exported(run: string): Promise<Buffer> {
  const { table, exports } = await reviewed(run)
  const out = path.join(dir, `out-${Math.random()}`)
  const rows = table.given.map((_, row) => ({ row, decision: { action: 'keep' as const } }))
  const { decide } = reviewsOf(context())
  await decide({ run, changes: rows, summary: 'keep all' } as Parameters<typeof decide>[0])
  for await (const news of await exports.write({
    run,
    dataset: null,
    undecided: 'keep',
    out,
    format: 'npy'
  })) {
    if (news.type === 'done') break
  }
  // As NumPy reads it: a header of a length of its own, then the bytes.
  const file = readFileSync(path.join(out, 'x.npy'))
  return file.subarray(file.length - COUNT * 16)
}

function context(): Parameters<typeof exportsOf>[0] {
  return {
    workspace,
    datasets,
    jobs: new JobStore(workspace.jobs),
    selectionOf: runData.selectionOf.bind(runData),
    shell: { allow: (folder: string) => folder, offer: () => null }
  }
}

async function reviewed(run: string): Promise<{
  table: Awaited<ReturnType<ReturnType<typeof reviewsOf>['issues']>>
  exports: ReturnType<typeof exportsOf>
}> {
  const table = await reviewsOf(context()).issues({ run })
  return { table, exports: exportsOf(context()) }
}

/** As a workbench that is started again knows it. */
function afresh(): void {
  runData.close()
  runData = new RunData(workspace, datasets)
}

beforeAll(() => {
  workspace = openWorkspace(path.join(dir, 'workspace'))
  datasets = new DatasetStore(workspace.datasetsDir)
  runData = new RunData(workspace, datasets)
})
afterAll(() => {
  runData.close()
  workspace.close()
})

test('two runs, a rename, another dataset under the old name: each export has the pixels of its own', async () => {
  const first = await datasets.importFrom(writeSource(path.join(dir, 'a'), 0), { name: 'photos' })
  const old = await trained(specOf('photos'))
  datasets.rename(first.id, 'photos of May')
  await datasets.importFrom(writeSource(path.join(dir, 'b'), 7), { name: 'photos' })
  const young = await trained(specOf('photos'))
  afresh()
  expect(await exported(old)).toEqual(Buffer.from(pixelsOf(0)))
  expect(await exported(young)).toEqual(Buffer.from(pixelsOf(7)))

  // Run again from the review: on the old pixels, called as they are today.
  const next = (await reviewsOf(context()).continuation({ run: old })) as DenoisingSpec
  expect(next.train).toBe('photos of May')
  const again = await trained(next)
  expect(await exported(again)).toEqual(Buffer.from(pixelsOf(0)))

  // What a run started from must have seen the same data.
  const { outputDir } = workspace.store.get(old)
  await expect(trained({ ...specOf('photos'), startFrom: outputDir })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('was trained on other data than photos') as string
  })
})

test('a run keeps to what its file was, through resume and export', async () => {
  const source = writeSource(path.join(dir, 'c'), 3)
  const { id } = createRun({ workspace, spec: await pinSpec(datasets, specOf(source)) })
  writeSource(source, 11)
  expect((await trainRun(workspace, id)).record.state).toBe('done')
  afresh()
  expect(await exported(id)).toEqual(Buffer.from(pixelsOf(3)))

  // Without the import of what it was: refused, in words, and never the other pixels.
  rmSync(path.join(workspace.dir, 'cache'), { recursive: true })
  afresh()
  await expect(exported(id)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(path.join(source, 'x.npy')) as string
  })
  const waiting = createRun({ workspace, spec: workspace.store.get(id).spec })
  await expect(trainRun(workspace, waiting.id)).rejects.toMatchObject({ code: 'conflict' })
  expect(workspace.store.get(waiting.id)).toMatchObject({ state: 'failed', failure: { code: 'conflict' } })
})

test('spec.yaml of a run can be run again, and says what to do where its data are not these', async () => {
  const [run] = workspace.store
    .list()
    .filter(({ spec, state }) => 'train' in spec && spec.train === 'photos' && state === 'done')
  const file = path.join(run!.outputDir, 'spec.yaml')
  const spec = parse(readFileSync(file, 'utf8')) as DenoisingSpec
  expect(spec).toMatchObject({ train: 'photos', pins: [{ source: 'photos' }] })
  const elsewhere = path.join(dir, 'elsewhere')
  const there = new DatasetStore(path.join(elsewhere, 'datasets'))
  await there.importFrom(path.join(dir, 'a'), { name: 'photos' })
  const run2 = ['run', file, '--workspace', elsewhere, '--quiet']
  const refused = await bilevel([...run2, '--out', path.join(dir, 'again')])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('"photos" holds other content')
  expect(refused.stderr).toContain('remove "pins"')
  expect(readdirSync(dir)).not.toContain('again')

  writeFileSync(path.join(dir, 'edited.yaml'), stringify({ ...spec, pins: undefined }))
  const done = await bilevel([
    'run',
    path.join(dir, 'edited.yaml'),
    ...run2.slice(2),
    '--out',
    path.join(dir, 'again')
  ])
  expect(done).toMatchObject({ code: 0 })
})

test('a row that was left out is not trained on: the run is one on data without it, whatever is decided later', async () => {
  const store = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const left = 33
  const { id } = await store.importFrom(writeSource(path.join(dir, 'd'), 5), { name: 'leaving' })
  const lacking = path.join(dir, 'e')
  mkdirSync(lacking)
  const rows = Array.from({ length: COUNT }, (_, row) => row).filter((row) => row !== left)
  const pixels = rows.flatMap((row) => [...pixelsOf(5).subarray(16 * row, 16 * row + 16)])
  const x = { shape: [rows.length, 4, 4, 1], values: Uint8Array.from(pixels) }
  writeFileSync(path.join(lacking, 'x.npy'), npyFile(x))
  const y = { shape: [rows.length], values: Int32Array.from(rows, (row) => row % 2) }
  writeFileSync(path.join(lacking, 'y.npy'), npyFile(y))
  await store.importFrom(lacking, { name: 'lacking' })

  workspace.trust.exclusions.decide(id, [{ row: left, decision: { action: 'drop' } }], 'leave out')
  const spec = await pinSpec(store, specOf('leaving'))
  workspace.trust.exclusions.undo(id)
  expect((await pinSpec(store, specOf('leaving'))).pins?.[0]).not.toHaveProperty('leftOut')
  const run = createRun({ workspace, spec }).id
  await trainRun(workspace, run)
  const report = readFileSync(path.join(workspace.store.get(run).outputDir, 'report.json'), 'utf8')
  expect(JSON.parse(report)).toMatchObject({ data: { train: COUNT, leftOut: 1 } })
  expect(report).toContain('1 example of the training data that people left out was not trained on.')

  const linesOf = (of: string): string[][] =>
    readFileSync(path.join(workspace.store.get(of).outputDir, 'issues.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
  const found = linesOf(run)
  expect(found[left]!.slice(3, 5)).toEqual(['False', '1'])
  expect(found.map((line) => line.at(-1)).indexOf('True')).toBe(left)
  const other = linesOf(await trained(specOf('lacking')))
  expect(rows.map((row) => found[row]!.slice(1, -1))).toEqual(other.map((line) => line.slice(1)))
})
