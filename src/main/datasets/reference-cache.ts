import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { Failure } from '../../shared/domain/failure'
import { readingOptionsOf } from '../../shared/domain/reading-options'
import { openSource, type OpenedSource } from './codecs/open-source'
import { folderBytes } from './folder-bytes'
import { importDataset } from './import-dataset'
import type { ImportOptions, ImportWatch } from './import-options'
import { MANIFEST_FILE } from './poisoned-manifest'
import { META_FILE, readMeta } from './store/dataset-folder'
import { discardFolder, sweepTemporaryFolders } from './store/temporary-folder'

/** Beside the folder of the workspace's datasets. */
export const CACHE_FOLDER = 'cache'

/** Changes whenever a codec reads the same bytes differently, so that nothing stale is used. */
const CACHE_VERSION = 2
const DAY_MS = 24 * 3600 * 1000
/** Imports of paths that nobody has used for so long are removed. */
const UNUSED_MS = 30 * DAY_MS
/** Beyond this, the longest unused are removed, but none used within the last hour. */
const MOST_BYTES = 10 * 2 ** 30
const IN_USE_MS = 3600 * 1000

/**
 * Paths named in references, imported once: a folder of datasets whose names are fingerprints of the source
 * (path, sizes, times of change) and of the options it is read with.
 */
export class ReferenceCache {
  constructor(
    /** <workspace>/cache */
    readonly root: string
  ) {}

  /** The dataset of a path, imported now unless it is there already. */
  async resolve(source: string, options: ImportOptions, watch: ImportWatch): Promise<DatasetMeta> {
    const opened = await openSource(source, options)
    const id = fingerprint(opened, options)
    const folder = path.join(this.root, id)
    const known = readMeta(folder)
    if (known) {
      await opened.reader.close()
      const now = new Date()
      utimesSync(path.join(folder, META_FILE), now, now)
      return known
    }
    sweepTemporaryFolders(this.root)
    if (existsSync(folder)) discardFolder(folder)
    const name = path.basename(path.resolve(source))
    await importDataset(opened, { folder, id, name, source: path.resolve(source) }, watch)
    this.sweep(id)
    const meta = readMeta(folder)
    if (meta) return meta
    throw new Failure('internal', `The import of ${source} cannot be read back.`, 'Remove the cache folder.')
  }

  /** Remove what has not been used for long, then the longest unused beyond the limit. */
  sweep(keep: string, now = Date.now(), mostBytes = MOST_BYTES): void {
    const entries = readdirSync(this.root)
      .filter((name) => !name.startsWith('.') && name !== keep)
      .map((name) => {
        const folder = path.join(this.root, name)
        const used = statSync(path.join(folder, META_FILE), { throwIfNoEntry: false })?.mtimeMs ?? 0
        return { folder, used, bytes: folderBytes(folder) }
      })
      .sort((a, b) => b.used - a.used)
    let total = folderBytes(path.join(this.root, keep))
    for (const { folder, used, bytes } of entries) {
      total += bytes
      const age = now - used
      if (age > UNUSED_MS || (total > mostBytes && age > IN_USE_MS)) {
        total -= bytes
        discardFolder(folder)
      }
    }
  }
}

function fingerprint(opened: OpenedSource, options: ImportOptions): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([CACHE_VERSION, opened.format, readingOptionsOf(options), opened.path]))
  const folder = statSync(opened.path).isDirectory() ? opened.path : path.dirname(opened.path)
  // Whether the set is marked as poisoned is recorded in the import, so the marks belong to the source.
  const marks = [folder, path.dirname(folder)].map((place) => path.join(place, MANIFEST_FILE))
  for (const file of [...opened.reader.facts.files, ...marks]) {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats) hash.update(`\n${file}\0${stats.size}\0${stats.mtimeMs}`)
  }
  return hash.digest('hex').slice(0, 32)
}
