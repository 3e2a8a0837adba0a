import { readdirSync, statSync, type Dirent, type Stats } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { readHead } from '../../file-formats/byte-reader'
import { fileFailure } from '../../file-formats/file-failure'
import { compareCodePoints } from '../class-names'

/** A first look at a path: what it is, how it begins, what lies in it. */
export interface SourceLook {
  /** Absolute. */
  readonly path: string
  /** As the user named it: messages use this. */
  readonly name: string
  readonly kind: 'file' | 'folder'
  readonly size: number
  /** First bytes of a file. */
  readonly head: Buffer
  /** Visible files directly in a folder, sorted. */
  readonly files: readonly string[]
  /** Visible folders directly in a folder, sorted. */
  readonly folders: readonly string[]
}

/** @throws Failure bad-input when there is nothing to read */
export async function lookAt(name: string): Promise<SourceLook> {
  const absolute = path.resolve(name)
  try {
    const stats = statSync(absolute)
    if (stats.isDirectory()) return lookAtFolder(absolute, name)
    if (!stats.isFile()) throw badInput(`${name} is neither a file nor a folder.`, 'Name a file or folder.')
    if (stats.size === 0) throw badInput(`${name} is empty.`, 'Copy or download it again.')
    const head = await readHead(absolute, 512)
    return { path: absolute, name, kind: 'file', size: stats.size, head, files: [], folders: [] }
  } catch (error) {
    throw fileFailure(error, name)
  }
}

function lookAtFolder(absolute: string, name: string): SourceLook {
  const files: string[] = []
  const folders: string[] = []
  for (const entry of readdirSync(absolute, { withFileTypes: true })) {
    if (isHidden(entry.name)) continue
    const kind = entryKind(entry, path.join(absolute, entry.name))
    if (kind !== 'other') (kind === 'folder' ? folders : files).push(entry.name)
  }
  if (files.length + folders.length === 0) {
    throw badInput(`${name} is an empty folder.`, 'Name a folder that holds a dataset.')
  }
  files.sort(compareCodePoints)
  folders.sort(compareCodePoints)
  return { path: absolute, name, kind: 'folder', size: 0, head: Buffer.alloc(0), files, folders }
}

/** What an entry of a folder is, links followed: pipes, sockets, devices and links to nothing are "other". */
export function entryKind(entry: Dirent, place: string): 'file' | 'folder' | 'other' {
  let target: Dirent | Stats | undefined = entry
  if (entry.isSymbolicLink()) {
    try {
      target = statSync(place, { throwIfNoEntry: false })
    } catch {
      // A link that leads back to itself, or into a folder that may not be opened.
      return 'other'
    }
  }
  if (target?.isDirectory()) return 'folder'
  return target?.isFile() ? 'file' : 'other'
}

const LEFT_BY_SYSTEMS = new Set([
  '__macosx',
  'thumbs.db',
  'desktop.ini',
  '@eadir',
  '$recycle.bin',
  'system volume information',
  'lost+found'
])

/** Files and folders that systems leave in folders and zips. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || LEFT_BY_SYSTEMS.has(name.toLowerCase())
}

/** The name of a file of a source for messages: as the user began it, joined. */
export function nameOf(look: SourceLook, file: string): string {
  return look.kind === 'folder' ? path.join(look.name, file) : path.join(path.dirname(look.name), file)
}

/** Absolute path of a file of the source (of its folder, where the source is a file). */
export function pathOf(look: SourceLook, file: string): string {
  return path.join(look.kind === 'folder' ? look.path : path.dirname(look.path), file)
}

/** Names beside a source file, itself included; the files of a source folder. */
export function siblings(look: SourceLook): readonly string[] {
  if (look.kind === 'folder') return look.files
  return readdirSync(path.dirname(look.path)).sort(compareCodePoints)
}
