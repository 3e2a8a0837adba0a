// npm run bench -- time-to-auroc [logistic|mlp] [--rounds n]: a whole run, the product and PyTorch in turn. 5,000 MNIST
// examples, half of their labels wrong, 5,000 trusted ones; all weights start at 0.5, both sides from the same
// pretrained classifier. Seconds until the weights alone find the wrong labels with AUROC 0.98; both go on to the last
// epoch, so that their answers can be compared. Data: MNIST in BILEVEL_TEST_DATA (default ../shared/data).
// Python: BILEVEL_PEERS_PYTHON (default python3) with bench/peers/requirements.txt.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { buildModel } from '@engine/models/classifier'
import { denoisingSettings } from '@engine/tasks/denoising/settings'
import { classifierRecipe } from '@engine/tasks/shared/classifier-recipe'
import { trainClassifier } from '@engine/tasks/shared/classifier-training'
import { auroc } from '@engine/tasks/denoising/detection'
import { learnImportance } from '@engine/tasks/denoising/importance-learning'
import { ImportanceProblem } from '@engine/tasks/denoising/importance-problem'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { Random } from '@shared/numerics/random'
import { denoisingSpec } from '@shared/domain/task-spec'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } }
})
const GOAL = 0.98
const COUNT = 5000
const CLASSES = 10
const mnist = path.resolve(process.env['BILEVEL_TEST_DATA'] ?? '../shared/data', 'mnist')
if (!existsSync(mnist)) {
  console.error(`There is no MNIST at ${mnist}: set BILEVEL_TEST_DATA.`)
  process.exit(2)
}
const idx = (name: string, header: number): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(path.join(mnist, `train-${name}.gz`)))).subarray(header)
const pixels = Float32Array.from(
  idx('images-idx3-ubyte', 16).subarray(0, 2 * COUNT * 784),
  (value) => value / 255
)
const truth = Int32Array.from(idx('labels-idx1-ubyte', 8).subarray(0, 2 * COUNT))

const random = new Random(0)
const given = truth.slice(0, COUNT)
const wrong = new Uint8Array(COUNT)
for (const row of random.permutation(COUNT).subarray(0, COUNT / 2)) {
  given[row] = (given[row]! + 1 + random.below(CLASSES - 1)) % CLASSES
  wrong[row] = 1
}
const classNames = Array.from({ length: CLASSES }, (_, i) => String(i))
function examples(from: number, labels: Int32Array): ResidentExamples {
  const rowOf = (row: number): Float32Array => pixels.subarray((from + row) * 784, (from + row + 1) * 784)
  return new ResidentExamples({
    count: COUNT,
    shape: [28, 28, 1],
    classNames,
    labels,
    readRows: (rows) => {
      const read = new Float32Array(rows.length * 784)
      for (let i = 0; i < rows.length; i++) read.set(rowOf(rows[i]!), i * 784)
      return read
    }
  })
}

/** After each epoch: seconds since the start, and how well the weights find the wrong labels. */
type Course = readonly { readonly seconds: number; readonly auroc: number }[]

async function compare(model: 'logistic' | 'mlp'): Promise<void> {
  const spec = denoisingSpec.parse({ task: 'denoising', train: '-', trusted: '-', model })
  const settings = denoisingSettings(spec, { train: COUNT, trusted: COUNT }, false)
  // Without the schedule: when it advances hangs on rounding, and the two would drift apart.
  const solverSettings = { ...settings.solver, epsilon0: 1e-6 }
  const network = buildModel(model, { shape: [28, 28, 1], classes: CLASSES })
  const trusted = examples(COUNT, truth.slice(COUNT))
  const train = examples(0, given)
  const all = Int32Array.from({ length: COUNT }, (_, i) => i)
  const start = await trainClassifier(
    network,
    [{ examples: trusted, rows: all }],
    { ...classifierRecipe(model, COUNT), epochs: 1 },
    0
  )

  async function product(): Promise<Course> {
    const problem = new ImportanceProblem(network, new Float32Array(COUNT).fill(0.5), start)
    const solver = solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, ...solverSettings })
    const course: { seconds: number; auroc: number }[] = []
    const begun = performance.now()
    let measuring = 0
    await learnImportance(
      {
        network,
        train,
        trusted: { examples: trusted, rows: all },
        heldBack: { examples: trusted, rows: new Int32Array(0) },
        epochs: settings.epochs,
        batchSize: settings.batchSize,
        trustedBatchSize: settings.trustedBatchSize,
        seed: 0
      },
      solver,
      {
        emit: () => undefined,
        poll: () => Promise.resolve('continue'),
        seconds: () => 0,
        saveCheckpoint: () => Promise.resolve()
      },
      {
        beside: () => ({ json: {}, arrays: {} }),
        onEpoch: (_, weights) => {
          const now = performance.now()
          course.push({ seconds: (now - begun - measuring) / 1000, auroc: auroc(weights, wrong) })
          measuring += performance.now() - now
        }
      }
    )
    solver.dispose()
    return course
  }

  const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-auroc-'))
  function peer(): Course {
    const out = path.join(folder, 'weights')
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out)
    const python = process.env['BILEVEL_PEERS_PYTHON'] ?? 'python3'
    const script = path.join(import.meta.dirname, 'peers/pytorch_run.py')
    const seconds = JSON.parse(execFileSync(python, [script, folder], { encoding: 'utf8' })) as number[]
    return seconds.map((value, epoch) => {
      const bytes = Uint8Array.from(readFileSync(path.join(out, `${epoch}.bin`)))
      return { seconds: value, auroc: auroc(new Float32Array(bytes.buffer), wrong) }
    })
  }
  try {
    const write = (name: string, array: Float32Array | Int32Array): void =>
      writeFileSync(path.join(folder, `${name}.bin`), array)
    write('x', pixels)
    write('given', given)
    write('trusted', truth.slice(COUNT))
    write('start', start)
    const about = {
      parameters: network.layout.entries.map(({ shape }) => shape),
      count: COUNT,
      epochs: settings.epochs,
      batch: settings.batchSize,
      settings: solverSettings
    }
    writeFileSync(path.join(folder, 'case.json'), JSON.stringify(about))

    const reached = (course: Course): number => course.find((at) => at.auroc >= GOAL)?.seconds ?? Infinity
    const rounds = Array.from({ length: Number(values.rounds) })
    const pairs: [Course, Course][] = []
    for (const _ of rounds) pairs.push([await product(), peer()])
    const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!
    console.log(`\n### ${model}, batches of ${settings.batchSize}, T = ${solverSettings.lowerSteps}\n`)
    console.log(
      `| | to AUROC ${GOAL}, s | all ${settings.epochs} epochs, s | AUROC then |\n|---|---|---|---|`
    )
    for (const [i, name] of ['product', 'PyTorch'].entries()) {
      const courses = pairs.map((pair) => pair[i]!)
      const last = courses.map((course) => course.at(-1)!)
      console.log(
        `| ${name} | ${median(courses.map(reached)).toFixed(2)} | ${median(last.map(({ seconds }) => seconds)).toFixed(2)} | ` +
          `${median(last.map((at) => at.auroc)).toFixed(4)} |`
      )
    }
    const ratio = (of: (course: Course) => number): string =>
      median(pairs.map(([ours, theirs]) => of(theirs) / of(ours))).toFixed(2)
    console.log(
      `\nThe product is ${ratio(reached)} times as fast to AUROC ${GOAL}, ` +
        `${ratio((course) => course.at(-1)!.seconds)} times over the whole run (medians of ratios within a round).`
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await selectBackend('native')
for (const model of ['logistic', 'mlp'] as const) {
  if (positionals.length === 0 || positionals.includes(model)) await compare(model)
}
