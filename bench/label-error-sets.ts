// The sets of bench/label-errors.ts: features and labels believed right, and examples apart to trust.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { corruptLabels, DatasetStore, readNamedArrays, resolveReference } from '@main/datasets'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { termsOf } from '@main/datasets/table/text-terms'
import { Random } from '@shared/numerics/random'

/** Examples in rows, [count, width]. */
export interface LabelledRows {
  readonly features: Float32Array
  readonly labels: Int32Array
  /** What the features were made of, where that was texts. */
  readonly texts?: readonly string[]
}

export interface LabelErrorSet {
  readonly name: string
  readonly shape: readonly number[]
  readonly classes: number
  /** Features that share one scale. */
  readonly alike?: readonly (readonly [number, number])[]
  /** Examples whose labels are made wrong and searched. */
  readonly doubtful: LabelledRows
  /** Labels that people gave, some of them wrong, where there are any. */
  readonly given?: Int32Array
  /** Examples apart, from which trusted ones are taken. */
  readonly pool: LabelledRows
}

const REAL = process.env['BILEVEL_REAL_DATA'] ?? '../shared/data/real'
/** At most so many rows of a set, so that a run is a matter of seconds. */
const MOST_ROWS = 5000
/** Examples that are kept apart to trust, where the set has none. */
const POOL_SHARE = 0.15

const SETS: Record<string, { file: string; read(file: string): Promise<LabelErrorSet> }> = {
  adult: { file: path.join(REAL, 'adult.csv'), read: (file) => table('adult', file, 'classification') },
  'breast-cancer': {
    file: path.join(REAL, 'breast-cancer.csv'),
    read: (file) => table('breast-cancer', file, 'diagnosis')
  },
  digits: { file: 'resources/samples/digits/digits.npz', read: digits },
  banking77: {
    file: path.join(REAL, 'banking77-minilm.npz'),
    read: (file) => features('banking77', file)
  },
  'banking77-texts': {
    file: path.join(REAL, 'banking77-train.csv'),
    read: (file) => table('banking77-texts', file, 'category')
  },
  cifar10n: { file: path.join(REAL, 'cifar10n-efficientnet.npz'), read: cifar }
}

const MORE = process.env['BILEVEL_MORE_SETS']
if (MORE) {
  for (const file of readdirSync(MORE)) {
    const { name, ext } = path.parse(file)
    const read = { '.npz': features, '.csv': (of: string, found: string) => table(of, found, 'label') }[ext]
    if (read) SETS[name] = { file: path.join(MORE, file), read: (found) => read(name, found) }
  }
}

export const SET_NAMES = Object.keys(SETS)

/** Undefined, and said so, where the set's file is not there. */
export async function readSet(name: string): Promise<LabelErrorSet | undefined> {
  const { file, read } = SETS[name]!
  if (existsSync(file)) return read(file)
  console.error(`${name} is left out: there is no ${file} (BILEVEL_REAL_DATA names its folder).`)
  return undefined
}

/** As the product's own import reads it: roles found by looking, nothing said but the label. */
async function table(name: string, file: string, labelColumn: string): Promise<LabelErrorSet> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bilevel-bench-'))
  try {
    const store = new DatasetStore(path.join(folder, 'datasets'))
    const selection = await resolveReference(store, file, { labelColumn })
    const rows = Array.from({ length: Math.min(selection.count, MOST_ROWS) }, (_, i) => i)
    const features = selection.readRows(rows)
    const labels = selection.labels.slice(0, rows.length)
    const shape = [...selection.shape]
    const { alike } = selection
    const texts = alike.length > 0 ? selection.readTexts(0, rows.length) : undefined
    selection.close()
    return { ...parted(name, { features, labels, texts }, shape), alike }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function digits(file: string): Promise<LabelErrorSet> {
  const { features, labels, shape } = await arrays(file)
  const peak = features.reduce((most, value) => Math.max(most, value), 0)
  const pixels = features.map((value) => value / (peak > 1 ? 255 : 1))
  const [height = 1, width = 1] = shape
  return parted('digits', { features: pixels, labels }, [height, width, 1])
}

async function features(name: string, file: string): Promise<LabelErrorSet> {
  const { shape, ...rows } = await arrays(file)
  return parted(name, rows, shape)
}

/** People's labels stand; the trusted ones are in a file of their own. */
async function cifar(file: string): Promise<LabelErrorSet> {
  const { features, labels, truth, shape } = await arrays(file)
  const trusted = await arrays(file.replace('.npz', '-trusted.npz'))
  return {
    name: 'cifar10n',
    shape,
    classes: 10,
    doubtful: { features, labels: truth! },
    given: labels,
    pool: trusted
  }
}

async function arrays(
  file: string
): Promise<LabelledRows & { readonly shape: readonly number[]; readonly truth?: Int32Array }> {
  const found = await readNamedArrays(file, ['x', 'y', 'true_y'])
  const x = found.get('x')!
  const truth = found.get('true_y')
  return {
    features: x.values,
    labels: Int32Array.from(found.get('y')!.values),
    truth: truth && Int32Array.from(truth.values),
    shape: x.shape.slice(1)
  }
}

function parted(name: string, all: LabelledRows, shape: readonly number[]): LabelErrorSet {
  const order = Random.derive(0, 'pool').permutation(all.labels.length)
  const poolSize = Math.round(POOL_SHARE * order.length)
  const classes = 1 + all.labels.reduce((most, label) => Math.max(most, label), 0)
  return {
    name,
    shape,
    classes,
    doubtful: pick(all, order.subarray(poolSize, poolSize + MOST_ROWS)),
    pool: pick(all, order.subarray(0, poolSize))
  }
}

export function pick({ features, labels, texts }: LabelledRows, rows: ArrayLike<number>): LabelledRows {
  const width = features.length / labels.length
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    out.set(features.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  }
  return {
    features: out,
    labels: Int32Array.from({ length: rows.length }, (_, i) => labels[rows[i]!]!),
    texts: texts && Array.from(rows, (row) => texts[row]!)
  }
}

/** Rows as a run reads them. */
export function sourceOf(
  { shape, alike, classes }: Pick<LabelErrorSet, 'shape' | 'alike' | 'classes'>,
  rows: LabelledRows
): ExampleSource {
  const { labels, texts } = rows
  return {
    count: labels.length,
    shape,
    alike,
    classNames: Array.from({ length: classes }, (_, k) => String(k)),
    labels,
    readTerms:
      texts &&
      ((wanted, kind) =>
        termsOf(
          Array.from(wanted, (row) => texts[row]!),
          kind
        )),
    readRows: (wanted) => pick(rows, wanted).features
  }
}

/** Of trusted labels, where they are said to be partly wrong. */
const WRONG_SHARE = 0.05

/**
 * Trusted examples in words: "10", so many of each class, the first ones of a seeded order, fewer where the pool has fewer;
 * "10%", so much of the doubtful ones, at random; "wrong" behind it, one in twenty has a wrong label; "shifted" behind
 * it, they come from the half of the pool with the larger features; "of 60", of so many of the classes alone.
 */
export function trustedOf(set: LabelErrorSet, words: string, seed: number): LabelledRows {
  const { pool, classes, doubtful } = set
  const number = parseFloat(words)
  if (number === 0) return pick(pool, [])
  const taken = new Int32Array(classes)
  const order = Random.derive(seed, 'trusted').permutation(pool.labels.length)
  const usual = words.includes('shifted') ? largerHalf(pool) : undefined
  const known = classesTrusted(set, words, seed)
  const candidates = order.filter((row) => (!usual || usual.has(row)) && known.has(pool.labels[row]!))
  const chosen = words.includes('%')
    ? candidates.subarray(0, Math.round((number / 100) * doubtful.labels.length))
    : candidates.filter((row) => taken[pool.labels[row]!]!++ < number)
  const rows = pick(pool, chosen)
  if (!words.includes('wrong')) return rows
  const labels = corruptLabels(rows.labels, { noise: WRONG_SHARE, pattern: 'uniform', seed: seed + 1 })
  return { ...rows, labels }
}

/** Classes that trusted examples in such words may be of: all, unless they say of how many. */
export function classesTrusted({ classes }: LabelErrorSet, words: string, seed: number): ReadonlySet<number> {
  const some = Number(/of (\d+)/.exec(words)?.[1] ?? classes)
  return new Set(Random.derive(seed, 'classes trusted').permutation(classes).subarray(0, some))
}

/** By the mean of a row's features, each in standard deviations. */
function largerHalf({ features, labels }: LabelledRows): Set<number> {
  const count = labels.length
  const width = features.length / count
  const means = new Float64Array(count)
  for (let j = 0; j < width; j++) {
    const column = Float64Array.from({ length: count }, (_, row) => features[row * width + j]!)
    const mean = column.reduce((sum, value) => sum + value, 0) / count
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
    if (deviation > 0) column.forEach((value, row) => (means[row]! += (value - mean) / deviation))
  }
  const order = [...means.keys()].sort((a, b) => means[b]! - means[a]!)
  return new Set(order.slice(0, Math.ceil(count / 2)))
}
