import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  MANIFEST_FILE,
  exportDataset,
  npyFile,
  sourceFormat,
  verifyExport,
  writeArrays
} from '../../datasets'
import type { ExampleSelection, ExportResult } from '../../datasets'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { presentRows } from './without-left-out'
import { writeAtomically } from '../../files/write-atomically'

/** Poisons as an attack hands them over: example after example, features in the scale of readRows. */
export interface Poisons {
  /** [count, ...shape] */
  readonly x: Float32Array
  /** Labels that the poisons carry, class indices of the training data. */
  readonly y: Int32Array
  /** Rows of the training data that they started from. */
  readonly baseIndices: Int32Array
  /** The examples that they started from, [count, ...shape]. */
  readonly xBase: Float32Array
  /** True classes of what they started from, where they differ from `y`; only written where truth is known. */
  readonly truth?: Int32Array
}

export interface WrittenPoisons {
  /** <outputDir>/poisoned */
  readonly dir: string
  readonly result: ExportResult
  /** Rows of the poisoned set that hold the poisons, in the order of the poisons. */
  readonly rows: Int32Array
}

const POISONED_FOLDER = 'poisoned'
export const BANNER_FILE = 'README-POISONED.txt'

/**
 * Pixels as a source of bytes can hold them: what is written, judged and listed is then one and the same. Always a
 * copy: what is kept as the best so far must not follow the solver, which goes on in its own array.
 */
export function asStored(values: Float32Array, train: ExampleSelection): Float32Array {
  if (train.dtype !== 'uint8') return values.slice()
  return values.map((value) => Math.fround(Math.round(Math.min(Math.max(value, 0), 1) * 255) / 255))
}

/** poisons.npz: x, y, base_indices, x_base. */
export async function writePoisonArrays(
  file: string,
  train: ExampleSelection,
  poisons: Poisons
): Promise<void> {
  const count = poisons.y.length
  const shape = [count, ...train.shape]
  await writeArrays(file, {
    x: { shape, values: poisons.x },
    y: { shape: [count], values: poisons.y },
    base_indices: { shape: [count], values: poisons.baseIndices },
    x_base: { shape, values: poisons.xBase }
  })
}

/**
 * The training data that are not left out, with the poisons added at the end of its split, in the format of the source, in
 * <outputDir>/poisoned; beside it poisons.npz, poison_indices.npy (as ART's users expect) and a text that
 * says what this is. What was written is read back and compared. Pass x through {@link asStored} first.
 * @param addTo another folder than `poisoned`, for attacks that make many sets
 * @throws Failure when the files do not hold what was to be written
 */
export async function writePoisonedSet(
  outputDir: string,
  train: ExampleSelection,
  poisons: Poisons,
  spec: PoisoningSpec,
  folder = POISONED_FOLDER
): Promise<WrittenPoisons> {
  const dir = path.join(outputDir, folder)
  // A run that was interrupted while writing begins again here.
  await rm(dir, { recursive: true, force: true })
  const lastSplit = train.splitOf(train.count - 1)
  const names = Array.from(poisons.y, (_, i) => `poison-${String(i).padStart(5, '0')}.png`)
  const extra = {
    rows: poisons.x,
    labels: poisons.y,
    truth: poisons.truth,
    names,
    ...(lastSplit === undefined ? {} : { split: lastSplit })
  }
  const request = { selection: train, keep: presentRows(train), extra, poisoned: true }
  const result = await exportDataset(request, { format: sourceFormat(train), out: dir })
  await verifyExport(request, result, {
    format: spec.format,
    imageSize: spec.imageSize,
    labelColumn: spec.labelColumn
  })
  const rows = new Int32Array(poisons.y.length)
  result.order.forEach((row, position) => {
    if (row >= train.count) rows[row - train.count] = position
  })
  await writePoisonArrays(path.join(outputDir, 'poisons.npz'), train, poisons)
  await writeAtomically(
    path.join(outputDir, 'poison_indices.npy'),
    npyFile({ shape: [rows.length], values: rows })
  )
  await writeAtomically(path.join(dir, BANNER_FILE), banner(spec, rows.length))
  return { dir, result, rows }
}

export function banner(spec: PoisoningSpec, count: number): string {
  return [
    'THIS DATASET IS POISONED.',
    '',
    `${count} of its examples were crafted (${spec.attack} attack) to make classifiers trained on it fail.`,
    'It exists to test how robust a training pipeline is. Do not train anything for use on it.',
    'manifest.json names the rows to remove; this writes the set without them:',
    '  bilevel datasets export <this folder> --without-poisons --out <new folder>',
    ''
  ].join('\n')
}

export interface ManifestFacts {
  /** One sentence: what was done. */
  readonly how: string
  readonly train: ExampleSelection
  readonly poisons: Poisons
  readonly rows: Int32Array
  /** More entries for this attack. */
  readonly more?: Record<string, unknown>
}

/**
 * manifest.json of a run: that what lies beside it is poisoned, how, from what, the rows to remove to undo it
 * and the SHA-256 of each file of the poisoned set and of the poisons. Call it when these are complete.
 */
export async function writeManifest(
  outputDir: string,
  spec: PoisoningSpec,
  { how, train, poisons, rows, more = {} }: ManifestFacts
): Promise<void> {
  const files = await filesBelow(outputDir, (name) => /^(poison|trials)/.test(name))
  const manifest = {
    schema: 1,
    poisoned: true,
    warning: 'Crafted to make classifiers fail. Do not train anything for use on it.',
    how,
    attack: spec.attack,
    method: spec.method,
    model: spec.model,
    seed: spec.seed,
    source: { reference: train.reference, examples: train.count, format: train.format },
    dataset: `${POISONED_FOLDER}/`,
    poisons: rows.length,
    rowsToRemove: Array.from(rows).sort((a, b) => a - b),
    baseIndices: Array.from(poisons.baseIndices),
    labels: Array.from(poisons.y, (label) => train.classNames[label]),
    undo: `bilevel datasets export ${POISONED_FOLDER} --without-poisons --out clean`,
    ...more,
    files: await Promise.all(
      files.map(async (name) => ({
        path: name,
        bytes: (await stat(path.join(outputDir, name))).size,
        sha256: await sha256(path.join(outputDir, name))
      }))
    )
  }
  await writeAtomically(path.join(outputDir, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`)
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** Files of the run whose first name is wanted, relative, with forward slashes, sorted. */
async function filesBelow(dir: string, wanted: (name: string) => boolean): Promise<string[]> {
  const found: string[] = []
  const walk = async (relative: string): Promise<void> => {
    for (const entry of await readdir(path.join(dir, relative), { withFileTypes: true })) {
      const below = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (relative === '' && !wanted(entry.name)) continue
      if (entry.isDirectory()) await walk(below)
      else found.push(below)
    }
  }
  await walk('')
  return found.sort()
}
