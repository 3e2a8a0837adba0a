/**
 * The numbers of a fixed set of small runs as hashes, to see that a change of the code changes none of them:
 * npm run bench -- golden [write] [words of a case]. Compares with bench/golden.txt, or writes it. Hashes hold for
 * one machine and one version of TensorFlow: write them before a change, compare after it.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import yauzl from 'yauzl'
import { DatasetStore } from '../src/main/datasets'
import { importNoisySample } from '../src/main/datasets/noisy-sample'
import { createRun, trainRun, openWorkspace } from '../src/main/runs'
import type { Workspace } from '../src/main/runs'
import { goldenCases } from './golden-cases'
import type { GoldenCase } from './golden-cases'

const GOLDEN = path.join(import.meta.dirname, 'golden.txt')
const FILES = ['issues.csv', 'weights.npy', 'poisons.npz']
/** Of a report's metrics: what depends on the clock or the memory of the machine. */
const UNSTABLE = /seconds|bytes|perSecond/i

const words = process.argv.slice(2)
const writes = words[0] === 'write'
const wanted = writes ? words.slice(1) : words

const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-golden-'))
const workspace = openWorkspace(path.join(folder, 'workspace'))
try {
  const { name: dataset } = await importNoisySample(new DatasetStore(workspace.datasetsDir), 0.3)
  const cases = [...goldenCases(dataset, 'native'), ...goldenCases(dataset, 'wasm')].filter(({ name }) =>
    wanted.every((word) => name.includes(word))
  )
  const before = existsSync(GOLDEN) ? parse(readFileSync(GOLDEN, 'utf8')) : new Map<string, string>()
  const after = new Map(before)
  let changed = 0
  for (const one of cases) {
    const hashes = await run(workspace, one)
    after.set(one.name, hashes)
    const same = before.get(one.name) === hashes
    if (!same) changed++
    console.log(`${same ? 'same   ' : before.has(one.name) ? 'CHANGED' : 'new    '} ${one.name}: ${hashes}`)
  }
  if (writes) writeFileSync(GOLDEN, [...after].map(([name, hashes]) => `${name}: ${hashes}\n`).join(''))
  console.log(`${cases.length} cases, ${changed} not as in bench/golden.txt`)
  process.exitCode = changed > 0 && !writes ? 1 : 0
} finally {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
}

function parse(text: string): Map<string, string> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(': ') as [string, string])
  )
}

/** Run a case to its end; paused ones are interrupted at their third step and continued. */
async function run(place: Workspace, { spec, pause }: GoldenCase): Promise<string> {
  const record = createRun({ workspace: place, spec })
  if (pause) {
    const stop = new AbortController()
    const onEvent = (event: { type: string }): void => {
      if (event.type === 'metric') stop.abort()
    }
    const { report } = await trainRun(place, record.id, { pause: stop.signal, onEvent })
    if (!report) place.store.move(record.id, 'queued')
    else console.log('        (it had ended before it could be paused)')
  }
  const state = place.store.get(record.id).state
  if (state !== 'done') await trainRun(place, record.id)
  const report = readReport(record.outputDir)
  const metrics = JSON.stringify(report.metrics, (key, value: unknown) =>
    UNSTABLE.test(key) ? undefined : value
  )
  const files = FILES.map((name) => path.join(record.outputDir, name)).filter(existsSync)
  return [
    `metrics ${hash(metrics)}`,
    ...(await Promise.all(files.map(async (file) => `${path.basename(file)} ${hash(await contentOf(file))}`)))
  ].join(', ')
}

/** A file's bytes; of an archive what is in it, however it is packed. */
async function contentOf(file: string): Promise<string | Buffer> {
  const bytes = readFileSync(file)
  if (!file.endsWith('.npz')) return bytes
  const zip = await yauzl.fromBufferPromise(bytes, { lazyEntries: true })
  const entries: string[] = []
  for await (const { fileName, crc32 } of zip.eachEntry()) entries.push(`${fileName} ${crc32}`)
  return entries.join('\n')
}

function readReport(outputDir: string): { metrics: unknown } {
  return JSON.parse(readFileSync(path.join(outputDir, 'report.json'), 'utf8')) as { metrics: unknown }
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}
