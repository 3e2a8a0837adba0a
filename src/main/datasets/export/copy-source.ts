import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { DatasetFormat } from '../../../shared/domain/dataset'
import type { ReadingOptions } from '../../../shared/domain/reading-options'
import { ByteReader } from '../../file-formats/byte-reader'
import { ZipArchive } from '../../file-formats/zip-archive'
import { zipBytes } from '../../file-formats/zip-writer'
import { copiedArrays, type ArrayRows, type CopiedArray } from './array-copy'
import type { ExportSource } from './export-source'
import type { WriteTarget } from './export-types'
import { OutputFile } from './output-file'
import { readingOf, sourceCopyOf, type SourceCopy } from './source-copy'
import { copyTables } from './table-copy'

/** Names by which a folder of these formats is recognised. */
const RECOGNISED: Partial<Record<DatasetFormat, RegExp>> = {
  table: /\.(csv|tsv|parquet|pq)(\.gz)?$/i,
  npz: /\.npz$/i,
  npy: /\.npy$/i
}

/**
 * Write in the source's own format by copying: whole files where nothing changed, else the rows that are kept, with
 * every column, array and type of the source.
 * @returns how the copy is to be read; undefined where it cannot be made so and nothing was written
 * @throws Failure conflict when a file of the source that was not kept is another by now
 */
export async function copySource(
  source: ExportSource,
  format: DatasetFormat,
  target: WriteTarget
): Promise<ReadingOptions | undefined> {
  const copy = sourceCopyOf(source, format)
  if (!copy) return undefined
  const done =
    (await copyFiles(source, copy, format, target)) ||
    (format === 'table' && (await copyTables(source, target))) ||
    ((format === 'npz' || format === 'npy') && (await copyArrays(copy, format, target)))
  target.progress(source.count)
  const { labelColumn } = copy.meta.layout
  return done
    ? { ...readingOf(copy.meta), ...(format === 'table' ? { labelColumn: String(labelColumn) } : {}) }
    : undefined
}

/** Nothing was left out or changed: the files as they came. */
async function copyFiles(
  source: ExportSource,
  copy: SourceCopy,
  format: DatasetFormat,
  { folder, tableType }: WriteTarget
): Promise<boolean> {
  if (!copy.isUnchanged || source.count !== copy.meta.count) return false
  const files = copy.files()
  const recognised = RECOGNISED[format]
  if (recognised && !files.every(({ name }) => recognised.test(name))) return false
  if (tableType && !files.every(({ name }) => new RegExp(`\\.${tableType}(\\.gz)?$`, 'i').test(name)))
    return false
  for (const { name, path: file } of files) {
    await copyFile(file, path.join(folder, name), constants.COPYFILE_FICLONE)
  }
  return true
}

const arrayNote = z.object({
  split: z.string(),
  x: z.string(),
  y: z.string(),
  truth: z.string().optional(),
  count: z.int()
})

async function copyArrays(copy: SourceCopy, format: 'npz' | 'npy', target: WriteTarget): Promise<boolean> {
  const notes = z.array(arrayNote).safeParse(copy.meta.layout.arrays).data
  if (!notes) return false
  let next = 0
  const groups = notes.map(({ count, ...names }): ArrayRows => {
    const from = next
    next += count
    return { ...names, from, to: next }
  })
  return format === 'npz' ? copyArchive(groups, copy, target) : copyArrayFiles(groups, copy, target)
}

async function copyArchive(
  groups: readonly ArrayRows[],
  copy: SourceCopy,
  target: WriteTarget
): Promise<boolean> {
  const [file] = copy.files()
  if (!file) return false
  const zip = await ZipArchive.open(file.path, file.name)
  try {
    const arrays = zip.entries
      .filter((entry) => entry.path.endsWith('.npy'))
      .map((entry): CopiedArray => ({
        name: entry.path.slice(0, -4),
        compressed: entry.deflated,
        open: () => zip.openEntry(entry)
      }))
    const members = await copiedArrays(arrays, groups, copy, target)
    if (!members) return false
    const name = /\.npz$/i.test(file.name) ? file.name : 'data.npz'
    await OutputFile.write(path.join(target.folder, name), async (out) => {
      for await (const piece of zipBytes(members)) await out.write(piece)
    })
    return true
  } finally {
    await zip.close()
  }
}

async function copyArrayFiles(
  groups: readonly ArrayRows[],
  copy: SourceCopy,
  target: WriteTarget
): Promise<boolean> {
  const arrays = copy.files().map(({ name, path: file }): CopiedArray => ({
    name: name.replace(/\.npy$/i, ''),
    compressed: false,
    open: () => ByteReader.openFile(file, name)
  }))
  const known = new Set(arrays.map(({ name }) => name))
  // One file named by itself, whose labels lie beside it under a name of their own.
  if (groups.some(({ x, y }) => !known.has(x) || !known.has(y))) return false
  const members = await copiedArrays(arrays, groups, copy, target)
  if (!members) return false
  for (const { path: name, bytes } of members) {
    await OutputFile.write(path.join(target.folder, name), async (out) => {
      for await (const piece of bytes()) await out.write(piece)
    })
  }
  return true
}
