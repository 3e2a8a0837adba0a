import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import type { ReadingOptions } from '../../../shared/domain/reading-options'
import type { FormatDefinition } from '../formats/format'
import type { ExportSource } from './export-source'
import type { WriteTarget } from './dataset-writer'
import { readingOf, sourceCopyOf, type SourceCopy } from './source-copy'

/**
 * Write in the source's own format by copying: whole files where nothing changed, else the rows that are kept, with
 * every column, array and type of the source.
 * @returns how the copy is to be read; undefined where it cannot be made so and nothing was written
 * @throws Failure conflict when a file of the source that was not kept is another by now
 */
export async function copySource(
  source: ExportSource,
  format: FormatDefinition,
  target: WriteTarget
): Promise<ReadingOptions | undefined> {
  const copy = sourceCopyOf(source, format.codec.format)
  if (!copy) return undefined
  const done =
    (await copyFiles(source, copy, format, target)) ||
    ((await format.copyRows?.(source, copy, target)) ?? false)
  target.progress(source.count)
  const { labelColumn } = copy.meta.layout
  if (!done) return undefined
  return { ...readingOf(copy.meta), ...(typeof labelColumn === 'string' ? { labelColumn } : {}) }
}

/** Nothing was left out or changed: the files as they came. */
async function copyFiles(
  source: ExportSource,
  copy: SourceCopy,
  format: FormatDefinition,
  { folder, tableType }: WriteTarget
): Promise<boolean> {
  if (!copy.isUnchanged || source.count !== copy.meta.count) return false
  const files = copy.files()
  const { fileName } = format
  if (fileName && !files.every(({ name }) => fileName.test(name))) return false
  if (tableType && !files.every(({ name }) => new RegExp(`\\.${tableType}(\\.gz)?$`, 'i').test(name)))
    return false
  for (const { name, path: file } of files) {
    await copyFile(file, path.join(folder, name), constants.COPYFILE_FICLONE)
  }
  return true
}
