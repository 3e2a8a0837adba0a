import path from 'node:path'
import * as z from 'zod'
import { ByteReader } from '../../file-formats/byte-reader'
import { ZipArchive } from '../../file-formats/zip-archive'
import { zipBytes } from '../../file-formats/zip-writer'
import { copiedArrays, type ArrayRows, type CopiedArray } from './array-copy'
import type { WriteTarget } from './dataset-writer'
import { OutputFile } from './output-file'
import type { SourceCopy } from './source-copy'

const arrayNote = z.object({
  split: z.string(),
  x: z.string(),
  y: z.string(),
  truth: z.string().optional(),
  count: z.int()
})

/** Which array holds which rows; undefined where an import noted none. */
function groupsOf(copy: SourceCopy): ArrayRows[] | undefined {
  const notes = z.array(arrayNote).safeParse(copy.meta.layout.arrays).data
  let next = 0
  return notes?.map(({ count, ...names }) => {
    const from = next
    next += count
    return { ...names, from, to: next }
  })
}

/** Rows of the arrays of an archive. */
export async function copyArchive(copy: SourceCopy, target: WriteTarget): Promise<boolean> {
  const groups = groupsOf(copy)
  if (!groups) return false
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

/** Rows of arrays that are files of their own. */
export async function copyArrayFiles(copy: SourceCopy, target: WriteTarget): Promise<boolean> {
  const groups = groupsOf(copy)
  if (!groups) return false
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
