import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Random } from '@shared/numerics/random'
import { mutate } from './mutate'
import { TRUTH_OF } from './seeds'
import type { FuzzKind, Seed } from './seeds'

/** One mutated source on disk. */
export interface FuzzCase {
  readonly index: number
  readonly seed: string
  readonly kind: FuzzKind
  /** Path that the product is given. */
  readonly entry: string
  /** The data that a truth file belongs to. */
  readonly data?: string
}

/** Write mutated source `index` of a stream into an empty folder; the same stream and index give the same bytes. */
export function writeCase(seeds: readonly Seed[], stream: number, index: number, folder: string): FuzzCase {
  const random = Random.derive(stream, `fuzz ${index}`)
  const seed = seeds[random.below(seeds.length)]!
  const files = rearranged(seed, random)
  rmSync(folder, { recursive: true, force: true })
  const source = path.join(folder, 'source')
  mkdirSync(source, { recursive: true })
  const names = Object.keys(files)
  const chosen = names[random.below(names.length)]
  for (const [name, bytes] of Object.entries(files)) {
    const file = path.join(source, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, name === chosen ? mutate(bytes, random) : bytes)
  }
  const entry = path.join(source, seed.entry)
  if (seed.kind !== 'truth') return { index, seed: seed.name, kind: seed.kind, entry }
  const data = path.join(folder, 'data')
  mkdirSync(data)
  for (const [name, bytes] of Object.entries(TRUTH_OF)) writeFileSync(path.join(data, name), bytes)
  return { index, seed: seed.name, kind: seed.kind, entry, data }
}

const UNUSUAL_NAMES = [
  '.hidden',
  'x y.png',
  'é.png',
  'e\u0301.png',
  'a#b.png',
  'a[1].parquet',
  'UPPER.PNG',
  'train.csv',
  'metadata.csv',
  'labels.csv',
  'class-names.txt',
  'manifest.json',
  'notes.txt'
]

/** Sometimes a file is missing, empty, twice or called otherwise. */
function rearranged({ files, entry }: Seed, random: Random): Record<string, Buffer> {
  const changed = { ...files }
  const names = Object.keys(files).filter((name) => name !== entry)
  if (names.length === 0 || random.below(4) > 0) return changed
  const name = names[random.below(names.length)]!
  const unusual = path.join(path.dirname(name), UNUSUAL_NAMES[random.below(UNUSUAL_NAMES.length)]!)
  switch (random.below(5)) {
    case 0:
      if (Object.keys(changed).length > 1) delete changed[name]
      break
    case 1:
      changed[name] = Buffer.alloc(0)
      break
    case 2:
      changed[unusual] = files[name]!
      break
    case 3:
      changed[unusual] = files[name]!
      delete changed[name]
      break
    default:
      changed[path.join('zzz', path.basename(name))] = files[name]!
  }
  return changed
}
