import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { vouchedLabel, type VouchedLabel } from '../../shared/domain/trusted-set'
import { writeAtomicallySync } from '../files/write-atomically'
import { folderOfMeta } from './store/dataset-folder'

/** Folder inside a dataset's own: labels as they were vouched for on some day, a file a version. */
const FOLDER = 'vouched'
/** Characters of a version: of the SHA-256 of its file. */
const VERSION_LENGTH = 16

const vouchedFile = z.object({ schema: z.literal(1), labels: z.array(vouchedLabel) })

/**
 * Keep the labels that are vouched for today as a file that is never changed: a run that names its version
 * trains on them whatever is decided later, and needs no database.
 * @returns the version; null for none
 */
export function keepVouched(meta: DatasetMeta, labels: readonly VouchedLabel[]): string | null {
  if (labels.length === 0) return null
  const text = `${JSON.stringify({ schema: 1, labels })}\n`
  const version = versionOf(text)
  const file = fileOf(meta, version)
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true })
    writeAtomicallySync(file, text)
  }
  return version
}

/** Whether a version is there. */
export function isKept(meta: DatasetMeta, version: string): boolean {
  return /^[0-9a-f]+$/.test(version) && existsSync(fileOf(meta, version))
}

/** The labels of a version. @throws Failure bad-input when it is gone or was changed */
export function keptVouched(meta: DatasetMeta, version: string): readonly VouchedLabel[] {
  const file = fileOf(meta, version)
  if (!isKept(meta, version)) {
    throw badInput(
      `The label corrections "${version}" of "${meta.name}" are gone.`,
      'Start a new run: it takes those of today.'
    )
  }
  const text = readFileSync(file, 'utf8')
  if (versionOf(text) !== version) {
    throw badInput(
      `The label corrections of "${meta.name}" were changed on the disk (${file}).`,
      'Start a new run: it takes those of today.'
    )
  }
  return vouchedFile.parse(JSON.parse(text)).labels
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, VERSION_LENGTH)
}

function fileOf(meta: DatasetMeta, version: string): string {
  return path.join(folderOfMeta(meta), FOLDER, `${version}.json`)
}
