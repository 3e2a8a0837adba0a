/**
 * The numbers of a fixed set of small runs as hashes, to see that a change of the code changes none of them:
 * npm run bench -- golden [write] [words of a case]. Compares with bench/golden.txt, or writes it. Hashes hold for
 * one machine and one version of TensorFlow: write them before a change, compare after it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatasetStore } from '../src/main/datasets'
import { importNoisySample } from '../src/main/datasets/noisy-sample'
import { createRun, trainRun, openWorkspace } from '../src/main/runs'
import type { Workspace } from '../src/main/runs'
import { goldenCases } from './golden-cases'
import type { GoldenCase } from './golden-cases'
import { numbersIn } from './run-numbers'

const GOLDEN = path.join(import.meta.dirname, 'golden.txt')

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
  return numbersIn(record.outputDir)
}
