import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatasetStore, npyFile, pinSpec, readNamedArrays, resolveReference } from '@main/datasets'
import { createRun, openWorkspace, trainRun } from '@main/runs'
import type { Workspace } from '@main/runs'
import type { FewShotEpisodes } from '@shared/domain/few-shot-metrics'
import { taskSpec } from '@shared/domain/task-spec'
import { Random } from '@shared/numerics/random'
import { temporaryFolder } from '@support/command'
import { isComplete } from '@support/complete'
import { writtenReport } from '@support/written-report'

const dir = temporaryFolder()
const SIDE = 8
const CLASSES = 4
const COUNT = 80
/** Rows that are left out of the one dataset, and that the other lacks. */
const LEFT = [2, 33, 34]
const ROWS = Array.from({ length: COUNT }, (_, row) => row).filter((row) => !LEFT.includes(row))

let workspace: Workspace
let store: DatasetStore

beforeAll(async () => {
  workspace = openWorkspace(path.join(dir, 'workspace'))
  store = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const { id } = await store.importFrom(sourceOf(Array.from(Array(COUNT).keys())), { name: 'leaving' })
  await store.importFrom(sourceOf(ROWS), { name: 'lacking' })
  const changes = LEFT.map((row) => ({ row, decision: { action: 'drop' as const } }))
  workspace.trust.exclusions.decide(id, changes, 'leave out')
})
afterAll(async () => {
  workspace.close()
})

/** Noisy pictures of four classes, each bright in a quarter of its own; only these rows. */
function sourceOf(rows: readonly number[]): string {
  const folder = path.join(dir, `source-${rows.length}`)
  mkdirSync(folder)
  const random = Random.derive(3, 'pictures')
  const all = Uint8Array.from({ length: COUNT * SIDE * SIDE }, (_, i) => {
    const row = Math.floor(i / (SIDE * SIDE))
    const [y, x] = [Math.floor((i % (SIDE * SIDE)) / SIDE), i % SIDE]
    const quarter = 2 * Number(y >= SIDE / 2) + Number(x >= SIDE / 2)
    return 90 * Number(quarter === row % CLASSES) + random.below(120)
  })
  const values = Uint8Array.from(
    rows.flatMap((row) => [...all.subarray(row * SIDE * SIDE, (row + 1) * SIDE * SIDE)])
  )
  const x = { shape: [rows.length, SIDE, SIDE, 1], values }
  writeFileSync(path.join(folder, 'x.npy'), npyFile(x))
  const labels = Int32Array.from(rows, (row) => row % CLASSES)
  writeFileSync(path.join(folder, 'y.npy'), npyFile({ shape: [rows.length], values: labels }))
  return folder
}

interface Trained {
  readonly folder: string
  readonly metrics: Record<string, unknown>
  readonly data: Record<string, unknown>
  readonly advice: string[]
}

async function trained(settings: Record<string, unknown>): Promise<Trained> {
  const spec = taskSpec.parse({ backend: 'wasm', ...settings })
  const { id, outputDir } = createRun({ workspace, spec: await pinSpec(store, spec) })
  const { record } = await trainRun(workspace, id)
  expect(record.state, JSON.stringify(record.failure)).toBe('done')
  return { ...(writtenReport(outputDir) as unknown as Omit<Trained, 'folder'>), folder: outputDir }
}

/** The same run on the dataset of which rows are left out, and on the one that never had them. */
async function both(settings: (data: string) => Record<string, unknown>): Promise<[Trained, Trained]> {
  const leaving = await trained(settings('leaving'))
  expect(leaving.data).toMatchObject({ train: COUNT, leftOut: LEFT.length })
  expect(leaving.advice.join()).toContain(
    '3 examples of the training data that people left out were not trained on.'
  )
  return [leaving, await trained(settings('lacking'))]
}

test('added points: poisons, victims and the exported set are of what is not left out', async () => {
  const [leaving, lacking] = await both((data) => ({
    task: 'poisoning',
    attack: 'untargeted',
    train: data,
    validation: data,
    count: 5,
    upperSteps: 3,
    victimSeeds: 1
  }))
  expect(leaving.metrics).toEqual(lacking.metrics)
  const [one, other] = await Promise.all([arraysOf(leaving), arraysOf(lacking)])
  expect(one.x).toEqual(other.x)
  expect(one.base_indices).toEqual(other.base_indices?.map((place) => ROWS[place]!))
  const [first, second] = await Promise.all([labelsOf(leaving), labelsOf(lacking)])
  expect(first).toEqual(second)
  expect(first).toHaveLength(ROWS.length + 5)
})

test('clean label: targets and bases are named by their place in all rows, and none is left out', async () => {
  const [leaving, lacking] = await both((data) => ({
    task: 'poisoning',
    attack: 'clean-label',
    train: data,
    validation: data,
    features: 'pixels',
    targets: 2,
    epochs: 4,
    upperSteps: 3
  }))
  const [one, other] = await Promise.all([arraysOf(leaving), arraysOf(lacking)])
  expect(one.x).toEqual(other.x)
  for (const name of ['base_indices', 'target_indices'])
    expect(one[name]).toEqual(other[name]?.map((place) => ROWS[place]!))
  const { trials, ...rates } = leaving.metrics
  expect(rates).toEqual({ ...lacking.metrics, trials: undefined })
  expect((trials as { target: number }[]).map(({ target }) => target)).toEqual([...one.target_indices!])
  expect(await labelsOf(leaving)).toHaveLength(ROWS.length + 1)
})

// Its data come by the same way as those of the poisons.
test.runIf(isComplete)('regularisation is tuned on what is not left out', async () => {
  const [leaving, lacking] = await both((data) => ({
    task: 'hyperparameters',
    train: data,
    validation: data,
    lowerSteps: 5,
    upperSteps: 2
  }))
  expect(leaving.metrics).toEqual(lacking.metrics)
})

test('few examples: tasks are drawn of what is not left out, and shown by their place in all rows', async () => {
  const [leaving, lacking] = await both((data) => ({
    task: 'few-shot',
    train: data,
    test: data,
    ways: 2,
    shots: 1,
    queries: 3,
    start: 'random',
    pretrainEpochs: 1,
    upperSteps: 1,
    lowerSteps: 5,
    metaBatch: 2,
    testTasks: 3,
    filters: 4,
    imageSize: 16
  }))
  expect(leaving.metrics).toEqual(lacking.metrics)
  const rowsOf = (run: Trained): number[] => {
    const file = readFileSync(path.join(run.folder, 'episodes.json'), 'utf8')
    const { episodes } = JSON.parse(file) as FewShotEpisodes
    return episodes.flatMap(({ support, query }) => [...support.flat(), ...query.flat()])
  }
  expect(rowsOf(leaving)).toEqual(rowsOf(lacking).map((place) => ROWS[place]!))
})

async function arraysOf({ folder }: Trained): Promise<Record<string, Float32Array | undefined>> {
  const arrays = await readNamedArrays(path.join(folder, 'poisons.npz'))
  return Object.fromEntries([...arrays].map(([name, { values }]) => [name, values]))
}

/** Labels of the set that was exported with the poisons in it. */
async function labelsOf({ folder }: Trained): Promise<Int32Array> {
  const read = await resolveReference(store, path.join(folder, 'poisoned'))
  try {
    return read.labels
  } finally {
    read.close()
  }
}
