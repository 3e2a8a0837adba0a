import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  ftruncateSync,
  openSync,
  closeSync,
  readFileSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { Failure } from '../../shared/domain/failure'
import {
  contentHash,
  createTemporaryFolder,
  discardFolder,
  FEATURES_FILE,
  FILES_FILE,
  LABELS_FILE,
  markUsed,
  publishFolder,
  readMeta,
  removeUnused,
  sweepTemporaryFolders,
  TRUTH_FILE,
  writeMeta
} from '../datasets'
import type { ExtractorInput } from '../extractors/extractor'
import { NPY_HEADER_BYTES, npyHeader } from '../file-formats/npy'
import { modelFacts } from './protocol'
import type { ModelFacts } from './protocol'

/** In the workspace. */
export const FEATURES_FOLDER = 'features'
/** A byte a block: 1 where its features are on the disk. */
export const DONE_FILE = 'done.bin'
/** What the features are of; written last. */
export const ABOUT_FILE = 'features.json'

/** Changes whenever the same model gives other features of the same examples. */
const VERSION = 1
/** Beyond this, the longest unused are removed. */
const MOST_BYTES = 20 * 2 ** 30

/** Which model the features are by. */
export interface ExtractorIdentity {
  readonly name: string
  /** SHA-256 of its files. */
  readonly hash: string
  readonly input: ExtractorInput
}

/** What was said of features when their folder was made. */
const about = z.object({ schema: z.literal(1), extractor: z.string(), hash: z.string(), ...modelFacts.shape })

/** The features of one dataset by one extractor: a dataset of its own, some of whose rows may not be computed yet. */
export interface FeatureSet {
  readonly folder: string
  readonly meta: DatasetMeta
  /** Examples that are computed together. */
  readonly block: number
}

/**
 * The folder of these features, made with room for all of them where there is none yet. A name stands for the
 * content of the data and of the model: neither changes under it.
 * @throws Failure refused where the disk has no room
 */
export async function openFeatureSet(
  workspace: string,
  source: { readonly meta: DatasetMeta; readonly folder: string },
  extractor: ExtractorIdentity,
  facts: ModelFacts
): Promise<FeatureSet> {
  const root = path.join(workspace, FEATURES_FOLDER)
  const folder = path.join(root, await nameOf(source.meta, extractor))
  if (!existsSync(path.join(folder, ABOUT_FILE))) {
    sweepTemporaryFolders(root)
    const temporary = createTemporaryFolder(root)
    try {
      checkSpace(temporary, source.meta, facts.width)
      fill(temporary, source, extractor, facts)
      publishFolder(temporary, folder)
    } catch (error) {
      discardFolder(temporary)
      throw error
    }
    removeUnused({ root, stamp: ABOUT_FILE, mostBytes: MOST_BYTES, bytesOf }, path.basename(folder))
  }
  markUsed(folder, ABOUT_FILE)
  const { block } = about.parse(JSON.parse(readFileSync(path.join(folder, ABOUT_FILE), 'utf8')))
  const meta = readMeta(folder)
  if (meta) return { folder, meta, block }
  throw new Failure(
    'conflict',
    `The features in ${folder} cannot be read.`,
    'Remove that folder and try again.'
  )
}

async function nameOf(meta: DatasetMeta, { hash, input }: ExtractorIdentity): Promise<string> {
  // The same pixels, with the pictures that they were made of or without, give other features.
  const { originals } = meta.layout
  const hasOriginals = originals === true || originals === 'source'
  return createHash('sha256')
    .update(JSON.stringify([VERSION, await contentHash(meta), hasOriginals, hash, input]))
    .digest('hex')
    .slice(0, 32)
}

function fill(
  folder: string,
  { meta, folder: source }: { readonly meta: DatasetMeta; readonly folder: string },
  { name, hash }: ExtractorIdentity,
  facts: ModelFacts
): void {
  const { width, block } = facts
  for (const file of [LABELS_FILE, TRUTH_FILE, FILES_FILE]) {
    if (existsSync(path.join(source, file))) copyFileSync(path.join(source, file), path.join(folder, file))
  }
  const features = openSync(path.join(folder, FEATURES_FILE), 'w')
  try {
    writeSync(features, npyHeader('<f4', [meta.count, width]))
    ftruncateSync(features, NPY_HEADER_BYTES + meta.count * width * 4)
  } finally {
    closeSync(features)
  }
  writeFileSync(path.join(folder, DONE_FILE), new Uint8Array(Math.ceil(meta.count / block)))
  writeMeta(folder, {
    ...meta,
    format: 'npz',
    shape: [width],
    dtype: 'float32',
    columns: undefined,
    warnings: undefined,
    layout: {}
  })
  writeFileSync(
    path.join(folder, ABOUT_FILE),
    `${JSON.stringify({ schema: 1, extractor: name, hash, ...facts }, null, 2)}\n`
  )
}

function checkSpace(folder: string, { name, count }: DatasetMeta, width: number): void {
  const { bavail, bsize } = statfsSync(folder)
  const needed = count * width * 4
  if (needed <= bavail * bsize) return
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`
  throw new Failure(
    'refused',
    `The features of ${name} need ${mebibytes(needed)} in the workspace, but only ${mebibytes(bavail * bsize)} are free.`,
    'Free some space, or start with a workspace on another disk (--workspace).'
  )
}

/** The blocks of these rows that are not computed yet, in order. @param rows ascending ranges from..to */
export function missingBlocks(
  { folder, block }: FeatureSet,
  rows: readonly (readonly [number, number])[]
): number[] {
  const done = readFileSync(path.join(folder, DONE_FILE))
  const missing = new Set<number>()
  for (const [from, to] of rows) {
    for (let at = Math.floor(from / block); at * block < to; at++) if (done[at] !== 1) missing.add(at)
  }
  return [...missing].sort((a, b) => a - b)
}

function bytesOf(folder: string): number {
  return statSync(path.join(folder, FEATURES_FILE), { throwIfNoEntry: false })?.size ?? 0
}
