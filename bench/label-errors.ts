// Finding wrong labels, the product's own command beside other tools on the same files:
// npm run bench -- label-errors [set|all] [seeds] [noise,...] [trusted,...] [model] ["one of the others"]
// Trusted: so many a class, or "10%" of the rows; "wrong" behind it for one label in twenty wrong, "unread" for labels made
// wrong as the others are, "shifted" for the half of the pool with the larger features, "of 60" for so many of the classes alone, which then have rows of their own, as the
// other classes do, in every setting. Noise: a share, "pairs" behind it for the next class, "classes" for rates from 0
// to twice it over the classes, or "people". Model: "none" for no command, only the probability that it ranks tables and
// features by, computed here ("bilevel, evidence"; its seconds have no start in them). The others:
// bench/peers/label_errors.py, with the Python that BILEVEL_TEST_PYTHON names; without numpy and scikit-learn there they
// are left out; of texts they read words and pairs of words, by tf-idf. A summary over all settings comes last.
// BILEVEL_MORE_SETS: a folder of NPZ files with x [rows, columns] and y, and CSV files with a column "label", each a set.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { selectBackend } from '@engine/backends'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { believeLabels, cutForFlags, judgesLabels } from '@engine/tasks/denoising/label-evidence'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { featureScale, standardised } from '@engine/tasks/shared/standardised-features'
import { corruptLabels, writeArrays } from '@main/datasets'
import { Random } from '@shared/numerics/random'
import { classesTrusted, readSet, SET_NAMES, sourceOf, trustedOf } from './label-error-sets'
import type { LabelErrorSet, LabelledRows } from './label-error-sets'
import { calibrationError, summary } from './label-error-summary'
import type { Count, Outcome } from './label-error-summary'

const run = promisify(execFile)
const BIN = path.resolve(import.meta.dirname, '../bin/bilevel.mjs')
const PEERS = path.resolve(import.meta.dirname, 'peers/label_errors.py')
const PYTHON = process.env['BILEVEL_TEST_PYTHON']

interface Setting {
  readonly set: LabelErrorSet
  readonly noise: string
  /** As trustedOf reads it. */
  readonly trusted: string
  readonly seed: number
}

/** What a tool says of each example. */
interface Verdict {
  /** Low is bad. */
  readonly scores: Float32Array
  readonly flagged: Uint8Array
  /** Of the whole command, where it has one of its own. */
  readonly seconds?: number
  readonly counts?: readonly Count[]
  /** Whether scores are probabilities that labels are right. */
  readonly isProbable?: boolean
}

interface Files {
  readonly folder: string
  readonly train: string
  readonly trusted: string
  /** What the product reads where the peers read arrays and texts beside them. */
  readonly ofTexts?: { readonly train: string; readonly trusted: string }
}

interface Written {
  readonly labels: Int32Array
  readonly wrong: Uint8Array
  readonly trusted: LabelledRows
}

async function write(
  { set, noise, trusted, seed }: Setting,
  folder: string
): Promise<{ files: Files; written: Written }> {
  const truth = set.doubtful.labels
  const labels = noise === 'people' ? set.given! : madeWrong(truth, noise, set.classes, seed)
  const train = path.join(folder, 'train.npz')
  const held = path.join(folder, 'trusted.npz')
  await writeArrays(train, {
    x: stored(set, set.doubtful.features),
    y: { shape: [labels.length], values: labels }
  })
  const asked = trustedOf(set, trusted, seed)
  const chosen = trusted.includes('unread')
    ? { ...asked, labels: madeWrong(asked.labels, noise, set.classes, seed + 1) }
    : asked
  await writeArrays(held, {
    x: stored(set, chosen.features),
    y: { shape: [chosen.labels.length], values: chosen.labels }
  })
  const wrong = Uint8Array.from(labels, (label, i) => Number(label !== truth[i]))
  const { texts } = set.doubtful
  if (texts && chosen.texts) {
    const files = {
      train: writeTexts(train, texts, labels),
      trusted: writeTexts(held, chosen.texts, chosen.labels)
    }
    return {
      files: { folder, train, trusted: held, ofTexts: files },
      written: { labels, wrong, trusted: chosen }
    }
  }
  return { files: { folder, train, trusted: held }, written: { labels, wrong, trusted: chosen } }
}

/** Texts beside the arrays, as the peers read them, and as a table. @returns the table */
function writeTexts(arrays: string, texts: readonly string[], labels: Int32Array): string {
  writeFileSync(arrays.replace('.npz', '.texts.json'), JSON.stringify(texts))
  const file = arrays.replace('.npz', '.csv')
  const lines = texts.map((text, i) => [text, `class ${labels[i]!}`])
  writeFileSync(
    file,
    [['text', 'label'], ...lines].map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
  )
  return file
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`
}

function madeWrong(truth: Int32Array, noise: string, classes: number, seed: number): Int32Array {
  const share = parseFloat(noise) / 100
  if (!noise.endsWith('classes')) {
    const pattern = noise.endsWith('pairs') ? 'asymmetric' : 'uniform'
    return corruptLabels(truth, { noise: share, pattern, seed })
  }
  const random = Random.derive(seed, 'rates of classes')
  return truth.map((label) => {
    const isWrong = random.uniform() < (2 * share * label) / (classes - 1)
    return isWrong ? (label + 1 + random.below(classes - 1)) % classes : label
  })
}

/** Pixels as bytes, so that the product takes them for pictures. */
function stored(
  { shape }: LabelErrorSet,
  values: Float32Array
): { shape: number[]; values: Float32Array | Uint8Array } {
  const count = values.length / shape.reduce((product, side) => product * side, 1)
  const pixels = shape.length === 3
  return {
    shape: [count, ...shape],
    values: pixels ? Uint8Array.from(values, (value) => Math.round(255 * value)) : values
  }
}

async function product(files: Files, seed: number, model: string): Promise<Verdict> {
  const out = path.join(files.folder, `out-${model}`)
  const started = performance.now()
  const { train, trusted } = files.ofTexts ?? files
  const words = ['denoise', '--train', train, '--trusted', trusted, '--model', model]
  const workspace = path.join(files.folder, 'workspace')
  const rest = ['--seed', String(seed), '--out', out, '--workspace', workspace, '--quiet']
  await run(process.execPath, [BIN, ...words, ...rest], { maxBuffer: 1 << 26 })
  const seconds = (performance.now() - started) / 1000
  const [head, ...lines] = readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split(/\r?\n/)
  const names = head!.split(',')
  const rows = lines.map((line) => line.split(','))
  const column = (name: string): string[] => rows.map((row) => row[names.indexOf(name)]!)
  return {
    scores: Float32Array.from(column('combined_score'), Number),
    flagged: Uint8Array.from(column('is_label_issue'), (text) => Number(text === 'True')),
    seconds
  }
}

/** What ranks and flags tables and features in a denoising run, without the run. */
async function evidence({ set, seed }: Setting, { labels, trusted }: Written): Promise<Verdict> {
  const started = performance.now()
  const train = sourceOf(set, { ...set.doubtful, labels })
  const scale = featureScale(train)
  const held = new ResidentExamples(standardised(sourceOf(set, trusted), scale))
  const { right, flags, expected } = await believeLabels(
    new ResidentExamples(standardised(train, scale)),
    { examples: held, rows: Int32Array.from({ length: held.count }, (_, row) => row) },
    seed,
    () => Promise.resolve()
  )
  const cut = cutForFlags(right, flags)
  const seconds = (performance.now() - started) / 1000
  const flagged = Uint8Array.from(right, (score) => Number(score < cut))
  const truth = set.doubtful.labels
  const wrongWhere = (flag: number): number =>
    labels.reduce((sum, label, row) => sum + Number(label !== truth[row] && flagged[row] === flag), 0)
  const counts = [
    { ...expected.flagged, truth: wrongWhere(1) },
    { ...expected.kept, truth: wrongWhere(0) }
  ]
  return { scores: right, flagged, seconds, counts, isProbable: true }
}

/** All peers at once: they share the reading of the files, and what several of them need. */
async function peers(files: Files, seed: number): Promise<[string, Verdict][]> {
  if (!hasPeers()) return []
  const { stdout } = await run(PYTHON!, [PEERS, files.train, files.trusted, String(seed), ...only], {
    maxBuffer: 1 << 28
  })
  const found = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<
    string,
    { scores: number[]; flagged: number[]; seconds: number }
  >
  return Object.entries(found).map(([name, { scores, flagged, seconds }]) => [
    name,
    { scores: Float32Array.from(scores), flagged: Uint8Array.from(flagged), seconds }
  ])
}

let withPeers: boolean | undefined
function hasPeers(): boolean {
  withPeers ??= !!PYTHON && spawnSync(PYTHON, ['-c', 'import numpy, scipy, sklearn']).status === 0
  return withPeers
}

const COLUMNS = ['AUROC', 'average precision', 'F1', 'precision', 'flags', 's']

function measured({ scores, flagged, seconds }: Verdict, wrong: Uint8Array): number[] {
  const { auroc, averagePrecision, f1, precision } = detectionOf(scores, flagged, wrong)
  const flags = flagged.reduce((sum, flag) => sum + flag, 0)
  return [auroc, averagePrecision, f1, precision, flags, seconds ?? NaN]
}

function printed(rows: readonly (readonly number[])[]): string[] {
  return COLUMNS.map((name, i) => {
    const mean = rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length
    return Number.isNaN(mean) ? '-' : mean.toFixed(name === 'flags' ? 0 : name === 's' ? 1 : 3)
  })
}

function outcome(
  setting: string,
  tool: string,
  { counts, scores, isProbable }: Verdict,
  wrong: Uint8Array,
  [auroc, averagePrecision, f1, , flags]: readonly number[]
): Outcome {
  return {
    setting,
    tool,
    auroc: auroc!,
    averagePrecision: averagePrecision!,
    f1: f1!,
    flags: flags!,
    rows: wrong.length,
    wrong: wrong.reduce((sum, one) => sum + one, 0),
    counts,
    calibration: isProbable ? calibrationError(scores, wrong) : undefined
  }
}

/** The verdict on labels of classes with trusted examples, and on the others, where any setting has such. */
function byTrust(
  { set, seed }: Setting,
  [tool, { scores, flagged }]: readonly [string, Verdict],
  { labels, wrong }: Written
): [string, number[]][] {
  const words = trustedText.split(',').find((each) => each.includes('of'))
  if (!words) return []
  const known = classesTrusted(set, words, seed)
  return (['within', 'outside'] as const).map((side) => {
    const isOn = (_: number, row: number): boolean => known.has(labels[row]!) === (side === 'within')
    const verdict = { scores: scores.filter(isOn), flagged: flagged.filter(isOn) }
    return [`${tool}, ${side}`, measured(verdict, wrong.filter(isOn))]
  })
}

const [asked = 'all', seedText = '1', noiseText, trustedText = '0,3,10', models = 'logistic', ...only] =
  process.argv.slice(2)
const chosen = asked === 'all' ? SET_NAMES : asked.split(',')
const unknown = chosen.find((name) => !SET_NAMES.includes(name))
if (unknown) {
  console.error(`There is no set "${unknown}": ${SET_NAMES.join(', ')}, all.`)
  process.exit(2)
}
if (!hasPeers())
  console.error('The peers are left out: BILEVEL_TEST_PYTHON names no Python with scikit-learn.')
await selectBackend('auto')
const line = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`)
line(['set', 'noise', 'trusted', 'tool', ...COLUMNS])
line(['set', 'noise', 'trusted', 'tool', ...COLUMNS].map(() => '---'))
const outcomes: Outcome[] = []
for (const name of chosen) {
  const set = await readSet(name)
  if (!set) continue
  const noises = noiseText?.split(',') ?? ['0', '5', '20', '40', '20pairs', ...(set.given ? ['people'] : [])]
  for (const noise of noises) {
    for (const trusted of trustedText.split(',')) {
      const rows = new Map<string, number[][]>()
      for (let seed = 0; seed < Number(seedText); seed++) {
        const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-label-errors-'))
        try {
          const setting = { set, noise, trusted, seed }
          const { files, written } = await write(setting, folder)
          const verdicts = await peers(files, seed)
          if (judgesLabels(set, { model: 'logistic' }))
            verdicts.push(['bilevel, evidence', await evidence(setting, written)])
          // Without a trusted example there is no run yet.
          for (const model of trusted !== '0' && models !== 'none' ? models.split(',') : []) {
            verdicts.push([`bilevel, ${model}`, await product(files, seed, model)])
          }
          for (const [tool, verdict] of verdicts) {
            const found = measured(verdict, written.wrong)
            const parts = byTrust(setting, [tool, verdict], written)
            for (const [name, numbers] of [[tool, found] as const, ...parts])
              rows.set(name, [...(rows.get(name) ?? []), numbers])
            outcomes.push(
              outcome([name, noise, trusted, seed].join(' '), tool, verdict, written.wrong, found)
            )
          }
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      }
      for (const [tool, found] of rows) line([name, noise, trusted, tool, ...printed(found)])
    }
  }
}
console.log(`\n${summary(outcomes).join('\n')}`)
