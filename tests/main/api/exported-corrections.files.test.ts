import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { Readers } from '@main/api/readers'
import { RunData } from '@main/api/run-data'
import { DatasetStore, exportDataset, npyFile, readNamedArrays, resolveReference } from '@main/datasets'
import { JobStore } from '@main/jobs'
import { openWorkspace } from '@main/runs'
import type { DatasetFormat } from '@shared/domain/dataset'
import { npzFile, storedZip } from '@support/array-files'
import { temporaryFolder } from '@support/command'
import { filesBelow } from '@support/datasets'
import { seededRun } from '@support/seeded-run'
import { exportsOf, reviewsOf, trustOf } from '@support/procedures'

const COUNT = 12
/** Class of each row in the source, and after all that is decided below. */
const GIVEN = Array.from({ length: COUNT }, (_, row) => Number(row >= 6))
const RIGHT = GIVEN.map((label, row) => ([1, 2, 8].includes(row) ? 1 - label : label))
const WRITTEN = GIVEN.map((_, row) => row).filter((row) => row !== 3 && row !== 9)
const NAMES = ['cat', 'dog']

interface Kind {
  readonly format: DatasetFormat
  readonly classNames?: readonly string[]
  /** @returns the file or folder to import */
  make(dir: string): Promise<string>
  compare(out: string, source: string): Promise<void>
}

/** Photographs by path, none as large as another. */
async function photographs(): Promise<Record<string, Buffer>> {
  const made = GIVEN.map(async (label, row) => {
    const background = { r: 20 * row, g: 90, b: 255 - 20 * row }
    const picture = sharp({ create: { width: 18 + 5 * row, height: 70 - 4 * row, channels: 3, background } })
    const name = `${NAMES[label]}/${String(row).padStart(2, '0')}.${row % 2 ? 'jpg' : 'png'}`
    return [name, await (row % 2 ? picture.jpeg() : picture.png()).toBuffer()] as const
  })
  return Object.fromEntries(await Promise.all(made))
}

async function comparePhotographs(out: string): Promise<void> {
  const pictures = Object.entries(await photographs())
  const written = filesBelow(out).filter((file) => /\.(jpg|png)$/.test(file))
  expect(written).toHaveLength(WRITTEN.length)
  for (const row of WRITTEN) {
    const [name, bytes] = pictures[row]!
    const place = written.find((file) => path.basename(file) === path.basename(name))!
    expect(path.basename(path.dirname(place)), name).toBe(NAMES[RIGHT[row]!])
    expect(readFileSync(path.join(out, place)).equals(bytes), name).toBe(true)
  }
}

const tableLine = (row: number, label: number): string => `${row}.50,0${row},${NAMES[label]}`
const tableText = (rows: readonly number[], labels: readonly number[]): string =>
  ['size,place,label', ...rows.map((row) => tableLine(row, labels[row]!)), ''].join('\n')

const values = Float32Array.from({ length: COUNT * 5 }, (_, i) => i / 7)

const KINDS: Record<string, Kind> = {
  'a folder of photographs': {
    format: 'images',
    make: async (dir) => {
      const folder = path.join(dir, 'photos')
      for (const [name, bytes] of Object.entries(await photographs())) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
        writeFileSync(path.join(folder, name), bytes)
      }
      return folder
    },
    compare: comparePhotographs
  },
  'a zip of photographs': {
    format: 'images',
    make: async (dir) => {
      writeFileSync(path.join(dir, 'photos.zip'), storedZip(await photographs()))
      return path.join(dir, 'photos.zip')
    },
    compare: comparePhotographs
  },
  NPZ: {
    format: 'npz',
    classNames: ['0', '1'],
    make: async (dir) => {
      const x = npyFile({ shape: [COUNT, 5], values })
      const y = npyFile({ shape: [COUNT], values: Int32Array.from(GIVEN) })
      writeFileSync(path.join(dir, 'set.npz'), npzFile({ x, y }))
      return path.join(dir, 'set.npz')
    },
    compare: async (out) => {
      const file = filesBelow(out).find((name) => name.endsWith('.npz'))!
      const arrays = await readNamedArrays(path.join(out, file))
      expect([...arrays.keys()].sort()).toEqual(['x', 'y'])
      expect(arrays.get('x')!.shape).toEqual([WRITTEN.length, 5])
      const rows = WRITTEN.flatMap((row) => [...values.subarray(5 * row, 5 * row + 5)])
      expect([...arrays.get('x')!.values]).toEqual(rows)
      expect([...arrays.get('y')!.values]).toEqual(WRITTEN.map((row) => RIGHT[row]))
    }
  },
  CSV: {
    format: 'table',
    make: async (dir) => {
      const all = GIVEN.map((_, row) => row)
      writeFileSync(path.join(dir, 'table.csv'), tableText(all, GIVEN))
      return path.join(dir, 'table.csv')
    },
    compare: async (out) => {
      const file = filesBelow(out).find((name) => name.endsWith('.csv'))!
      const expected = tableText(WRITTEN, RIGHT)
      expect(readFileSync(path.join(out, file), 'utf8')).toBe(expected)
    }
  },
  Parquet: {
    format: 'table',
    make: async (dir) => {
      const file = path.join(dir, 'table.csv')
      const rows = GIVEN.map((label, row) => `${row / 7},${row},${NAMES[label]}`)
      writeFileSync(file, ['size,place,label', ...rows, ''].join('\n'))
      const selection = await resolveReference(new DatasetStore(path.join(dir, 'making')), file)
      const out = path.join(dir, 'parquet')
      await exportDataset(selection, { format: 'table', tableType: 'parquet', out })
      selection.close()
      return path.join(
        out,
        filesBelow(out).find((name) => name.endsWith('.parquet'))!
      )
    },
    compare: async (out, source) => {
      const file = filesBelow(out).find((name) => name.endsWith('.parquet'))!
      const store = new DatasetStore(path.join(out, '..', 'reading'))
      const [before, after] = [
        await resolveReference(store, source),
        await resolveReference(store, path.join(out, file))
      ]
      onTestFinished(() => [before, after].forEach((selection) => selection.close()))
      expect(after.readRaw(WRITTEN.map((_, place) => place))).toEqual(before.readRaw(WRITTEN))
      const labels = Array.from(after.labels, (label) => after.classNames[label])
      expect(labels).toEqual(WRITTEN.map((row) => NAMES[RIGHT[row]!]))
    }
  }
}

test.each(Object.keys(KINDS))('%s: what is exported is the source and what was decided', async (kind) => {
  const { format, make, compare, classNames = NAMES } = KINDS[kind]!
  const dir = temporaryFolder()
  const workspace = openWorkspace(path.join(dir, 'workspace'))
  const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const runData = new RunData(workspace, datasets)
  onTestFinished(() => {
    runData.close()
    workspace.close()
  })
  const readers = new Readers()
  const shared = {
    workspace,
    datasets,
    readers,
    jobs: new JobStore(workspace.jobs),
    selectionOf: runData.selectionOf.bind(runData),
    shell: { allow: (folder: string) => folder, offer: () => null }
  }
  const first = { ...shared, connection: readers.connect() }
  const second = { ...shared, connection: readers.connect() }

  const source = await make(dir)
  const { id: dataset } = await datasets.importFrom(source, { name: 'before', imageSize: 8 })
  const before = datasets.open(dataset)
  expect(before.classNames).toEqual(classNames)
  expect([...before.givenLabels]).toEqual(GIVEN)
  before.close()
  await trustOf(first).mark({ dataset, marks: [1, 2, 7].map((row) => ({ row, label: 1 })) })
  const run = await seededRun(
    shared,
    dataset,
    RIGHT.map((label, row) => ({
      given: classNames[row === 1 || row === 2 ? label : GIVEN[row]!]!,
      predicted: classNames[label]!,
      flagged: [2, 3, 4, 8, 9].includes(row)
    }))
  )
  const { vouched } = await reviewsOf(first).issues({ run })
  expect(vouched).toMatchObject([{ row: 2, action: 'relabel', label: 1, by: workspace.user }])
  expect(await reviewsOf(first).vouched({ run })).toEqual(vouched)
  const drop = (row: number) => ({ row, decision: { action: 'drop' as const } })
  const relabel = { row: 8, decision: { action: 'relabel' as const, label: 0 } }
  await reviewsOf(first).decide({ run, changes: [drop(3), relabel], summary: 'two' })
  datasets.rename(dataset, 'after')
  const reviews = reviewsOf(second)
  await reviews.decide({ run, changes: [drop(9), drop(10)], summary: 'two more' })
  await reviews.undo({ run, leaveOthers: false })
  const keep = { row: 4, decision: { action: 'keep' as const } }
  await reviews.decide({ run, changes: [drop(9), keep], summary: 'two others' })

  const out = path.join(dir, 'out')
  const order = { run, dataset: null, format, out, undecided: 'drop' } as const
  for await (const news of await exportsOf(second).write(order)) void news
  await compare(out, source)
  const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
    changes: { row: number; by: string; at: string }[]
  }
  expect(manifest).toMatchObject({ examples: 10, kept: 7, dropped: 2, relabelled: 3, corrected: 2, run })
  const { marks } = await trustOf(first).get({ dataset })
  const { decisions } = await reviewsOf(first).get({ run })
  const changed = (row: number, action: string, decidedBy: string): object => {
    const { by, at } = [...(decidedBy === 'trust' ? marks : decisions)].find((one) => one.row === row)!
    expect([by, Date.parse(at) > 0]).toEqual([workspace.user, true])
    return { row, action, decidedBy, by, at, given: classNames[GIVEN[row]!] }
  }
  expect(manifest.changes).toMatchObject([
    changed(1, 'relabel', 'trust'),
    changed(2, 'relabel', 'trust'),
    changed(3, 'drop', 'review'),
    changed(4, 'keep', 'review'),
    changed(8, 'relabel', 'review'),
    changed(9, 'drop', 'review')
  ])
})
