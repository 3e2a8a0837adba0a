import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileFailure } from './bytes/file-failure'
import type { ExampleSelection } from './example-selection'
import { checkOut, exportDataset } from './export-dataset'
import type { ExportOptions, ExportRequest, ExportResult } from './export/export-types'
import { badInput } from '../../shared/domain/failure'
import { stopIfCancelled } from './import-dataset'
import { MANIFEST_FILE } from './poisoned-manifest'
import {
  createTemporaryFolder,
  discardFolder,
  publishFolder,
  sweepTemporaryFolders
} from './store/temporary-folder'
import { verifyExport } from './verify-export'
import type { ExportCheck } from './verify-export'

export interface FileSum {
  /** Relative to the folder, with forward slashes. */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

export interface CheckedExport<Manifest> {
  readonly result: ExportResult
  readonly manifest: Manifest
  readonly check: ExportCheck
}

/**
 * Export, add a manifest, read everything back and compare, and only then make the folder visible: what stands
 * under `out` has been checked. Cancelled or failed, nothing is left.
 * @param describe the manifest, from what was written and the checksums of its files
 * @throws Failure bad-input, cancelled, internal when what was written does not read back
 */
export async function exportChecked<Manifest extends object>(
  what: ExampleSelection | ExportRequest,
  options: ExportOptions,
  describe: (result: ExportResult, files: readonly FileSum[]) => Manifest
): Promise<CheckedExport<Manifest>> {
  const { out, watch = {} } = options
  checkOut(out)
  const absolute = path.resolve(out)
  const parent = path.dirname(absolute)
  let temporary: string | undefined
  try {
    sweepTemporaryFolders(parent)
    temporary = createTemporaryFolder(parent)
    const folder = path.join(temporary, path.basename(absolute))
    const written = await exportDataset(what, { ...options, out: folder })
    const sums = await sumsOf(folder, written.files, options)
    const manifest = describe({ ...written, out }, sums)
    // A poisoned set already has one that says so: it stays marked.
    const file = path.join(folder, MANIFEST_FILE)
    const marks = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {}
    writeFileSync(file, `${JSON.stringify({ ...marks, ...manifest }, null, 2)}\n`)
    const check = await verifyExport(
      what,
      written,
      { format: options.format },
      {
        signal: watch.signal,
        onProgress: (done, total) => watch.onProgress?.(done, total, 'reading it back')
      }
    )
    stopIfCancelled(watch)
    if (!publishFolder(folder, absolute)) {
      throw badInput(`The output folder ${out} is not empty.`, 'Name another folder, or empty it first.')
    }
    return { result: { ...written, out }, manifest, check }
  } catch (error) {
    throw fileFailure(error, out)
  } finally {
    if (temporary) discardFolder(temporary)
  }
}

async function sumsOf(
  folder: string,
  files: readonly string[],
  { watch = {} }: ExportOptions
): Promise<FileSum[]> {
  const sums: FileSum[] = []
  for (const file of files) {
    if (file === MANIFEST_FILE) continue
    stopIfCancelled(watch)
    const absolute = path.join(folder, file)
    const hash = createHash('sha256')
    await pipeline(createReadStream(absolute, { highWaterMark: 1 << 20 }), hash)
    sums.push({ path: file, sha256: hash.digest('hex'), bytes: statSync(absolute).size })
    watch.onProgress?.(sums.length, files.length, 'computing checksums')
  }
  return sums
}
