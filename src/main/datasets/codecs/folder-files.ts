import { readdirSync, statSync, type Dirent } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { fileFailure } from '../../file-formats/file-failure'
import { compareCodePoints } from '../class-names'
import { entryKind, isHidden } from './source-look'

/** More than any dataset of files holds: links among folders can make a few of them look like these. */
const MOST_FILES = 20_000_000

/** Everything below a folder, relative to it, with forward slashes. */
export interface FolderFiles {
  readonly files: string[]
  /** Folders with nothing in them. */
  readonly emptyFolders: string[]
  /** Pipes, sockets, devices and links to nothing: never opened. */
  readonly special: string[]
}

/**
 * List a folder, links followed.
 * @throws Failure bad-input for links that lead in a circle, folders that may not be opened, and names that are no
 * text
 */
export function filesBelow(root: string, name: string): FolderFiles {
  const found: FolderFiles = { files: [], emptyFolders: [], special: [] }
  walk({ root, name, found }, '', [])
  return found
}

interface Walk {
  readonly root: string
  readonly name: string
  readonly found: FolderFiles
}

function walk(walked: Walk, relative: string, above: readonly string[]): void {
  const { root, name, found } = walked
  const place = path.join(root, relative)
  const shown = path.join(name, relative)
  let entries: Dirent[]
  let identity: string
  try {
    const { dev, ino } = statSync(place, { bigint: true })
    identity = `${dev}:${ino}`
    entries = readdirSync(place, { withFileTypes: true })
    // Folders are listed in any order; messages name the same file each time.
    entries.sort((a, b) => compareCodePoints(a.name, b.name))
  } catch (error) {
    throw fileFailure(error, shown)
  }
  if (above.includes(identity)) {
    throw badInput(`${shown} is a link to a folder that it lies in.`, 'Remove the link.')
  }
  if (entries.length === 0) found.emptyFolders.push(relative)
  for (const entry of entries) {
    if (isHidden(entry.name)) continue
    if (entry.name.includes('\ufffd')) checkName(place, shown)
    const below = relative === '' ? entry.name : `${relative}/${entry.name}`
    const kind = entryKind(entry, path.join(root, below))
    if (kind === 'folder') walk(walked, below, [...above, identity])
    else (kind === 'file' ? found.files : found.special).push(below)
  }
  if (found.files.length > MOST_FILES) {
    throw badInput(`${name} holds more than ${MOST_FILES} files.`, 'Do links lead from folder to folder?')
  }
}

/** A name whose bytes are no UTF-8 reads as another one, which does not exist. */
function checkName(place: string, shown: string): void {
  for (const bytes of readdirSync(place, { encoding: 'buffer' })) {
    const text = bytes.toString('utf8')
    if (Buffer.from(text).equals(bytes)) continue
    throw badInput(
      `${path.join(shown, text)}: the name of this file or folder is not UTF-8.`,
      'Rename it, for example with convmv, or pack the folder into a zip and name its encoding with --encoding.'
    )
  }
}
