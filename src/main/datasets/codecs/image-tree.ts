import { readdirSync, statSync, type Dirent } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { requireRegularFile } from '../../file-formats/byte-reader'
import { fileFailure } from '../../file-formats/file-failure'
import { ZipArchive } from '../../file-formats/zip-archive'
import { IMAGE_FILE } from '../pictures/decode-image'
import { filesBelow } from './folder-files'
import { named } from './import-notes'
import { entryKind, isHidden, type SourceLook } from './source-look'

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
  /** Absolute path of the folder or zip. */
  readonly root: string
  readonly images: readonly TreeFile[]
  /** metadata.csv and metadata.jsonl, wherever they stand. */
  readonly metadata: readonly TreeFile[]
  /** Other tables, which may tell the labels of the images. */
  readonly tables: readonly TreeFile[]
  /** Folders with nothing in them, with forward slashes: classes that have no example here. */
  readonly emptyFolders: readonly string[]
  /** What was left out while listing, or read otherwise than it may look. */
  readonly warnings: readonly string[]
  /** Absolute paths of what it consists of on disk. */
  readonly sources: readonly string[]
  close(): Promise<void>
}

/** Files about a dataset, which nobody expects to be pictures. */
const ABOUT = /(^|\/)(manifest\.json|readme([-.]\w+)*|license(\.\w+)?)$/i
const METADATA = /(^|\/)metadata\.(csv|jsonl)$/i
const TABLE = /\.(csv|tsv|jsonl)$/i

export async function openImageTree(look: SourceLook, encoding?: string): Promise<ImageTree> {
  return look.kind === 'folder' ? openFolder(look) : openZip(look, encoding)
}

function openFolder(look: SourceLook): ImageTree {
  const { files, emptyFolders, special } = filesBelow(look.path, look.name)
  const sorted = sortFiles(files.map((relative) => new FolderFile(look, relative)))
  return {
    root: path.resolve(look.path),
    ...sorted,
    emptyFolders,
    warnings: [...leftOutWarnings(sorted.others), ...specialWarnings(special)],
    sources: [...sorted.images, ...sorted.metadata, ...sorted.tables].map(({ path: below }) =>
      path.join(look.path, below)
    ),
    close: async () => undefined
  }
}

/** A file below a folder; its names are made when they are asked for, since there may be millions of files. */
class FolderFile implements TreeFile {
  constructor(
    private readonly folder: Pick<SourceLook, 'name' | 'path'>,
    readonly path: string
  ) {}

  get name(): string {
    return path.join(this.folder.name, this.path)
  }

  get #place(): string {
    return path.join(this.folder.path, this.path)
  }

  size(): number {
    return sizeOfFile(this.#place, this.name)
  }

  read(): Promise<Buffer> {
    return readImageFile(this.#place, this.name)
  }
}

interface SortedFiles {
  readonly images: readonly TreeFile[]
  readonly metadata: readonly TreeFile[]
  readonly tables: readonly TreeFile[]
  readonly others: readonly TreeFile[]
}

function sortFiles(files: readonly TreeFile[]): SortedFiles {
  const images: TreeFile[] = []
  const metadata: TreeFile[] = []
  const tables: TreeFile[] = []
  const others: TreeFile[] = []
  for (const file of files) {
    if (IMAGE_FILE.test(file.path)) images.push(file)
    else if (METADATA.test(file.path)) metadata.push(file)
    else if (TABLE.test(file.path)) tables.push(file)
    else if (!ABOUT.test(file.path)) others.push(file)
  }
  return { images, metadata, tables, others }
}

function leftOutWarnings(others: readonly TreeFile[]): string[] {
  if (others.length === 0) return []
  const subject =
    others.length === 1 ? '1 file that is no image is' : `${others.length} files that are no images are`
  return [`${subject} left out: ${named(others.map((file) => file.path))}.`]
}

function specialWarnings(special: readonly string[]): string[] {
  if (special.length === 0) return []
  return [`Links to nothing, pipes and devices are left out: ${named(special)}.`]
}

function sizeOfFile(file: string, name: string): number {
  try {
    return statSync(file).size
  } catch (error) {
    throw fileFailure(error, name)
  }
}

async function readImageFile(file: string, name: string): Promise<Buffer> {
  try {
    await requireRegularFile(file, name)
    return await readFile(file)
  } catch (error) {
    throw fileFailure(error, name)
  }
}

async function openZip(look: SourceLook, encoding: string | undefined): Promise<ImageTree> {
  const zip = await ZipArchive.open(look.path, look.name, encoding)
  const visible = (below: string): boolean => !below.split('/').some(isHidden)
  const files = zip.entries.filter((entry) => visible(entry.path))
  const sorted = sortFiles(
    files.map((entry) => ({
      path: entry.path,
      name: `${entry.path} in ${look.name}`,
      size: () => entry.size,
      read: () => zip.read(entry)
    }))
  )
  const occupied = new Set<string>()
  for (const below of [...zip.entries.map((entry) => entry.path), ...zip.folders]) {
    for (let up = path.posix.dirname(below); up !== '.' && !occupied.has(up); up = path.posix.dirname(up)) {
      occupied.add(up)
    }
  }
  const repeated = zip.repeated.filter(visible)
  return {
    root: path.resolve(look.path),
    ...sorted,
    emptyFolders: zip.folders.filter((folder) => visible(folder) && !occupied.has(folder)),
    warnings: [
      ...leftOutWarnings(sorted.others),
      ...specialWarnings(zip.special.filter(visible)),
      ...(repeated.length > 0
        ? [
            `Entries that stand more than once in the zip are read as they were added last: ${named(repeated)}.`
          ]
        : [])
    ],
    sources: [look.path],
    close: () => zip.close()
  }
}

/** Whether a folder holds an image somewhere, without listing all of it. */
export function holdsImages(folder: string, depth = 0): string | undefined {
  const folders: string[] = []
  for (const entry of entriesOf(folder)) {
    if (isHidden(entry.name)) continue
    const below = path.join(folder, entry.name)
    const kind = entryKind(entry, below)
    if (kind === 'file' && IMAGE_FILE.test(entry.name)) return entry.name
    if (kind === 'folder') folders.push(below)
  }
  if (depth >= 6) return undefined
  for (const below of folders) {
    const found = holdsImages(below, depth + 1)
    if (found) return `${path.basename(below)}/${found}`
  }
  return undefined
}

/** None of a folder that may not be opened: reading it tells why. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
