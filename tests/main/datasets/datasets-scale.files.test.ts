import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { DatasetStore } from '@main/datasets'
import { Random } from '@shared/numerics/random'
import { isComplete } from '@support/complete'

const PROJECT = path.resolve(import.meta.dirname, '../../..')
const SCRIPT = path.join(PROJECT, 'tests/support/measure-datasets.ts')
const COUNT = 60_000
/** What importing or exporting as many images as MNIST may add to the process. */
const MOST_MIB = 300

interface Measured {
  readonly count: number
  readonly grownMiB: number
  readonly progress: number
}

/** Run the measuring process; with `killAtStart`, kill -9 it when it reports its first progress. */
function measure(args: readonly string[], killAtStart = false): Promise<Measured | 'killed'> {
  return new Promise((resolve, reject) => {
    const child = fork(SCRIPT, args, { cwd: PROJECT, execArgv: ['--import', 'tsx'], silent: true })
    let output = ''
    let errors = ''
    child.stdout?.on('data', (text) => (output += text))
    child.stderr?.on('data', (text) => (errors += text))
    child.on('message', () => {
      if (killAtStart) child.kill('SIGKILL')
    })
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed')
      else if (code === 0) resolve(JSON.parse(output) as Measured)
      else reject(new Error(`exit ${code}: ${errors}`))
    })
  })
}

/** An IDX set with the size of MNIST: mostly black, as it is. */
function writeLikeMnist(folder: string): void {
  mkdirSync(folder)
  const random = new Random(1)
  const images = Buffer.alloc(16 + COUNT * 784)
  images.writeUInt32BE(0x803)
  images.writeUInt32BE(COUNT, 4)
  images.writeUInt32BE(28, 8)
  images.writeUInt32BE(28, 12)
  for (let i = 0; i < COUNT; i++) {
    for (let j = 0; j < 100; j++) images[16 + i * 784 + 200 + 3 * j] = random.uint32() & 255
  }
  const labels = Buffer.alloc(8 + COUNT)
  labels.writeUInt32BE(0x801)
  labels.writeUInt32BE(COUNT, 4)
  for (let i = 0; i < COUNT; i++) labels[8 + i] = i % 10
  writeFileSync(path.join(folder, 'train-images-idx3-ubyte'), images)
  writeFileSync(path.join(folder, 'train-labels-idx1-ubyte'), labels)
}

describe('60,000 images', () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'bilevel-scale-'))
    writeLikeMnist(path.join(root, 'source'))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** What is written row by row takes long: a part of it says whether memory grows with the rows. */
  const part = (divisor: number): number => (isComplete ? COUNT : COUNT / divisor)
  it.each([
    ['idx', COUNT],
    ['npz', COUNT],
    ['table', part(4)],
    // A file a row.
    ['images', part(8)]
  ] as const)(
    `are exported as %s (%i of them) and imported again in less than ${MOST_MIB} MiB`,
    async (format, count) => {
      const out = path.join(root, `out-${format}`)
      const exported = await measure([
        'export',
        path.join(root, 'work'),
        `${path.join(root, 'source')}${count < COUNT ? `#train[0:${count}]` : ''}`,
        format,
        out
      ])
      const imported = await measure(['import', path.join(root, 'work'), out])
      for (const measured of [exported, imported]) {
        if (measured === 'killed') throw new Error('the process was killed')
        expect(measured.count).toBe(count)
        // What is copied byte by byte is done at once.
        const isCopied = measured === exported && format === 'idx'
        expect(measured.progress).toBeGreaterThan(isCopied ? 0 : count < COUNT ? 2 : 5)
        expect(measured.grownMiB).toBeLessThan(MOST_MIB)
      }
    }
  )

  it('leave nothing visible when the import is killed', async () => {
    const workspace = path.join(root, 'killed')
    expect(await measure(['import', workspace, path.join(root, 'source')], true)).toBe('killed')
    const datasets = path.join(workspace, 'datasets')
    expect(existsSync(datasets) && readdirSync(datasets).every((name) => name.startsWith('.writing-'))).toBe(
      true
    )
    const store = new DatasetStore(datasets)
    expect(store.list()).toEqual([])
    expect(readdirSync(datasets)).toEqual([])
    expect((await store.importFrom(path.join(root, 'source'))).count).toBe(COUNT)
  })

  it('leave no output folder when the export is killed', async () => {
    const parent = path.join(root, 'outputs')
    mkdirSync(parent)
    const args = [
      'export',
      path.join(root, 'work'),
      path.join(root, 'source'),
      'images',
      path.join(parent, 'out')
    ]
    expect(await measure(args, true)).toBe('killed')
    expect(existsSync(path.join(parent, 'out'))).toBe(false)
  })
})
