// Cost of an upper step with its T lower steps, batches read from memory: npm run bench -- cost [--rounds n]
import { parseArgs } from 'node:util'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { buildModel } from '@engine/models/classifier'
import { BatchOrder } from '@engine/tasks/shared/batch-order'
import { ImportanceProblem } from '@engine/tasks/denoising/importance-problem'
import { ResidentExamples, disposeBatch } from '@engine/tasks/shared/resident-examples'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { Random } from '@shared/numerics/random'
import { CLASSES, SETTINGS } from './step-cases'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
await selectBackend('native')

const SHAPE = [28, 28, 1]
const SIZE = 784
const BATCH = 200

/** Random digits, so that any size can be had; bytes as on disk, scaled when read. */
function examples(count: number): ResidentExamples {
  const random = new Random(3)
  const pixels = Uint8Array.from({ length: count * SIZE }, () => random.below(256))
  const source: ExampleSource = {
    count,
    shape: SHAPE,
    classNames: Array.from({ length: CLASSES }, (_, i) => String(i)),
    labels: Int32Array.from({ length: count }, (_, i) => i % CLASSES),
    readRows: (rows) => {
      const out = new Float32Array(rows.length * SIZE)
      for (let i = 0; i < rows.length; i++) {
        for (let k = 0; k < SIZE; k++) out[i * SIZE + k] = pixels[rows[i]! * SIZE + k]! / 255
      }
      return out
    }
  }
  return new ResidentExamples(source)
}

interface Setting {
  readonly label: string
  readonly count: number
  readonly hidden: readonly number[]
  readonly lowerSteps: number
}

/** One measurement a call: reading the batch and one upper step with its lower steps, in seconds. */
function runner({ count, hidden, lowerSteps }: Setting): () => number {
  const network = buildModel('mlp', { shape: SHAPE, classes: CLASSES, hiddenSizes: [...hidden] })
  const train = examples(count)
  const start = network.initialise(new Random(1))
  const problem = new ImportanceProblem(network, new Float32Array(count).fill(0.5), start)
  const solver = solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, ...SETTINGS, lowerSteps })
  const order = new BatchOrder(count, BATCH, new Random(2))
  return () => {
    const begun = performance.now()
    const rows = order.next()
    const batch = { rows, train: train.batch(rows), trusted: train.batch(rows), masks: [] }
    solver.step(batch)
    disposeBatch(batch.train)
    disposeBatch(batch.trusted)
    return (performance.now() - begun) / 1000
  }
}

const base: Setting = { label: '', count: 5000, hidden: [300], lowerSteps: 5 }
const SETTINGS_OF: Record<string, Setting[]> = {
  'Examples (mlp 784-300-10, T = 5)': [1, 4, 16].map((times) => ({
    ...base,
    label: String(5000 * times),
    count: 5000 * times
  })),
  'T (mlp 784-300-10, 5,000 examples)': [1, 5, 20, 80].map((lowerSteps) => ({
    ...base,
    label: String(lowerSteps),
    lowerSteps
  })),
  'Hidden units (T = 5, 5,000 examples)': [75, 300, 1200].map((units) => ({
    ...base,
    label: String(units),
    hidden: [units]
  }))
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!

for (const [title, settings] of Object.entries(SETTINGS_OF)) {
  const runners = settings.map(runner)
  const times = settings.map(() => [] as number[])
  for (const run of runners) run()
  for (let round = 0; round < Number(values.rounds); round++) {
    runners.forEach((run, i) => times[i]!.push(median([run(), run(), run()])))
  }
  console.log(`\n| ${title} | ms | against the first |\n|---|---|---|`)
  settings.forEach(({ label }, i) => {
    const ratio = median(times[i]!.map((seconds, round) => seconds / times[0]![round]!))
    console.log(`| ${label} | ${(median(times[i]!) * 1000).toFixed(1)} | ${ratio.toFixed(2)}x |`)
  })
}
