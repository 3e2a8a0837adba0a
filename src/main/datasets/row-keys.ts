import { createHash } from 'node:crypto'
import path from 'node:path'
import { exampleSize } from '../../shared/domain/dataset'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { rowsPerBlock } from '../file-formats/byte-reader'
import { FeatureFile } from './store/feature-file'
import { readFileNames } from './store/dataset-folder'
import { RowCells } from './table/row-cells'

/** A dataset in its folder, which may be one that is still being imported. */
export interface Stored {
  readonly folder: string
  readonly meta: DatasetMeta
}

/** Texts by which examples of two datasets are told to be the same one, one an example of each. */
export interface Keys {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** Rows whose cells are read at once. */
const ROWS = 4096

/**
 * What examples hold but their labels: the cells of the columns that both tables have, the features of others. Undefined
 * where one holds other things than the other.
 */
export function contentKeys(before: Stored, after: Stored): Keys | undefined {
  const shared = sharedColumns(before, after)
  if (shared) {
    return shared.length === 0
      ? undefined
      : { before: cellKeys(before, shared), after: cellKeys(after, shared) }
  }
  const isAlike =
    before.meta.dtype === after.meta.dtype && before.meta.shape.join() === after.meta.shape.join()
  return isAlike ? { before: featureKeys(before), after: featureKeys(after) } : undefined
}

/** What names an example whatever it holds: an identifier that both tables have, the file without its folders. */
export function nameKeys(before: Stored, after: Stored): Keys | undefined {
  if (before.meta.hasFiles && after.meta.hasFiles) {
    const names = ({ folder }: Stored): string[] =>
      readFileNames(folder).map((file) => path.posix.basename(file.replaceAll('\\', '/')))
    return { before: names(before), after: names(after) }
  }
  const identifier = before.meta.representation?.columns.find(({ role }) => role === 'identifier')?.name
  const shared = identifier !== undefined && sharedColumns(before, after)?.includes(identifier)
  return shared ? { before: cellKeys(before, [identifier]), after: cellKeys(after, [identifier]) } : undefined
}

function sharedColumns(before: Stored, after: Stored): string[] | undefined {
  const [mine, theirs] = [columnsOf(after), columnsOf(before)]
  return mine && theirs?.filter((name) => mine.includes(name))
}

function columnsOf({ folder, meta }: Stored): string[] | undefined {
  const cells = RowCells.open(folder, meta)
  cells?.close()
  return cells?.representation.columns.map(({ name }) => name)
}

function cellKeys({ folder, meta }: Stored, names: readonly string[]): string[] {
  const cells = RowCells.open(folder, meta)!
  try {
    const places = names.map((name) => cells.representation.columns.findIndex((one) => one.name === name))
    const keys: string[] = []
    for (let from = 0; from < meta.count; from += ROWS) {
      for (const texts of cells.texts(from, Math.min(ROWS, meta.count - from)))
        keys.push(hashOf(JSON.stringify(places.map((place) => plain(texts[place] ?? '')))))
    }
    return keys
  } finally {
    cells.close()
  }
}

/** Programs that edit tables write numbers anew: 0.10 as 0.1. */
function plain(text: string): string {
  const trimmed = text.trim()
  const value = Number(trimmed)
  return trimmed !== '' && Number.isFinite(value) ? String(Math.fround(value)) : trimmed
}

function featureKeys({ folder, meta }: Stored): string[] {
  const features = FeatureFile.open(folder, meta)
  try {
    const size = exampleSize(meta.shape) * (meta.dtype === 'uint8' ? 1 : 4)
    const rows = rowsPerBlock(size)
    const keys: string[] = []
    for (let from = 0; from < meta.count; from += rows) {
      const count = Math.min(rows, meta.count - from)
      const block = new Uint8Array(count * size)
      features.readBytes(from, count, block)
      for (let i = 0; i < count; i++) keys.push(hashOf(block.subarray(i * size, (i + 1) * size)))
    }
    return keys
  } finally {
    features.close()
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('base64').slice(0, 20)
}
