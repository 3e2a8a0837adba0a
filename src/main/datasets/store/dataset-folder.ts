import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { datasetMeta, type DatasetMeta } from '../../../shared/domain/dataset'
import { badInput, Failure } from '../../../shared/domain/failure'
import { readFullySync } from '../../files/read-fully'
import { bytesOf, NPY_HEADER_BYTES, npyHeader } from '../../file-formats/npy'

/** Files of one dataset: see "Workspace on disk" in docs/formats.md. */
export const META_FILE = 'meta.json'
export const FEATURES_FILE = 'features.npy'
export const LABELS_FILE = 'labels.npy'
export const TRUTH_FILE = 'truth.npy'
export const FILES_FILE = 'files.json'
/** Whole source files kept because they cannot be made again bit for bit (gzip). */
export const ORIGINALS_FOLDER = 'originals'

/** Where the features of a meta that was read from disk lie. */
const folders = new WeakMap<DatasetMeta, string>()

/** @throws Failure internal when the meta was not read by this process */
export function folderOfMeta(meta: DatasetMeta): string {
  const folder = folders.get(meta)
  if (folder === undefined) {
    throw new Failure('internal', `The folder of ${meta.name} is not known.`, 'Get it from the store first.')
  }
  return folder
}

/** What was read, while its file is the same: a list of hundreds is asked for again and again. */
const read = new Map<string, { readonly stamp: string; readonly meta: DatasetMeta }>()

/** The meta of a dataset folder; undefined when the folder is not a readable dataset. */
export function readMeta(folder: string): DatasetMeta | undefined {
  const file = path.join(folder, META_FILE)
  try {
    const facts = statSync(file, { throwIfNoEntry: false })
    if (!facts) return undefined
    const stamp = `${facts.ino} ${facts.size} ${facts.mtimeMs}`
    const known = read.get(folder)
    if (known?.stamp === stamp) return known.meta
    const meta = datasetMeta.parse(JSON.parse(readFileSync(file, 'utf8')))
    folders.set(meta, folder)
    read.set(folder, { stamp, meta })
    return meta
  } catch {
    // A folder from another version, or edited by hand: not a dataset of this store.
    return undefined
  }
}

export function writeMeta(folder: string, meta: DatasetMeta): void {
  writeFileSync(path.join(folder, META_FILE), `${JSON.stringify(meta, null, 2)}\n`)
}

export function writeIntegers(folder: string, name: string, values: Int32Array): void {
  writeFileSync(path.join(folder, name), Buffer.concat([npyHeader('<i4', [values.length]), bytesOf(values)]))
}

/** labels.npy or truth.npy. @throws Failure bad-input when it does not hold them */
export function readIntegers(folder: string, name: string, from = 0, to?: number): Int32Array {
  const file = path.join(folder, name)
  const bytes = statSync(file).size - NPY_HEADER_BYTES
  if (bytes < 0 || bytes % 4 !== 0) {
    throw badInput(
      `${file} is damaged: it has ${bytes + NPY_HEADER_BYTES} bytes.`,
      'Import the dataset again.'
    )
  }
  const values = new Int32Array((to ?? bytes / 4) - from)
  const fd = openSync(file, 'r')
  try {
    readFullySync(fd, new Uint8Array(values.buffer), NPY_HEADER_BYTES + 4 * from, file)
  } finally {
    closeSync(fd)
  }
  return values
}

/** One file name a line inside a JSON array, so that it can be read by people and by line. */
export function writeFileNames(folder: string, names: readonly string[]): void {
  const lines = names.map((name) => JSON.stringify(name)).join(',\n')
  writeFileSync(path.join(folder, FILES_FILE), `[\n${lines}\n]\n`)
}

export function readFileNames(folder: string): string[] {
  const file = path.join(folder, FILES_FILE)
  try {
    return z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw badInput(`${file} is damaged: it holds no list of names.`, 'Import the dataset again.', error)
  }
}
