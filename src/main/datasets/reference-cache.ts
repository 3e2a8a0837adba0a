import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { Failure } from '../../shared/domain/failure'
import { readingOptionsOf } from '../../shared/domain/reading-options'
import { openSource, type OpenedSource } from './codecs/open-source'
import { folderBytes } from './folder-bytes'
import { importDataset } from './import-dataset'
import type { ImportOptions, ImportWatch } from './import-options'
import { changedFile, keepStamps, lastChange, stampsOf, type SourceStamps } from './source-stamps'
import { contentHash, recordedHash } from './store/content'
import type { KeepOriginals } from './store/source-files'
import { META_FILE, readMeta } from './store/dataset-folder'
import { discardFolder, sweepTemporaryFolders } from './store/temporary-folder'
import { markUsed, removeUnused } from './store/unused-folders'

/** Beside the folder of the workspace's datasets. */
export const CACHE_FOLDER = 'cache'

/** Changes whenever a codec reads the same bytes differently, so that nothing stale is used. */
const CACHE_VERSION = 2
/** Beyond this, the longest unused are removed. */
const MOST_BYTES = 10 * 2 ** 30

/**
 * Paths named in references, imported once: a folder of datasets whose names are fingerprints of the source
 * (path, sizes, times of change) and of the options it is read with.
 */
export class ReferenceCache {
  constructor(
    /** <workspace>/cache */
    readonly root: string,
    private readonly originals: KeepOriginals = 'moderate'
  ) {}

  /** The dataset of a path, imported now unless it is there already. */
  async resolve(source: string, options: ImportOptions, watch: ImportWatch): Promise<DatasetMeta> {
    const opened = await openSource(source, options)
    const before = stampsOf(opened)
    const id = fingerprint(opened, options, before)
    const folder = path.join(this.root, id)
    const known = await this.#sound(folder)
    if (known) {
      await opened.reader.close()
      return known
    }
    sweepTemporaryFolders(this.root)
    if (existsSync(folder)) discardFolder(folder)
    const name = path.basename(path.resolve(source))
    await importDataset(
      opened,
      { folder, id, name, source: path.resolve(source), originals: this.originals },
      watch
    )
    this.sweep(id)
    const meta = readMeta(folder)
    if (!meta)
      throw new Failure('conflict', `The import of ${source} was removed by another process.`, 'Try again.')
    await keepStamps(this.root, await contentHash(meta), before)
    return meta
  }

  /**
   * The content of a path that was settled before: its import where that is still kept, else the path itself
   * while it holds the same.
   * @throws Failure conflict that names the file that was changed
   */
  async resolvePinned(
    source: string,
    options: ImportOptions,
    hash: string,
    watch: ImportWatch
  ): Promise<DatasetMeta> {
    const kept = await this.#kept(path.resolve(source), hash)
    if (kept) return kept
    const remedy = 'Bring back what it was, or start a new run on what it is now.'
    if (!existsSync(source)) {
      throw new Failure('conflict', `${source} is gone since it was first used here.`, remedy)
    }
    const meta = await this.resolve(source, options, watch)
    if ((await contentHash(meta)) === hash) return meta
    const changed = changedFile(this.root, hash) ?? source
    throw new Failure('conflict', `${changed} was changed since it was first used here.`, remedy)
  }

  /** When the source of an import was changed last, in milliseconds; undefined where that is not known. */
  lastChange(hash: string): number | undefined {
    return lastChange(this.root, hash)
  }

  async #kept(source: string, hash: string): Promise<DatasetMeta | undefined> {
    if (!existsSync(this.root)) return undefined
    for (const name of readdirSync(this.root)) {
      if (name.startsWith('.')) continue
      const folder = path.join(this.root, name)
      if (recordedHash(folder) !== hash || readMeta(folder)?.source !== source) continue
      const sound = await this.#sound(folder)
      if (sound) return sound
    }
    return undefined
  }

  /** An import that is there and whole; a damaged one is made again. */
  async #sound(folder: string): Promise<DatasetMeta | undefined> {
    const meta = readMeta(folder)
    if (!meta) return undefined
    try {
      await contentHash(meta)
    } catch {
      return undefined
    }
    markUsed(folder, META_FILE)
    return meta
  }

  /** Remove imports that nobody uses, but not the one that has just been made. */
  sweep(keep: string, mostBytes = MOST_BYTES): void {
    removeUnused({ root: this.root, stamp: META_FILE, mostBytes, bytesOf: folderBytes }, keep)
  }
}

function fingerprint(opened: OpenedSource, options: ImportOptions, stamps: SourceStamps): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([CACHE_VERSION, opened.format, readingOptionsOf(options), opened.path]))
  if (opened.format === 'images' && options.mixedSize !== undefined) hash.update(String(options.mixedSize))
  hash.update(JSON.stringify(stamps))
  return hash.digest('hex').slice(0, 32)
}
