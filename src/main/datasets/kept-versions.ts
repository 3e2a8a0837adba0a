import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { writeAtomicallySync } from '../files/write-atomically'
import { folderOfMeta } from './store/dataset-folder'

/** Characters of a version: of the SHA-256 of its file. */
const VERSION_LENGTH = 16

/**
 * What people decided about a dataset, as it was on some day: files inside the dataset's folder that are never changed,
 * so that a run that names one repeats whatever is decided later, and needs no database.
 */
export class KeptVersions {
  /**
   * @param folder inside the dataset's own
   * @param things what they are of, as sentences name it: "label corrections"
   */
  constructor(
    private readonly folder: string,
    private readonly things: string
  ) {}

  /** @returns the version */
  keep(meta: DatasetMeta, content: unknown): string {
    const text = `${JSON.stringify(content)}\n`
    const version = versionOf(text)
    const file = this.#fileOf(meta, version)
    if (!existsSync(file)) {
      mkdirSync(path.dirname(file), { recursive: true })
      writeAtomicallySync(file, text)
    }
    return version
  }

  /** Whether a version is there. */
  has(meta: DatasetMeta, version: string): boolean {
    return /^[0-9a-f]+$/.test(version) && existsSync(this.#fileOf(meta, version))
  }

  /** The content of a version. @throws Failure bad-input when it is gone or was changed */
  read(meta: DatasetMeta, version: string): unknown {
    const file = this.#fileOf(meta, version)
    if (!this.has(meta, version)) {
      throw badInput(
        `The ${this.things} "${version}" of "${meta.name}" are gone.`,
        'Start a new run: it takes those of today.'
      )
    }
    const text = readFileSync(file, 'utf8')
    if (versionOf(text) !== version) {
      throw badInput(
        `The ${this.things} of "${meta.name}" were changed on the disk (${file}).`,
        'Start a new run: it takes those of today.'
      )
    }
    return JSON.parse(text)
  }

  #fileOf(meta: DatasetMeta, version: string): string {
    return path.join(folderOfMeta(meta), this.folder, `${version}.json`)
  }
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, VERSION_LENGTH)
}
