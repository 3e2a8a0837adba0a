import { readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { fileFailure } from '../bytes/file-failure'
import { ZipArchive } from '../bytes/zip-archive'
import { IMAGE_FILE } from '../pictures/decode-image'
import { isHidden, type SourceLook } from './source-look'

/** A file of a tree of images; `path` is relative, with forward slashes. */
export interface TreeFile {
  readonly path: string
  /** As messages call it. */
  readonly name: string
  /** Bytes, before they are read. @throws Failure bad-input */
  size(): number
  read(): Promise<Buffer>
}

/** Images in folders, in a folder or a zip. */
export interface ImageTree {
  readonly images: readonly TreeFile[]
  /** metadata.csv and metadata.jsonl, wherever they stand. */
  readonly metadata: readonly TreeFile[]
  /** Folders with nothing in them, with forward slashes: classes that have no example here. */
  readonly emptyFolders: readonly string[]
  /** Files that are neither. */
  readonly others: number
  /** Absolute paths of what it consists of on disk. */
  readonly sources: readonly string[]
  close(): Promise<void>
}

/** Files about a dataset, which nobody expects to be pictures. */
const ABOUT = /(^|\/)(manifest\.json|readme([-.]\w+)*|license(\.\w+)?)$/i
const METADATA = /(^|\/)metadata\.(csv|jsonl)$/i
/** Deeper is a loop of links. */
const DEEPEST = 16

export async function openImageTree(look: SourceLook, encoding?: string): Promise<ImageTree> {
  return look.kind === 'folder' ? openFolder(look) : openZip(look, encoding)
}

function openFolder(look: SourceLook): ImageTree {
  const files: string[] = []
  const emptyFolders: string[] = []
  walk(look.path, '', files, emptyFolders, 0, look.name)
  const file = (relative: string): TreeFile => {
    const name = path.join(look.name, relative)
    return {
      path: relative,
      name,
      size: () => sizeOfFile(path.join(look.path, relative), name),
      read: () =>
        readFile(path.join(look.path, relative)).catch((error: unknown) => {
          throw fileFailure(error, name)
        })
    }
  }
  const images = files.filter((name) => IMAGE_FILE.test(name))
  const metadata = files.filter((name) => METADATA.test(name))
  return {
    images: images.map(file),
    metadata: metadata.map(file),
    emptyFolders,
    others: files.filter((name) => !IMAGE_FILE.test(name) && !METADATA.test(name) && !ABOUT.test(name))
      .length,
    sources: [...images, ...metadata].map((name) => path.join(look.path, name)),
    close: async () => undefined
  }
}

function sizeOfFile(file: string, name: string): number {
  try {
    return statSync(file).size
  } catch (error) {
    throw fileFailure(error, name)
  }
}

function walk(
  root: string,
  relative: string,
  files: string[],
  emptyFolders: string[],
  depth: number,
  name: string
): void {
  if (depth > DEEPEST) throw badInput(`${name} is nested too deeply at ${relative}.`, 'Remove looping links.')
  const entries = readdirSync(path.join(root, relative), { withFileTypes: true })
  if (entries.length === 0) emptyFolders.push(relative)
  for (const entry of entries) {
    if (isHidden(entry.name)) continue
    const below = relative === '' ? entry.name : `${relative}/${entry.name}`
    const target = entry.isSymbolicLink()
      ? statSync(path.join(root, below), { throwIfNoEntry: false })
      : entry
    if (target?.isDirectory()) {
      walk(root, below, files, emptyFolders, depth + 1, name)
    } else if (target?.isFile()) files.push(below)
  }
}

async function openZip(look: SourceLook, encoding: string | undefined): Promise<ImageTree> {
  const zip = await ZipArchive.open(look.path, look.name, encoding)
  const visible = zip.entries.filter((entry) => !entry.path.split('/').some(isHidden))
  const file = (entry: (typeof visible)[number]): TreeFile => ({
    path: entry.path,
    name: `${entry.path} in ${look.name}`,
    size: () => entry.size,
    read: () => zip.read(entry)
  })
  const images = visible.filter((entry) => IMAGE_FILE.test(entry.path))
  const occupied = new Set<string>()
  for (const below of [...zip.entries.map((entry) => entry.path), ...zip.folders]) {
    for (let up = path.posix.dirname(below); up !== '.' && !occupied.has(up); up = path.posix.dirname(up)) {
      occupied.add(up)
    }
  }
  const metadata = visible.filter((entry) => METADATA.test(entry.path))
  return {
    images: images.map(file),
    metadata: metadata.map(file),
    emptyFolders: zip.folders.filter((folder) => !folder.split('/').some(isHidden) && !occupied.has(folder)),
    others: visible.filter(
      (entry) => !IMAGE_FILE.test(entry.path) && !METADATA.test(entry.path) && !ABOUT.test(entry.path)
    ).length,
    sources: [look.path],
    close: () => zip.close()
  }
}

/** Whether a folder holds an image somewhere, without listing all of it. */
export function holdsImages(folder: string, depth = 0): string | undefined {
  const folders: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (isHidden(entry.name)) continue
    if (entry.isFile() && IMAGE_FILE.test(entry.name)) return entry.name
    const below = path.join(folder, entry.name)
    const directory =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && statSync(below, { throwIfNoEntry: false })?.isDirectory())
    if (directory) folders.push(below)
  }
  if (depth >= 6) return undefined
  for (const below of folders) {
    const found = holdsImages(below, depth + 1)
    if (found) return `${path.basename(below)}/${found}`
  }
  return undefined
}
