import { constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../../shared/domain/dataset'
import { Failure } from '../../../shared/domain/failure'
import { fileFailure } from '../../file-formats/file-failure'
import { ORIGINALS_FOLDER } from './dataset-folder'

/**
 * Whether the files that a dataset came from are kept with it, so that an export in their format repeats what it does
 * not change: all of them for uploads, which do not last; those of moderate size else, the rest being read where they
 * lie; none for what is only looked at.
 */
export type KeepOriginals = 'all' | 'moderate' | 'none'

/** Files of this size together are kept. */
const MODERATE_BYTES = 2 ** 31

const sourceFile = z.object({
  /** In the folder of the source. */
  name: z.string(),
  /** Absolute, at the time of the import. */
  path: z.string(),
  bytes: z.number(),
  mtimeMs: z.number(),
  kept: z.boolean()
})
export type SourceFile = z.infer<typeof sourceFile>

/**
 * Note what the files of a source look like, and keep a copy of them. On disks that can share blocks it takes no room.
 * @param files absolute
 */
export async function keepSourceFiles(
  folder: string,
  files: readonly string[],
  keep: KeepOriginals
): Promise<SourceFile[]> {
  if (keep === 'none') return []
  const noted = files.map((file) => ({ file, stats: statSync(file, { throwIfNoEntry: false }) }))
  const names = new Set(files.map((file) => path.basename(file)))
  if (names.size < files.length || noted.some(({ stats }) => !stats?.isFile())) return []
  const total = noted.reduce((sum, { stats }) => sum + (stats?.size ?? 0), 0)
  const kept = keep === 'all' || total <= MODERATE_BYTES
  const originals = path.join(folder, ORIGINALS_FOLDER)
  if (kept) mkdirSync(originals, { recursive: true })
  const result: SourceFile[] = []
  for (const { file, stats } of noted) {
    const copy = path.join(originals, path.basename(file))
    const { size, mtimeMs } = stats!
    try {
      if (kept && !existsSync(copy)) await copyFile(file, copy, constants.COPYFILE_FICLONE)
    } catch (error) {
      throw fileFailure(error, path.basename(file))
    }
    result.push({ name: path.basename(file), path: file, bytes: size, mtimeMs, kept })
  }
  return result
}

export function sourceFilesOf({ layout }: DatasetMeta): SourceFile[] {
  return z.array(sourceFile).safeParse(layout.sourceFiles).data ?? []
}

/**
 * Where a file of a dataset's source can be read as it was imported.
 * @throws Failure conflict when it was not kept, and is another or gone by now
 */
export function originalFile(folder: string, file: SourceFile): string {
  const place = file.kept ? path.join(folder, ORIGINALS_FOLDER, file.name) : file.path
  const now = statSync(place, { throwIfNoEntry: false })
  if (now?.size === file.bytes && (file.kept || now.mtimeMs === file.mtimeMs)) return place
  throw new Failure(
    'conflict',
    `${file.path} ${now ? 'was changed' : 'is gone'} since it was imported, so its rows cannot be copied from it.`,
    'Put the file back as it was, or import it again.'
  )
}
