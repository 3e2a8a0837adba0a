// What docs/scale.md counts with, in one run: npm run bench -- scale [examples]
// Features of 512 numbers in 10 classes by a logistic model: examples a second read from a dataset on this disk, examples a
// second of processor time through an upper step of Penalty (T = 10), and what averaging v takes. Prints Markdown.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { selectBackend } from '@engine/backends'
import { buildSolver } from '@engine/bilevel/methods'
import { ImportanceBatches } from '@engine/tasks/denoising/importance-batches'
import { ImportanceProblem } from '@engine/tasks/denoising/importance-problem'
import { prepareRun } from '@engine/tasks/denoising/prepared-run'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { DatasetStore, resolveReference } from '@main/datasets'
import { npyFile } from '@main/datasets/export/array-archive'
import { denoisingSpec } from '@shared/domain/task-spec'
import { Random } from '@shared/numerics/random'
import { quantile } from './quantile'

const COUNT = Number(process.argv[2] ?? 20_000)
const WIDTH = 512
const CLASSES = 10
const BATCH = 1000

const random = Random.derive(1, 'scale')
const values = Float32Array.from({ length: COUNT * WIDTH }, () => random.normal())
const labels = Int32Array.from({ length: COUNT }, (_, i) => i % CLASSES)
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function reading(): Promise<string> {
  const file = path.join(folder, 'x.npy')
  writeFileSync(file, npyFile({ shape: [COUNT, WIDTH], values }))
  writeFileSync(path.join(folder, 'y.npy'), npyFile({ shape: [COUNT], values: labels }))
  const store = new DatasetStore(path.join(folder, 'datasets'))
  const found = await resolveReference(store, folder, {})
  const order = Random.derive(2, 'order').permutation(COUNT)
  const [clock, begun] = [performance.now(), cpu()]
  for (let at = 0; at < COUNT; at += BATCH) found.readRows(order.subarray(at, at + BATCH))
  const seconds = (performance.now() - clock) / 1000
  const worked = cpu() - begun
  found.close()
  return `| rows read in random order | ${Math.round(COUNT / worked)} | ${((COUNT * WIDTH * 4) / worked / 1e6).toFixed(0)} MB/s, ${((COUNT * WIDTH * 4) / seconds / 1e6).toFixed(0)} MB/s by the clock |`
}

function stepping(): string[] {
  const source = (count: number): ExampleSource => ({
    count,
    shape: [WIDTH],
    classNames: Array.from({ length: CLASSES }, (_, k) => String(k)),
    labels: labels.slice(0, count),
    readRows: (rows) => {
      const out = new Float32Array(rows.length * WIDTH)
      for (let i = 0; i < rows.length; i++)
        out.set(values.subarray(rows[i]! * WIDTH, (rows[i]! + 1) * WIDTH), i * WIDTH)
      return out
    }
  })
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: 'a',
    trusted: 'b',
    model: 'logistic',
    crossValidation: 0,
    batchSize: BATCH
  })
  const run = {
    emit: () => undefined,
    poll: () => Promise.resolve('continue' as const),
    seconds: () => 0,
    saveCheckpoint: () => Promise.resolve()
  }
  const prepared = prepareRun({ train: source(COUNT), trusted: source(2000) }, spec, run)
  const { network, settings, train, trusted } = prepared
  const v = new Float32Array(network.layout.size)
  const problem = new ImportanceProblem(network, new Float32Array(COUNT).fill(0.9), v)
  const solver = buildSolver(spec.method, problem, settings.solver, spec)
  const batches = new ImportanceBatches(network, train, trusted, settings, 0)
  const rates: number[] = []
  const steps = 60
  for (let step = 0; step < steps; step++) {
    const begun = cpu()
    const batch = batches.next()
    solver.step(batch)
    batches.release(batch)
    if (step >= steps / 3) rates.push(BATCH / (cpu() - begun))
  }
  const begun = cpu()
  for (let i = 0; i < 20; i++) {
    const state = solver.save()
    solver.restore({ ...state, arrays: { ...state.arrays, lower: solver.lower() } })
  }
  const bytes = 4 * network.layout.size
  const averaged = (cpu() - begun) / 20
  solver.dispose()
  return [
    `| upper step of Penalty, T = ${settings.solver.lowerSteps}, batches of ${BATCH} | ${Math.round(quantile(rates, 0.5))} | |`,
    `| v (${network.layout.size} numbers, ${bytes} bytes) saved and replaced, with u of ${COUNT} | | ${(1000 * averaged).toFixed(1)} ms |`
  ]
}

const { info } = await selectBackend('native')
try {
  console.log(`${info.name}, ${COUNT} examples of ${WIDTH}, ${CLASSES} classes\n`)
  console.log('| what | examples a CPU second | |\n|---|---|---|')
  for (const line of stepping()) console.log(line)
  console.log(await reading())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
