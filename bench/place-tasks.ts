// npm run bench -- place-tasks [word] [--real-ssh] [--accounting]: every task, and every file that a spec can name, once here
// and once at a place with the same seed; the numbers have to be the same to the last bit. The place is a Slurm of two nodes
// on this machine (root, and Debian's packages); all runs there are one job array.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { DatasetStore, pinSpec, resolveReference } from '../src/main/datasets'
import { importNoisySample } from '../src/main/datasets/noisy-sample'
import { createRun, trainRun } from '../src/main/runs'
import type { Workspace } from '../src/main/runs'
import { taskSpec } from '../src/shared/domain/task-spec'
import type { TaskSpec } from '../src/shared/domain/task-spec'
import { pictureExtractor } from '../tests/support/extractors'
import { goldenCases } from './golden-cases'
import { Cluster, clusterKind } from './places/cluster'
import { Trial } from './places/trial'
import { numbersIn } from './run-numbers'

/** One of the small cases for each task and attack. */
const TASKS = [
  'denoising penalty',
  'untargeted penalty',
  'clean-label penalty',
  'few-shot penalty',
  'hyperparameters penalty',
  'synthetic'
]
/** Smaller still: where a run is trained is what is compared. */
const SMALL: Record<string, object> = {
  denoising: { epochs: 1, crossValidation: 0 },
  poisoning: { count: 2, upperSteps: 2 },
  'few-shot': { upperSteps: 2, testTasks: 4 },
  hyperparameters: { upperSteps: 3 },
  synthetic: { trials: 1 }
}
const PICTURES = 60

const { kind, rest } = clusterKind(process.argv.slice(2))
const word = rest[0] ?? ''
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-place-'))
const cluster = new Cluster(folder, kind)
const trial = new Trial(folder, cluster)
let wrong = 0
try {
  const { workspace } = trial
  const store = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const { name: dataset } = await importNoisySample(store, 0.3)
  const cases = [
    ...goldenCases(dataset, 'native')
      .filter(({ name, pause }) => !pause && TASKS.includes(name.replace('native ', '')))
      .map(({ name, spec }): [string, TaskSpec] => [name.replace('native ', ''), small(spec, dataset)]),
    ...(await withFiles(workspace, store, dataset))
  ].filter(([name]) => name.includes(word))
  const pinned: TaskSpec[] = []
  for (const [, spec] of cases) pinned.push(await pinSpec(store, spec))
  const there = pinned.map((spec) => train(workspace, spec, 'two'))
  console.log('what | at a place | numbers there')
  for (const [i, [name]] of cases.entries()) {
    const here = await train(workspace, pinned[i]!)
    const said = await there[i]!
    const isSame = said === here && said.startsWith('metrics')
    if (!isSame) wrong++
    console.log(`${name} | ${isSame ? 'as here' : `OTHERWISE: here ${here}`} | ${said}`)
  }
  console.log(`${cases.length} runs, ${wrong} otherwise`)
} finally {
  await trial.end()
  cluster.stop()
}
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
process.exit(wrong === 0 ? 0 : 1)

function small(spec: TaskSpec, dataset: string): TaskSpec {
  const data = 'train' in spec && spec.task !== 'few-shot' ? { train: `${dataset}#train[0:120]` } : {}
  return taskSpec.parse({ ...spec, ...data, ...SMALL[spec.task] })
}

/** @returns its numbers as hashes, or what went wrong */
async function train(workspace: Workspace, spec: TaskSpec, place?: string): Promise<string> {
  const { id, outputDir } = createRun({ workspace, spec, place })
  try {
    await trainRun(workspace, id)
    return await numbersIn(outputDir)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Specs that name files beside their data: true labels, an earlier run, an extractor. */
async function withFiles(
  workspace: Workspace,
  store: DatasetStore,
  dataset: string
): Promise<[string, TaskSpec][]> {
  const common = { task: 'denoising', epochs: 1, crossValidation: 0, seed: 3, backend: 'native' }
  const digits = { ...common, train: `${dataset}#train[0:120]`, trusted: `${dataset}#checked[0:60]` }
  const truth = path.join(folder, 'true labels.txt')
  const labels = await resolveReference(store, 'sample-digits#train[200:320]', {})
  writeFileSync(truth, labels.labels.join('\n'))
  labels.close()
  const earlier = createRun({ workspace, spec: await pinSpec(store, taskSpec.parse(digits)) })
  await trainRun(workspace, earlier.id)
  await store.importFrom(await pictures(), { name: 'colours', mixedSize: 8 })
  const features = pictureExtractor(path.join(folder, 'extractor'))
  const ofPictures = { ...common, train: 'colours#train', trusted: 'colours#test', features }
  return [
    ['--truth', taskSpec.parse({ ...digits, truth })],
    ['--start-from', taskSpec.parse({ ...digits, startFrom: earlier.outputDir })],
    ['--features', taskSpec.parse(ofPictures)],
    ['--features of tuning', taskSpec.parse({ ...ofPictures, ...asTuning(ofPictures) })]
  ]
}

function asTuning({ trusted }: { trusted: string }): object {
  return { task: 'hyperparameters', validation: trusted, upperSteps: 3 }
}

/** Photographs of one colour each, of sizes that differ, in two classes by turns. */
async function pictures(): Promise<string> {
  const root = path.join(folder, 'colours')
  for (let i = 0; i < PICTURES; i++) {
    const background = { r: (i * 37) % 256, g: (i * 91) % 256, b: (i * 11) % 256 }
    const at = path.join(root, i < 20 ? 'test' : 'train', background.r > 127 ? 'bright' : 'dark')
    mkdirSync(at, { recursive: true })
    await sharp({ create: { width: 20 + i, height: 30, channels: 3, background } })
      .png()
      .toFile(path.join(at, `${i}.png`))
  }
  return root
}
