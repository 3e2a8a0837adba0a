// What judging a few labels and running again brings: npm run bench -- judging [sets] [seeds] [noise,...] [count]
// A first look without trusted examples, then one in which a person who knows the truth has judged so many examples, by
// several orders. Measured on the examples that none of the orders asks for, so that all are measured on the same ones.
import { selectBackend } from '@engine/backends'
import { flagsForF1 } from '@engine/evidence/wrong-labels'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { believeLabels } from '@engine/tasks/denoising/label-evidence'
import type { LabelEvidence } from '@engine/tasks/denoising/label-evidence'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { featureScale, standardised } from '@engine/tasks/shared/standardised-features'
import { corruptLabels } from '@main/datasets'
import { tellingExamples } from '@shared/domain/telling-examples'
import { Random } from '@shared/numerics/random'
import { readSet, sourceOf } from './label-error-sets'
import type { LabelErrorSet } from './label-error-sets'

const [sets = 'breast-cancer,digits,adult', seedText = '3', noiseText = '20', countText = '20'] =
  process.argv.slice(2)
const COUNT = Number(countText)

function madeWrong({ doubtful, given }: LabelErrorSet, noise: string, seed: number): Int32Array {
  if (noise === 'people' && given) return given
  const pattern = noise.endsWith('pairs') ? 'asymmetric' : 'uniform'
  return corruptLabels(doubtful.labels, { noise: parseFloat(noise) / 100, pattern, seed })
}

async function look(
  set: LabelErrorSet,
  labels: Int32Array,
  decided: readonly number[],
  seed: number
): Promise<LabelEvidence> {
  const width = set.shape.reduce((product, side) => product * side, 1)
  const source = sourceOf({ ...set, shape: [width] }, { ...set.doubtful, labels })
  const scale = set.shape.length === 1 ? featureScale(source) : undefined
  const known = labels.slice()
  for (const row of decided) known[row] = set.doubtful.labels[row]!
  const examples = new ResidentExamples(standardised(source, scale), known)
  return believeLabels(
    examples,
    { examples, rows: Int32Array.from(decided) },
    seed,
    () => Promise.resolve(),
    { twins: new Map(decided.map((row) => [row, { row, given: labels[row]! }])) }
  )
}

type Order = (found: LabelEvidence, labels: Int32Array, set: LabelErrorSet, seed: number) => number[]
const byDoubt = (score: (row: number) => number, labels: Int32Array): number[] =>
  [...labels.keys()].sort((a, b) => score(a) - score(b) || a - b).slice(0, COUNT)
const telling = (found: LabelEvidence, labels: Int32Array, classes: number): number[] =>
  tellingExamples(
    {
      given: [...labels],
      combined: [...found.right],
      classNames: Array.from({ length: classes }, (_, k) => String(k))
    },
    COUNT
  )
const ORDERS: Record<string, Order> = {
  'most telling': (found, labels, { classes }) => telling(found, labels, classes),
  random: (_found, labels, _set, seed) => [
    ...Random.derive(seed, 'judged').permutation(labels.length).subarray(0, COUNT)
  ],
  'most suspicious': ({ right }, labels) => byDoubt((row) => right[row]!, labels),
  'most uncertain': ({ right }, labels) => byDoubt((row) => Math.abs(right[row]! - 0.5), labels)
}

interface Measure {
  readonly averagePrecision: number
  readonly f1: number
  /** Of the interval of all wrong labels, over their number. */
  readonly width: number
  readonly holds: number
  /** Share of the judged that were wrong. */
  readonly wrong: number
  readonly error: number
}

function measure(
  found: LabelEvidence,
  labels: Int32Array,
  truth: Int32Array,
  rows: Int32Array,
  decided: readonly number[]
): Measure {
  const right = Float32Array.from(rows, (row) => found.right[row]!)
  const wrong = Uint8Array.from(rows, (row) => Number(labels[row] !== truth[row]))
  const flags = flagsForF1(right.map((p) => 1 - p))
  const order = [...right.keys()].sort((a, b) => right[a]! - right[b]!)
  const flagged = new Uint8Array(rows.length)
  for (const i of order.slice(0, flags)) flagged[i] = 1
  const { averagePrecision, f1 } = detectionOf(right, flagged, wrong)
  const isDecided = new Set(decided)
  const left = labels.reduce(
    (sum, label, row) => sum + Number(label !== truth[row] && !isDecided.has(row)),
    0
  )
  const { low, high, expected } = found.expected.all
  return {
    averagePrecision,
    f1,
    width: (high - low) / Math.max(1, left),
    holds: Number(left >= low && left <= high),
    wrong:
      decided.reduce((sum, row) => sum + Number(labels[row] !== truth[row]), 0) / Math.max(1, decided.length),
    error: Math.abs(expected - left) / Math.max(1, left)
  }
}

await selectBackend('auto')
console.log(
  '| set | wrong | judged | average precision | F1 | interval / wrong ones | holds | count off by | wrong among the judged |'
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
const all = new Map<string, Measure[]>()
const print = (set: string, noise: string, name: string, found: readonly Measure[]): void => {
  const mean = (value: (one: Measure) => number): string =>
    (found.reduce((sum, one) => sum + value(one), 0) / found.length).toFixed(3)
  const cells = [
    mean((m) => m.averagePrecision),
    mean((m) => m.f1),
    mean((m) => m.width),
    mean((m) => m.holds),
    mean((m) => m.error),
    mean((m) => m.wrong)
  ]
  console.log(`| ${[set, noise, name, ...cells].join(' | ')} |`)
}
for (const name of sets.split(',')) {
  const set = await readSet(name)
  if (!set) continue
  const truth = set.doubtful.labels
  for (const noise of noiseText.split(',')) {
    if (noise === 'people' && !set.given) continue
    const byOrder = new Map<string, Measure[]>()
    for (let seed = 0; seed < Number(seedText); seed++) {
      const labels = madeWrong(set, noise, seed)
      const before = await look(set, labels, [], seed)
      const asked = Object.entries(ORDERS).map(
        ([order, ask]) => [order, ask(before, labels, set, seed)] as const
      )
      const judged = new Set(asked.flatMap(([, rows]) => rows))
      const rows = Int32Array.from(labels.keys()).filter((row) => !judged.has(row))
      const add = (order: string, one: Measure): void => {
        byOrder.set(order, [...(byOrder.get(order) ?? []), one])
        all.set(order, [...(all.get(order) ?? []), one])
      }
      add('none', measure(before, labels, truth, rows, []))
      for (const [order, decided] of asked)
        add(order, measure(await look(set, labels, decided, seed), labels, truth, rows, decided))
    }
    for (const [order, found] of byOrder) print(name, noise, order, found)
  }
}
for (const [order, found] of all) print('all', '', order, found)
