import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { trustedMark, type TrustedMark } from '../../shared/domain/trusted-set'
import { syncTree } from '../files/sync-tree'
import { checkFiles, recordContent } from './store/content'
import {
  folderOfMeta,
  LABELS_FILE,
  readFileNames,
  readIntegers,
  readMeta,
  TRUTH_FILE,
  writeFileNames,
  writeIntegers,
  writeMeta
} from './store/dataset-folder'
import { FeatureFile } from './store/feature-file'
import { FeatureWriter } from './store/feature-writer'
import { createTemporaryFolder, publishFolder } from './store/temporary-folder'

/** Folder inside a dataset's own. */
const FOLDER = 'trusted'
const STATE_FILE = 'marks.json'

const trustState = z.object({ marks: z.array(trustedMark), reference: z.string().nullable() })
/** What is trusted of one dataset: marked examples, or another reference instead of them. */
export type TrustState = z.infer<typeof trustState>

export function readTrust(meta: DatasetMeta): TrustState {
  const file = path.join(folderOfMeta(meta), FOLDER, STATE_FILE)
  if (!existsSync(file)) return { marks: [], reference: null }
  return trustState.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Whole or not at all: what was decided before stays when the process dies. */
export function writeTrust(meta: DatasetMeta, state: TrustState): void {
  const folder = path.join(folderOfMeta(meta), FOLDER)
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, STATE_FILE)
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}

/** @throws Failure bad-input for a row or a class that the dataset lacks */
export function addMarks(meta: DatasetMeta, marks: readonly TrustedMark[]): void {
  const state = readTrust(meta)
  const byRow = new Map(state.marks.map(({ row, label }) => [row, label]))
  for (const { row, label } of marks) {
    if (row >= meta.count || label >= meta.classNames.length) {
      throw badInput(
        `"${meta.name}" has no example ${row} or no class ${label}.`,
        `Examples are 0..${meta.count - 1}, classes 0..${meta.classNames.length - 1}.`
      )
    }
    byRow.set(row, label)
  }
  writeTrust(meta, { ...state, marks: sorted(byRow) })
}

export function removeMarks(meta: DatasetMeta, rows: readonly number[]): void {
  const state = readTrust(meta)
  const gone = new Set(rows)
  writeTrust(meta, { ...state, marks: state.marks.filter(({ row }) => !gone.has(row)) })
}

/** Names this very set of marks, whatever is marked later. */
export function markVersion(marks: readonly TrustedMark[]): string {
  const text = marks.map(({ row, label }) => `${row}:${label}`).join(',')
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/**
 * The marked examples as a dataset of their own, made once for each set of marks: a run that names it can be
 * repeated after more has been marked.
 */
export async function materialiseMarks(
  meta: DatasetMeta,
  marks: readonly TrustedMark[]
): Promise<DatasetMeta> {
  const parent = folderOfMeta(meta)
  const folder = path.join(parent, FOLDER, markVersion(marks))
  const present = readMeta(folder)
  if (present) return present
  const temporary = createTemporaryFolder(path.join(parent, FOLDER))
  const writer = await FeatureWriter.create(temporary, meta.shape, meta.dtype, () => meta.name)
  checkFiles(parent, meta)
  const source = FeatureFile.open(parent, meta)
  try {
    for (const { row } of marks) await writer.append(readRow(source, meta, row))
  } finally {
    source.close()
  }
  await writer.finish()
  writeIntegers(
    temporary,
    LABELS_FILE,
    Int32Array.from(marks, ({ label }) => label)
  )
  if (meta.hasTruth) {
    const truth = readIntegers(parent, TRUTH_FILE)
    writeIntegers(
      temporary,
      TRUTH_FILE,
      Int32Array.from(marks, ({ row }) => truth[row]!)
    )
  }
  if (meta.hasFiles) {
    const files = readFileNames(parent)
    writeFileNames(
      temporary,
      marks.map(({ row }) => files[row]!)
    )
  }
  const { originals: _originals, sourceFiles: _files, ...layout } = meta.layout
  const marked: DatasetMeta = { ...meta, count: marks.length, splits: [], layout }
  writeMeta(temporary, marked)
  await recordContent(temporary, marked)
  await syncTree(temporary)
  publishFolder(temporary, folder)
  return readMeta(folder)!
}

/** A version made earlier. @throws Failure bad-input when there is none */
export function materialisedMarks(meta: DatasetMeta, version: string): DatasetMeta {
  const found = readMeta(path.join(folderOfMeta(meta), FOLDER, version))
  if (found) return found
  throw badInput(
    `"${meta.name}" has no set of trusted marks "${version}".`,
    `Name ${meta.name}#trusted for the marks of today.`
  )
}

function readRow(source: FeatureFile, meta: DatasetMeta, row: number): Uint8Array | Float32Array {
  if (meta.dtype === 'uint8') {
    const bytes = new Uint8Array(source.size)
    source.readBytes(row, 1, bytes)
    return bytes
  }
  const floats = new Float32Array(source.size)
  source.readFloats(row, 1, floats)
  return floats
}

function sorted(byRow: ReadonlyMap<number, number>): TrustedMark[] {
  return [...byRow].map(([row, label]) => ({ row, label })).sort((a, b) => a.row - b.row)
}
