import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ExampleSelection } from './example-selection'
import { exportDataset } from './export-dataset'
import type { ExportOptions, ExportRequest, ExportResult } from './export/export-types'
import { writeNewFolder } from './export/new-folder'
import { stopIfCancelled } from './import-dataset'
import type { ImportWatch } from './import-options'
import { MANIFEST_FILE } from './poisoned-manifest'
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
  return writeNewFolder(out, async (folder, scratch) => {
    const written = await exportDataset(what, { ...options, out: folder })
    const sums = await sumsOf(folder, written.files, options)
    const manifest = describe({ ...written, out }, sums)
    // A poisoned set already has one that says so: it stays marked.
    const file = path.join(folder, MANIFEST_FILE)
    const marks = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {}
    writeFileSync(file, `${JSON.stringify({ ...marks, ...manifest }, null, 2)}\n`)
    const reading: ImportWatch = {
      signal: watch.signal,
      onProgress: (done, total) => watch.onProgress?.(done, total, 'reading it back')
    }
    const check = await verifyExport(what, written, { format: options.format }, reading, scratch)
    stopIfCancelled(watch)
    return { result: { ...written, out }, manifest, check }
  })
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
