import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../../shared/domain/dataset'
import { encodingOf, isPlain } from '../../../shared/domain/table-columns'
import { badInput, type Failure } from '../../../shared/domain/failure'
import { hashFile } from '../../files/hash-file'
import { readFullySync } from '../../files/read-fully'
import { writeAtomically } from '../../files/write-atomically'
import { NPY_HEADER_BYTES, npyHeader } from '../../file-formats/npy'
import {
  FEATURES_FILE,
  FILES_FILE,
  folderOfMeta,
  LABELS_FILE,
  ORIGINALS_FOLDER,
  TRUTH_FILE
} from './dataset-folder'
import { CELL_OFFSETS_FILE, CELLS_FILE } from './cells'
import { OFFSETS_FILE, PACK_FILE, readOffsets } from './originals'

/** Sizes and hashes of a dataset's files, and one hash for all of it. */
const CONTENT_FILE = 'content.json'

const contentFile = z.object({
  path: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  /** Times of the file when its hash was last seen to be right: while they stay, it need not be read again. */
  seen: z.string()
})
const contentRecord = z.object({
  schema: z.literal(1),
  hash: z.string(),
  /** When every file was read and found right. */
  verifiedAt: z.iso.datetime().optional(),
  files: z.array(contentFile)
})
type ContentFile = z.infer<typeof contentFile>
type ContentRecord = z.infer<typeof contentRecord>

/**
 * Note the sizes and hashes of a dataset's files; the last thing written before the dataset becomes visible.
 * @returns SHA-256 of the content
 */
export async function recordContent(
  folder: string,
  meta: DatasetMeta,
  signal?: AbortSignal
): Promise<string> {
  const files: ContentFile[] = []
  for (const name of contentNames(folder)) files.push(await describe(folder, name, signal))
  const hash = hashOf(meta, files)
  await writeContent(folder, { schema: 1, hash, verifiedAt: new Date().toISOString(), files })
  return hash
}

/**
 * SHA-256 of a dataset's content: features, labels, truth, file names, classes, splits. What was noted
 * at the import holds while the files' sizes and times stay; a file whose times differ is read again.
 * @param thorough read every file whatever its times say
 * @throws Failure bad-input when a file is not what was imported
 */
export async function contentHash(
  meta: DatasetMeta,
  options: { thorough?: boolean; signal?: AbortSignal } = {}
): Promise<string> {
  const folder = folderOfMeta(meta)
  const record = readContent(folder, meta)
  checkFiles(folder, meta)
  // A dataset of an earlier version: its content is what it is today.
  if (!record) return recordContent(folder, meta, options.signal)
  const files: ContentFile[] = []
  let isNew = false
  for (const file of record.files) {
    if (!options.thorough && file.seen === seenTimes(path.join(folder, file.path))) {
      files.push(file)
      continue
    }
    const now = await describe(folder, file.path, options.signal)
    if (now.sha256 !== file.sha256) throw damaged(meta, file.path, 'holds other bytes than were imported')
    isNew ||= now.seen !== file.seen
    files.push(now)
  }
  if (hashOf(meta, files) !== record.hash) {
    throw damaged(meta, 'meta.json', 'names other classes, splits or sizes than were imported')
  }
  const verifiedAt = options.thorough ? new Date().toISOString() : record.verifiedAt
  // A workspace that was copied has new times. Where it cannot be written they are looked at again.
  if (isNew || options.thorough) {
    await writeContent(folder, { ...record, verifiedAt, files }).catch(() => undefined)
  }
  return record.hash
}

/**
 * See that every file is there, begins as it must and has its size; quick enough for every opening.
 * @throws Failure bad-input that names the file
 */
export function checkFiles(folder: string, meta: DatasetMeta): void {
  const record = readContent(folder, meta)
  if (record) checkSizes(folder, meta, record)
  const { count, shape, dtype } = meta
  checkArray(folder, meta, FEATURES_FILE, dtype === 'uint8' ? '|u1' : '<f4', [count, ...shape])
  checkArray(folder, meta, LABELS_FILE, '<i4', [count])
  if (meta.hasTruth) checkArray(folder, meta, TRUTH_FILE, '<i4', [count])
  if (meta.hasFiles && !existsSync(path.join(folder, FILES_FILE)))
    throw damaged(meta, FILES_FILE, 'is missing')
  if (meta.layout['originals'] === true && existsSync(path.join(folder, OFFSETS_FILE))) {
    const { size } = statSync(path.join(folder, OFFSETS_FILE))
    const wanted = NPY_HEADER_BYTES + 8 * (count + 1)
    if (size !== wanted) throw damaged(meta, OFFSETS_FILE, `has ${size} bytes instead of ${wanted}`)
    if (!record) readOffsets(folder)
  }
}

/** An array of the store: the header that this program writes, then its values and nothing more. */
function checkArray(
  folder: string,
  meta: DatasetMeta,
  name: string,
  type: '|u1' | '<i4' | '<f4',
  shape: readonly number[]
): void {
  const file = path.join(folder, name)
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats) throw damaged(meta, name, 'is missing')
  const values = shape.reduce((product, side) => product * side, 1)
  const wanted = NPY_HEADER_BYTES + values * (type === '|u1' ? 1 : 4)
  if (stats.size !== wanted) throw damaged(meta, name, `has ${stats.size} bytes instead of ${wanted}`)
  const header = new Uint8Array(NPY_HEADER_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    readFullySync(descriptor, header, 0, file)
  } finally {
    closeSync(descriptor)
  }
  if (!npyHeader(type, [...shape]).equals(header))
    throw damaged(meta, name, 'begins with other bytes than were written')
}

/** Milliseconds since every file was read and found right; infinitely many where that is not known. */
export function sinceVerified(folder: string): number {
  try {
    const { verifiedAt } = contentRecord.parse(
      JSON.parse(readFileSync(path.join(folder, CONTENT_FILE), 'utf8'))
    )
    return verifiedAt === undefined ? Infinity : Date.now() - Date.parse(verifiedAt)
  } catch {
    return Infinity
  }
}

/** The hash as it was noted, unchecked; undefined where none was. */
export function recordedHash(folder: string): string | undefined {
  try {
    return contentRecord.parse(JSON.parse(readFileSync(path.join(folder, CONTENT_FILE), 'utf8'))).hash
  } catch {
    return undefined
  }
}

/** Undefined for a dataset of an earlier version. @throws Failure bad-input */
function readContent(folder: string, meta: DatasetMeta): ContentRecord | undefined {
  const file = path.join(folder, CONTENT_FILE)
  if (!existsSync(file)) return undefined
  try {
    return contentRecord.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw damaged(meta, CONTENT_FILE, 'cannot be read')
  }
}

function checkSizes(folder: string, meta: DatasetMeta, { files }: ContentRecord): void {
  for (const { path: name, bytes } of files) {
    const stats = statSync(path.join(folder, name), { throwIfNoEntry: false })
    if (!stats) throw damaged(meta, name, 'is missing')
    if (stats.size !== bytes) throw damaged(meta, name, `has ${stats.size} bytes instead of ${bytes}`)
  }
}

export function damaged({ name, source }: DatasetMeta, file: string, how: string): Failure {
  return badInput(
    `The dataset "${name}" is damaged: its ${file} ${how}.`,
    `Import it again from ${source}, or take its folder from a backup.`
  )
}

/** The files of a dataset folder that hold its content; trusted marks and the like are no part of it. */
function contentNames(folder: string): string[] {
  const plain = [
    ...[FEATURES_FILE, LABELS_FILE, TRUTH_FILE, FILES_FILE],
    ...[PACK_FILE, OFFSETS_FILE, CELLS_FILE, CELL_OFFSETS_FILE]
  ]
  const kept = path.join(folder, ORIGINALS_FOLDER)
  const originals = existsSync(kept) ? readdirSync(kept, { recursive: true, encoding: 'utf8' }).sort() : []
  return [
    ...plain.filter((name) => existsSync(path.join(folder, name))),
    ...originals
      .filter((name) => statSync(path.join(kept, name)).isFile())
      .map((name) => `${ORIGINALS_FOLDER}/${name.split(path.sep).join('/')}`)
  ]
}

async function describe(folder: string, name: string, signal?: AbortSignal): Promise<ContentFile> {
  const file = path.join(folder, name)
  const seen = seenTimes(file)
  const sha256 = await hashFile(file, signal)
  return { path: name, bytes: statSync(file).size, sha256, seen }
}

/** ctime as well: a tool may set the time of change back, but not that. */
function seenTimes(file: string): string {
  const { mtimeNs, ctimeNs, ino } = statSync(file, { bigint: true })
  return `${mtimeNs}-${ctimeNs}-${ino}`
}

/** What the numbers in the files mean is content too: the same labels with other class names are others. */
function hashOf(meta: DatasetMeta, files: readonly ContentFile[]): string {
  const { count, shape, dtype, classNames, splits, columns = [], representation } = meta
  // Plain numbers mean what stands in the table, whatever else is noted of them.
  const fitted =
    representation && !isPlain(representation) ? { representation: encodingOf(representation) } : {}
  const meaning = {
    count,
    shape,
    dtype,
    classNames,
    splits: splits.map(({ name, from, to }) => [name, from, to]),
    columns,
    ...fitted
  }
  // The same examples may have been imported with their encoded files or without.
  const lines = files
    .filter(
      ({ path: name }) =>
        ![PACK_FILE, OFFSETS_FILE].includes(name) && !name.startsWith(`${ORIGINALS_FOLDER}/`)
    )
    .map(({ path: name, sha256 }) => `${name}\0${sha256}`)
    .sort()
  return createHash('sha256')
    .update([JSON.stringify(meaning), ...lines].join('\n'))
    .digest('hex')
}

async function writeContent(folder: string, record: ContentRecord): Promise<void> {
  await writeAtomically(path.join(folder, CONTENT_FILE), `${JSON.stringify(record, null, 2)}\n`)
}
