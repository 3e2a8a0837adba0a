import { createHash } from 'node:crypto'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { formatReference, parseReference } from '../../shared/domain/reference'
import type { TrustedMark, VouchedLabel } from '../../shared/domain/trusted-set'
import { TRUSTED_FOLDER } from './adopt-marks'
import type { DatasetStore } from './dataset-store'
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
import { CellsReader, CellsWriter } from './store/cells'
import { FeatureFile } from './store/feature-file'
import { FeatureWriter } from './store/feature-writer'
import { createTemporaryFolder, publishFolder } from './store/temporary-folder'

/** In the layout of a set of marks: which rows of the dataset around it these are. */
const MARKED_ROWS = 'markedRows'

/** Of a set of marks: the dataset that they are of, and their rows there; undefined for any other dataset. */
export function markedIn(
  meta: DatasetMeta
): { readonly meta: DatasetMeta; readonly folder: string; readonly rows: readonly number[] } | undefined {
  const rows = z.array(z.int().nonnegative()).safeParse(meta.layout[MARKED_ROWS])
  if (!rows.success || rows.data.length !== meta.count) return undefined
  const folder = path.dirname(path.dirname(folderOfMeta(meta)))
  const parent = readMeta(folder)
  return parent && rows.data.every((row) => row < parent.count)
    ? { meta: parent, folder, rows: rows.data }
    : undefined
}

/** What is trusted of one dataset: marked examples, or another reference instead of them. */
export interface TrustState {
  readonly marks: readonly VouchedLabel[]
  readonly reference: string | null
}

export function readTrust(store: DatasetStore, { id }: DatasetMeta): TrustState {
  return { marks: store.decisions.marksOf(id), reference: trustedReference(store, id) }
}

/** What is trusted instead of the marks, as people would write it today: it is kept by the ids of its datasets. */
export function trustedReference(store: DatasetStore, dataset: string): string | null {
  const reference = store.decisions.referenceOf(dataset)
  return reference === null ? null : withSources(reference, (source) => store.find(source)?.name)
}

/** A reference that means the same after its datasets were renamed. */
export function lastingReference(store: DatasetStore, reference: string): string {
  return withSources(reference, (source) => store.find(source)?.id)
}

function withSources(reference: string, nameOf: (source: string) => string | undefined): string {
  const parts = parseReference(reference)
  return formatReference(parts.map((part) => ({ ...part, source: nameOf(part.source) ?? part.source })))
}

/** @throws Failure bad-input for a row or a class that the dataset lacks */
export function checkMarks(meta: DatasetMeta, marks: readonly TrustedMark[]): void {
  const outside = marks.find(({ row, label }) => row >= meta.count || label >= meta.classNames.length)
  if (!outside) return
  throw badInput(
    `"${meta.name}" has no example ${outside.row} or no class ${outside.label}.`,
    `Examples are 0..${meta.count - 1}, classes 0..${meta.classNames.length - 1}.`
  )
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
  const folder = path.join(parent, TRUSTED_FOLDER, markVersion(marks))
  const present = readMeta(folder)
  if (present) return present
  const temporary = createTemporaryFolder(path.join(parent, TRUSTED_FOLDER))
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
  await copyCells(parent, temporary, marks)
  const { originals: _originals, sourceFiles: _files, ...layout } = meta.layout
  const rows = marks.map(({ row }) => row)
  const marked: DatasetMeta = {
    ...meta,
    count: marks.length,
    splits: [],
    layout: { ...layout, [MARKED_ROWS]: rows }
  }
  writeMeta(temporary, marked)
  await recordContent(temporary, marked)
  await syncTree(temporary)
  publishFolder(temporary, folder)
  return readMeta(folder)!
}

/** The cells of the marked rows, where the dataset keeps those of its own. */
async function copyCells(parent: string, folder: string, marks: readonly TrustedMark[]): Promise<void> {
  const cells = CellsReader.open(parent)
  if (!cells) return
  try {
    const writer = await CellsWriter.create(folder)
    for (const { row } of marks) await writer.append(cells.read(row, 1)[0] ?? [])
    await writer.finish()
  } finally {
    cells.close()
  }
}

/** A version made earlier. @throws Failure bad-input when there is none */
export function materialisedMarks(meta: DatasetMeta, version: string): DatasetMeta {
  const found = readMeta(path.join(folderOfMeta(meta), TRUSTED_FOLDER, version))
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
