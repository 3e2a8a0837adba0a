// What averaging v between shards costs against one process: npm run bench -- shards [sets] [seeds] [epochs]
// The engine itself: each shard is a solver of its own with its own examples and their u, on the same trusted examples;
// after every k upper steps the shards' v are averaged, and nothing else. All make the same passes over the data and as
// many steps: a shard of S takes a share 1/S of each batch. Prints Markdown: mean and sample standard deviation over seeds,
// each of which draws the wrong labels, the shards and the batches.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { selectBackend } from '@engine/backends'
import { buildSolver } from '@engine/bilevel/methods'
import type { Solver } from '@engine/bilevel/solver'
import { auroc } from '@engine/tasks/denoising/detection'
import { ImportanceBatches } from '@engine/tasks/denoising/importance-batches'
import { ImportanceProblem, weightOf } from '@engine/tasks/denoising/importance-problem'
import type { ImportanceBatch } from '@engine/tasks/denoising/importance-problem'
import { prepareRun } from '@engine/tasks/denoising/prepared-run'
import type { PreparedRun } from '@engine/tasks/denoising/prepared-run'
import { findStart } from '@engine/tasks/denoising/starting-point'
import type { StartingPoint } from '@engine/tasks/denoising/starting-point'
import { argMaxRows, predictProbabilities } from '@engine/tasks/shared/classifier-training'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import type { ExampleSource, TaskRun } from '@engine/tasks/shared/task-run'
import { corruptLabels, DatasetStore, resolveReference } from '@main/datasets'
import { denoisingSpec } from '@shared/domain/task-spec'
import { Random } from '@shared/numerics/random'
import { pick, readSet } from './label-error-sets'
import type { LabelErrorSet } from './label-error-sets'

const [sets = 'mnist,banking77,cifar10n', seedText = '3', epochText = '4'] = process.argv.slice(2)
const SHARDS = [2, 4, 8]
/** Upper steps between two averages; Infinity: once, at the end. */
const EVERY = [1, 16, Infinity]
const NOISE = 0.2
const TRUSTED_A_CLASS = 5
const MNIST = path.join(process.env['BILEVEL_TEST_DATA'] ?? '../shared/data', 'mnist')

const QUIET: TaskRun = {
  emit: () => undefined,
  poll: () => Promise.resolve('continue'),
  seconds: () => 0,
  saveCheckpoint: () => Promise.resolve()
}

/** 8,000 of MNIST's training images, as rows of pixels; 2,000 others to trust and to test with. */
async function mnist(): Promise<LabelErrorSet | undefined> {
  if (!existsSync(MNIST)) return undefined
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-bench-'))
  try {
    const found = await resolveReference(
      new DatasetStore(path.join(folder, 'datasets')),
      `${MNIST}#train[0:10000]`,
      {}
    )
    const rows = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
    const part = (wanted: number[]): LabelErrorSet['pool'] => ({
      features: found.readRows(wanted),
      labels: Int32Array.from(wanted, (row) => found.labels[row]!)
    })
    const [doubtful, pool] = [part(rows(0, 8000)), part(rows(8000, 10_000))]
    found.close()
    return { name: 'mnist', shape: [28, 28, 1], classes: 10, doubtful, pool }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sourceOf(set: LabelErrorSet, from: LabelErrorSet['pool'], labels: Int32Array): ExampleSource {
  return {
    count: labels.length,
    shape: set.shape,
    classNames: Array.from({ length: set.classes }, (_, k) => String(k)),
    labels,
    readRows: (rows) => pick(from, Array.from(rows)).features
  }
}

/** Trusted examples of each class from the pool, and the others, which test. */
function partedPool({ pool, classes }: LabelErrorSet): { trusted: number[]; test: number[] } {
  const taken = new Map<number, number>()
  const trusted: number[] = []
  const test: number[] = []
  pool.labels.forEach((label, row) => {
    const seen = taken.get(label) ?? 0
    taken.set(label, seen + 1)
    // Where the pool is small, half of it tests.
    const most = Math.min(TRUSTED_A_CLASS, Math.floor(pool.labels.length / classes / 2))
    if (seen < Math.max(1, most)) trusted.push(row)
    else test.push(row)
  })
  return { trusted, test }
}

interface Shard {
  readonly rows: Int32Array
  readonly batches: ImportanceBatches
  readonly solver: Solver<ImportanceBatch>
}

function shardOf(
  prepared: PreparedRun,
  start: StartingPoint,
  rows: Int32Array,
  { seed, count }: { seed: number; count: number }
): Shard {
  const { train, network, trusted, settings, spec } = prepared
  const own = new ResidentExamples({
    count: rows.length,
    shape: train.shape,
    classNames: Array.from({ length: train.classes }, (_, k) => String(k)),
    labels: Int32Array.from(rows, (row) => train.labels[row]!),
    readRows: (wanted) => train.read(Array.from(wanted, (row) => rows[row]!))
  })
  const weights = Float32Array.from(rows, (row) => start.weights[row]!)
  const problem = new ImportanceProblem(network, weights, start.lower)
  const share = (size: number): number => Math.ceil(size / count)
  const sizes = {
    batchSize: share(settings.batchSize),
    trustedBatchSize: Math.min(share(settings.trustedBatchSize), trusted.rows.length)
  }
  return {
    rows,
    batches: new ImportanceBatches(network, own, trusted, sizes, seed),
    solver: buildSolver(spec.method, problem, { ...settings.solver, compiles: false }, spec)
  }
}

/** v of all shards becomes their mean; u, and what each method remembers, stay where they are. */
function average(shards: readonly Shard[]): Float32Array {
  const all = shards.map(({ solver }) => solver.lower())
  const mean = all[0]!.map((_, i) => all.reduce((sum, v) => sum + v[i]!, 0) / all.length)
  for (const { solver } of shards) {
    const state = solver.save()
    solver.restore({ ...state, arrays: { ...state.arrays, lower: mean } })
  }
  return mean
}

interface Outcome {
  readonly auroc: number
  readonly accuracy: number
  readonly rounds: number
  readonly stepsOfShard: number
}

function train(
  prepared: PreparedRun,
  start: StartingPoint,
  { count, every, seed }: { count: number; every: number; seed: number },
  score: (v: Float32Array) => number,
  wrong: Uint8Array
): Outcome {
  const order = Random.derive(seed, 'shards').permutation(prepared.train.count)
  const size = Math.ceil(order.length / count)
  const shards = Array.from({ length: count }, (_, i) =>
    shardOf(prepared, start, Int32Array.from(order.subarray(i * size, (i + 1) * size)), {
      seed: seed + i,
      count
    })
  )
  const steps = Number(epochText) * shards[0]!.batches.perEpoch
  let rounds = 0
  let v = start.lower
  for (let step = 1; step <= steps; step++) {
    for (const { solver, batches } of shards) {
      const batch = batches.next()
      const result = solver.step(batch)
      batches.release(batch)
      if (!result.ok) throw new Error(result.divergence.sentence)
    }
    if (step % every !== 0 && step !== steps) continue
    v = average(shards)
    rounds++
  }
  const weights = new Float32Array(prepared.train.count)
  for (const { rows, solver } of shards) rows.forEach((row, i) => (weights[row] = weightOf(solver.upper[i]!)))
  for (const { solver } of shards) solver.dispose()
  return { auroc: auroc(weights, wrong), accuracy: score(v), rounds, stepsOfShard: steps }
}

/** What each way of training reached, by seed, in the order of the table. */
type Table = Map<string, Outcome[]>

function note(table: Table, row: string, outcome: Outcome): void {
  table.set(row, [...(table.get(row) ?? []), outcome])
}

/** Adds one seed to the table of a set. */
async function measure(set: LabelErrorSet, seed: number, table: Table): Promise<void> {
  const labels = corruptLabels(set.doubtful.labels, { noise: NOISE, pattern: 'uniform', seed })
  const wrong = Uint8Array.from(labels, (label, i) => Number(label !== set.doubtful.labels[i]))
  const { trusted, test } = partedPool(set)
  const of = (rows: number[]): ExampleSource => {
    const chosen = pick(set.pool, rows)
    return sourceOf(set, chosen, chosen.labels)
  }
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: set.name,
    trusted: set.name,
    model: 'logistic',
    crossValidation: 0,
    heldBack: 0,
    batchSize: Math.min(200, Math.floor(labels.length / 20)),
    seed
  })
  const prepared = prepareRun(
    { train: sourceOf(set, set.doubtful, labels), trusted: of(trusted), test: of(test) },
    spec,
    QUIET
  )
  const start = await findStart(prepared)
  const tested = prepared.test!
  const score = (v: Float32Array): number => {
    const predicted = argMaxRows(predictProbabilities(prepared.network, v, tested), set.classes)
    return (
      predicted.reduce((sum, label, i) => sum + Number(label === tested.examples.labels[i]), 0) /
      predicted.length
    )
  }
  note(table, '(start) |', {
    auroc: auroc(start.weights, wrong),
    accuracy: score(start.lower),
    rounds: 0,
    stepsOfShard: 0
  })
  const run = (count: number, every: number): void => {
    const k = count === 1 ? '' : every === Infinity ? 'the end' : String(every)
    note(table, `${count} | ${k}`, train(prepared, start, { count, every, seed }, score, wrong))
  }
  run(1, Infinity)
  for (const count of SHARDS) for (const every of EVERY) run(count, every)
}

/** Mean and sample standard deviation. */
function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length < 2) return mean.toFixed(3)
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return `${mean.toFixed(3)} ± ${Math.sqrt(square).toFixed(3)}`
}

function print(table: Table): void {
  console.log('| shards | averaged every | steps of a shard | rounds | AUROC of the weights | accuracy |')
  console.log('|---|---|---|---|---|---|')
  for (const [row, outcomes] of table) {
    const [{ stepsOfShard, rounds }] = outcomes as [Outcome]
    const areas = spread(outcomes.map((outcome) => outcome.auroc))
    const accuracies = spread(outcomes.map(({ accuracy }) => accuracy))
    console.log(`| ${row} | ${stepsOfShard || ''} | ${rounds || ''} | ${areas} | ${accuracies} |`)
  }
}

const backend = await selectBackend('auto')
console.log(
  `${backend.info.name}, ${epochText} passes, ${NOISE * 100} % of the labels wrong, ${seedText} seeds`
)
for (const name of sets.split(',')) {
  const set = name === 'mnist' ? await mnist() : await readSet(name)
  if (!set) continue
  const table: Table = new Map()
  const before = process.cpuUsage()
  for (let seed = 0; seed < Number(seedText); seed++) await measure(set, seed, table)
  const { user, system } = process.cpuUsage(before)
  const { doubtful, pool } = set
  const size = `${doubtful.labels.length} examples, ${set.shape.join(' x ')}, ${set.classes} classes, ${pool.labels.length} to trust and test with`
  console.log(`\n${name}: ${size}; ${Math.round((user + system) / 1e6)} CPU s\n`)
  print(table)
}
