import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import sharp from 'sharp'
import { npyFile } from '@main/datasets'
import { npzFile, storedZip } from '../../tests/support/array-files'

/** How a source is given to the product. */
export type FuzzKind = 'dataset' | 'truth' | 'spec'

/** A good source: its files by their paths in a folder of its own, which the mutations start from. */
export interface Seed {
  readonly name: string
  readonly kind: FuzzKind
  readonly files: Readonly<Record<string, Buffer>>
  /** What is named: a file of it, or "" for the folder. */
  readonly entry: string
}

const FIXTURES = path.resolve(import.meta.dirname, '../../tests/fixtures/datasets')
const ROWS = 6

/** A real file of every format: written by other programs (the tests' fixtures), by sharp, or here byte by byte. */
export async function makeSeeds(): Promise<Seed[]> {
  return [...fixtures(), ...arrays(), ...tables(), ...(await pictures()), ...truths(), ...specs()]
}

function fixtures(): Seed[] {
  return readdirSync(FIXTURES)
    .filter((name) => !/^(expected|make-)/.test(name))
    .map((name) => {
      const place = path.join(FIXTURES, name)
      const isFolder = statSync(place).isDirectory()
      const files = isFolder ? filesIn(place) : { [name]: readFileSync(place) }
      return { name, kind: 'dataset', files, entry: isFolder ? '' : name }
    })
}

function filesIn(folder: string): Record<string, Buffer> {
  const files: Record<string, Buffer> = {}
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const full = path.join(entry.parentPath, entry.name)
    files[path.relative(folder, full)] = readFileSync(full)
  }
  return files
}

const y = Int32Array.from({ length: ROWS }, (_, i) => i % 3)
const x = Uint8Array.from({ length: ROWS * 12 }, (_, i) => (i * 37) % 256)
const xFile = npyFile({ shape: [ROWS, 4, 3], values: x })
const yFile = npyFile({ shape: [ROWS], values: y })

function arrays(): Seed[] {
  const set = { x: xFile, y: yFile, x_test: xFile, y_test: yFile, true_y: yFile }
  return [
    { name: 'arrays.npz', kind: 'dataset', files: { 'a.npz': npzFile(set) }, entry: 'a.npz' },
    { name: 'arrays.npy', kind: 'dataset', files: { 'x.npy': xFile, 'y.npy': yFile }, entry: '' }
  ]
}

const TABLE =
  'width,height,species,true_label\n5.1,3.5,setosa,setosa\n6.2,2.25,virginica,setosa\n1,2,"a, b",setosa\n'

const ARROW = tableFromArrays({
  a: Float32Array.from(x),
  n: Int32Array.from(x),
  label: [...x].map((_, i) => `class ${i % 3}`)
})

function tables(): Seed[] {
  const one = (name: string, text: string): Seed => ({
    name,
    kind: 'dataset',
    files: { [name]: Buffer.from(text) },
    entry: name
  })
  return [
    one('commas.csv', TABLE),
    one('tabs.tsv', TABLE.replace('a, b', 'ab').replaceAll(',', '\t')),
    one('semicolons.csv', TABLE.replaceAll(',', ';')),
    one('plain.csv', '1,2,a\n3,4,b\n5,6,a\n'),
    ...(['file', 'stream'] as const).map((form): Seed => {
      const name = `${form}.arrow`
      return { name, kind: 'dataset', files: { [name]: Buffer.from(tableToIPC(ARROW, form)) }, entry: name }
    }),
    {
      name: 'zipped',
      kind: 'dataset',
      files: { 'train.csv.gz': gzipSync(TABLE), 'test.csv': Buffer.from(TABLE) },
      entry: ''
    }
  ]
}

async function pictures(): Promise<Seed[]> {
  const drawn = (i: number): ReturnType<typeof sharp> =>
    sharp(Buffer.from(x.map((value) => (value + 40 * i) % 256)), {
      raw: { width: 4, height: 6, channels: 3 }
    })
  const names = ['png', 'jpeg', 'webp', 'tiff', 'gif'] as const
  const files: Record<string, Buffer> = {}
  for (const [i, name] of names.entries()) {
    files[`cat/${i}.${name}`] = await drawn(i).toFormat(name).toBuffer()
    files[`dog/${i}.${name}`] = await drawn(i + 7)
      .toFormat(name)
      .toBuffer()
  }
  const rotated = await drawn(1).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const listed = Object.keys(files)
  const csv = ['file_name,label', ...listed.map((file, i) => `${file},${'ab'[i % 2]}`)].join('\n')
  const lines = listed.map((file, i) => JSON.stringify({ file_name: file, label: 'ab'[i % 2] })).join('\n')
  const seed = (name: string, more: Record<string, Buffer>, entry = ''): Seed => ({
    name,
    kind: 'dataset',
    files: { ...files, ...more },
    entry
  })
  return [
    seed('pictures', { 'cat/turned.jpg': rotated }),
    seed('pictures-csv', { 'metadata.csv': Buffer.from(csv) }),
    seed('pictures-jsonl', { 'metadata.jsonl': Buffer.from(lines) }),
    {
      name: 'pictures.zip',
      kind: 'dataset',
      files: { 'p.zip': storedZip({ ...files, 'metadata.csv': Buffer.from(csv) }) },
      entry: 'p.zip'
    }
  ]
}

/** Files of true labels for {@link TRUTH_OF}. */
function truths(): Seed[] {
  const one = (name: string, bytes: Buffer): Seed => ({
    name: `truth-${name}`,
    kind: 'truth',
    files: { [name]: bytes },
    entry: name
  })
  const idx = Buffer.from([0, 0, 8, 1, 0, 0, 0, ROWS, 0, 1, 2, 0, 1, 2])
  return [
    one('t.npy', yFile),
    one('t.npz', npzFile({ true_y: yFile })),
    one('t-idx1-ubyte', idx),
    one('t.csv', Buffer.from('f,true_label\n1,0\n1,1\n1,2\n1,0\n1,1\n1,2\n')),
    one('t.txt', Buffer.from('0\n1\n2\n0\n1\n2\n'))
  ]
}

/** The data that a truth file belongs to. */
export const TRUTH_OF = { 'x.npy': xFile, 'y.npy': yFile }

const SPEC = `# denoise
task: denoising
train: "mnist#train[0:100]"
trusted: mnist#test
epochs: 5
lrUpper: 0.01
hiddenSizes: [30, 20]
corrections: {"3": 1, "5": 0}
dropped: [1, 2]
momentsPerExample: true
`

function specs(): Seed[] {
  return [{ name: 'spec.yaml', kind: 'spec', files: { 'spec.yaml': Buffer.from(SPEC) }, entry: 'spec.yaml' }]
}
