import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput, Failure } from '../../shared/domain/failure'
import { syncFolder, writeAtomicallySync } from '../files/write-atomically'
import { bundledSample } from './bundled-samples'
import { FILE_ENDINGS } from './formats'
import { openSource } from './codecs/open-source'
import { ExampleSelection } from './example-selection'
import { adoptMarks } from './adopt-marks'
import { importDataset } from './import-dataset'
import type { ImportPlace } from './import-dataset'
import type { ImportOptions, ImportWatch } from './import-options'
import { fileFailure } from '../file-formats/file-failure'
import { checkFiles, contentHash, sinceVerified } from './store/content'
import { NO_DECISIONS, type LabelDecisions } from './label-decisions'
import { META_FILE, readMeta } from './store/dataset-folder'
import { createTemporaryFolder, discardFolder, sweepTemporaryFolders } from './store/temporary-folder'
import { originOf, versionName } from './version-record'

/** Characters that have a meaning in references. */
const RESERVED = /[#+[\]]/
const ENDING = new RegExp(`\\.(${FILE_ENDINGS.join('|')})$`, 'i')

/**
 * The datasets of a workspace: one folder each under `root`, found by id or name. What killed imports left
 * behind is removed when a store is opened.
 */
export class DatasetStore {
  /** What verifying found, by id. */
  readonly #damaged = new Map<string, Failure>()

  /** Names of imports that go on. */
  readonly #promised = new Set<string>()

  constructor(
    /** <workspace>/datasets */
    readonly root: string,
    readonly decisions: LabelDecisions = NO_DECISIONS
  ) {
    sweepTemporaryFolders(root)
    adoptMarks(this.root, this.decisions)
  }

  /** Every dataset, oldest first. */
  list(): DatasetMeta[] {
    if (!existsSync(this.root)) return []
    const metas = readdirSync(this.root)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) => readMeta(path.join(this.root, name)) ?? [])
    return metas.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  }

  /**
   * Datasets that cannot be used, and why in a sentence: their files are gone, cut, or cannot be read. Sizes are
   * looked at; what verify found stays known.
   */
  damage(): { readonly id: string; readonly failure: Failure }[] {
    if (!existsSync(this.root)) return []
    return readdirSync(this.root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .flatMap(({ name: id }) => {
        const failure = this.#damaged.get(id) ?? this.#quickCheck(id)
        return failure ? [{ id, failure }] : []
      })
  }

  #quickCheck(id: string): Failure | undefined {
    const folder = path.join(this.root, id)
    const meta = readMeta(folder)
    if (!meta) return unreadable(folder)
    try {
      checkFiles(folder, meta)
      return undefined
    } catch (error) {
      return asFailure(error, folder)
    }
  }

  /** Read every file of a dataset and compare it with what was imported. @throws Failure bad-input */
  async verify(id: string, signal?: AbortSignal): Promise<void> {
    const meta = this.get(id)
    try {
      await contentHash(meta, { thorough: true, signal })
      this.#damaged.delete(meta.id)
    } catch (error) {
      if (signal?.aborted) throw error
      const failure = asFailure(error, this.folderOf(meta.id))
      this.#damaged.set(meta.id, failure)
      throw failure
    }
  }

  /** Verify, one after the other, the datasets that nobody has verified for long. Damage is kept for damage(). */
  async verifyInBackground(signal: AbortSignal): Promise<void> {
    for (const { id } of this.list()) {
      if (sinceVerified(this.folderOf(id)) < VERIFY_EVERY_MS) continue
      await this.verify(id, signal).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  /** By id alone: what a pin names. */
  byId(id: string): DatasetMeta | undefined {
    return /^[\w-]+$/.test(id) ? readMeta(path.join(this.root, id)) : undefined
  }

  /** By id first, then by name. */
  find(idOrName: string): DatasetMeta | undefined {
    return this.byId(idOrName) ?? this.list().find(({ name }) => name === idOrName)
  }

  /** Whether a dataset lies in the bin. */
  isInBin(id: string): boolean {
    return /^[\w-]+$/.test(id) && existsSync(path.join(this.root, `${BIN}${id}`))
  }

  /** @throws Failure not-found */
  get(idOrName: string): DatasetMeta {
    const meta = this.find(idOrName)
    if (meta) return meta
    const folder = path.join(this.root, idOrName)
    if (/^[\w-]+$/.test(idOrName) && existsSync(folder)) throw unreadable(folder)
    throw new Failure(
      'not-found',
      `There is no dataset "${idOrName}" in the workspace.`,
      'See "bilevel datasets list".'
    )
  }

  /** All examples of a dataset, to read by row; close it after use. */
  open(idOrName: string): ExampleSelection {
    return this.#open(idOrName, (id) => this.decisions.marksOf(id))
  }

  /** The same with the labels of the source, whatever was corrected since. */
  openAsGiven(idOrName: string): ExampleSelection {
    return this.#open(idOrName, () => [])
  }

  #open(idOrName: string, vouchedOf: LabelDecisions['marksOf']): ExampleSelection {
    const meta = this.get(idOrName)
    const damage = this.#damaged.get(meta.id)
    if (damage) throw damage
    const vouched = vouchedOf(meta.id)
    const folder = this.folderOf(meta.id)
    return ExampleSelection.of(meta.name, [{ meta, folder, from: 0, to: meta.count, vouched }])
  }

  /**
   * Import a path or a bundled sample. Nothing is visible until everything is written; a cancelled import
   * leaves nothing.
   * @throws Failure bad-input, already-exists, cancelled
   */
  async importFrom(
    source: string,
    options: ImportOptions = {},
    watch: ImportWatch = {}
  ): Promise<DatasetMeta> {
    const parent = options.versionOf === undefined ? undefined : this.get(options.versionOf)
    const origin = parent && (await originOf(source, parent))
    const name = this.#chooseName(source, options.name, parent)
    // Another import that begins before this one is visible must not choose the same.
    this.#promised.add(name)
    try {
      const id = `${slug(name)}-${randomBytes(3).toString('hex')}`
      const folder = path.join(this.root, id)
      const opened = await openSource(bundledSample(source) ?? source, { ...options, ...origin?.readAs })
      // Uploads are removed after a day: what they held must not be needed again.
      const isUpload = path.resolve(source).startsWith(path.join(this.root, '..', 'uploads') + path.sep)
      const originals: ImportPlace['originals'] = isUpload ? 'all' : 'moderate'
      const { truth, encoding } = options
      const of = parent && { parent: { folder: this.folderOf(parent.id), meta: parent } }
      const place = { folder, id, name, source, truth, encoding, originals, origin, ...of }
      await importDataset(opened, place, watch)
      return this.get(id)
    } finally {
      this.#promised.delete(name)
    }
  }

  #chooseName(source: string, wanted: string | undefined, parent?: DatasetMeta): string {
    const taken = new Set([...this.#promised, ...this.list().map(({ name }) => name)])
    if (wanted !== undefined) {
      this.#checkName(wanted, taken)
      return wanted
    }
    if (parent) return versionName(parent.name, taken)
    const base =
      path.basename(path.resolve(source)).replace(ENDING, '').replace(new RegExp(RESERVED, 'g'), '-') ||
      'dataset'
    let name = base
    for (let i = 2; taken.has(name); i++) name = `${base}-${i}`
    return name
  }

  #checkName(name: string, taken: ReadonlySet<string>): void {
    if (name.trim() === '' || RESERVED.test(name)) {
      throw badInput(`"${name}" cannot name a dataset.`, 'Use a name without #, +, [ and ].')
    }
    if (taken.has(name)) {
      throw new Failure(
        'already-exists',
        `There is a dataset "${name}" already.`,
        'Choose another name, or remove that dataset first.'
      )
    }
  }

  rename(id: string, name: string): DatasetMeta {
    const meta = this.get(id)
    if (meta.name === name) return meta
    this.#checkName(name, new Set([...this.#promised, ...this.list().map((other) => other.name)]))
    const file = path.join(this.folderOf(meta.id), META_FILE)
    writeAtomicallySync(file, `${JSON.stringify({ ...meta, name }, null, 2)}\n`)
    return this.get(meta.id)
  }

  /** Into the bin, in one step: restore brings it back until the bin is emptied. */
  discard(id: string): { undo: string } {
    const meta = this.get(id)
    // Before it is moved: there it would be in the bin without a date for a moment.
    writeAtomicallySync(path.join(this.folderOf(meta.id), REMOVED_FILE), JSON.stringify(new Date()))
    renameSync(this.folderOf(meta.id), path.join(this.root, `${BIN}${meta.id}`))
    syncFolder(this.root)
    return { undo: meta.id }
  }

  /** What lies in the bin. */
  bin(): { id: string; name: string; removedAt: string }[] {
    if (!existsSync(this.root)) return []
    return readdirSync(this.root)
      .filter((entry) => entry.startsWith(BIN))
      .map((entry) => {
        const folder = path.join(this.root, entry)
        const id = entry.slice(BIN.length)
        return { id, name: readMeta(folder)?.name ?? id, removedAt: removedAt(folder) }
      })
  }

  /**
   * Out of the bin; under a free name where its own was taken meanwhile.
   * @throws Failure not-found when it is not in the bin any more
   */
  restore(undo: string): DatasetMeta {
    const folder = path.join(this.root, `${BIN}${undo}`)
    if (!/^[\w-]+$/.test(undo) || !existsSync(folder)) {
      throw new Failure('not-found', 'That dataset is not in the bin any more.', 'Import it again.')
    }
    const meta = readMeta(folder)
    const taken = new Set(this.list().map(({ name }) => name))
    if (meta && taken.has(meta.name)) {
      let name = meta.name
      for (let i = 2; taken.has(name); i++) name = `${meta.name}-${i}`
      writeAtomicallySync(path.join(folder, META_FILE), `${JSON.stringify({ ...meta, name }, null, 2)}\n`)
    }
    renameSync(folder, this.folderOf(undo))
    syncFolder(this.root)
    rmSync(path.join(this.folderOf(undo), REMOVED_FILE), { force: true })
    adoptMarks(this.root, this.decisions)
    return this.get(undo)
  }

  /** Delete for good what lies in the bin. @returns how many */
  purge(isMeant: (removedAt: string, id: string) => boolean): number {
    const meant = this.bin().filter((entry) => isMeant(entry.removedAt, entry.id))
    for (const { id } of meant) {
      // Out of the bin at once, even if the process dies while its files are being deleted.
      const grave = createTemporaryFolder(this.root)
      renameSync(path.join(this.root, `${BIN}${id}`), path.join(grave, 'removed'))
      discardFolder(grave)
      // Last: what can still be put back keeps its decisions.
      this.decisions.forget(id)
    }
    return meant.length
  }

  /** Gone at once, even if the process dies while its files are being deleted. */
  remove(id: string): void {
    const meta = this.get(id)
    const grave = createTemporaryFolder(this.root)
    renameSync(this.folderOf(meta.id), path.join(grave, 'removed'))
    discardFolder(grave)
    this.decisions.forget(meta.id)
  }

  /** Folder that holds meta.json and features.npy. */
  folderOf(id: string): string {
    return path.join(this.root, id)
  }
}

/** Every file is read and compared this often. */
const VERIFY_EVERY_MS = 7 * 24 * 3600 * 1000

function unreadable(folder: string): Failure {
  return badInput(
    `The dataset in ${folder} is damaged: its ${META_FILE} cannot be read.`,
    'Import it again, or take its folder from a backup.'
  )
}

function asFailure(error: unknown, folder: string): Failure {
  const known = fileFailure(error, folder)
  return known instanceof Failure ? known : badInput(`${folder} cannot be read.`, 'Look at the disk.', error)
}

/** Hidden from the list. */
const BIN = '.bin-'
/** In a removed dataset: when it was removed. */
const REMOVED_FILE = 'removed.json'

function removedAt(folder: string): string {
  try {
    return z.iso.datetime().parse(JSON.parse(readFileSync(path.join(folder, REMOVED_FILE), 'utf8')))
  } catch {
    // Removed by an earlier version: moving a folder changes its ctime.
    return statSync(folder).ctime.toISOString()
  }
}

/** Letters, digits and dashes of a name, for folders that people can tell apart. */
function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain.slice(0, 40) || 'dataset'
}
