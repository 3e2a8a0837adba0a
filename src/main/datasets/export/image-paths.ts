import { posix } from 'node:path'
import { splitWord } from '../codecs/splits'
import { encodingOf } from '../pictures/encode-image'
import type { ExportGroup, ExportSource } from './export-source'

/** Where each example of an export goes, and what the folders alone would say its class is. */
export interface ImagePaths {
  /** Relative, with forward slashes, one for each position. */
  readonly paths: readonly string[]
  /** Whether some labels do not follow from the folders, so that a metadata file has to give them. */
  readonly needsMetadata: boolean
  /** Folder of each metadata file ('' or 'train/'): one a split where the splits are the usual ones. */
  readonly metadataFolders: readonly string[]
}

const USUAL_SPLITS = new Set(['train', 'test', 'val'])
const DIGITS = 5

/**
 * Plan an image folder: files keep their names; a file whose label was changed moves into the folder of its
 * new class, unless the request says that metadata.csv shall describe it instead.
 */
export function planImagePaths(
  source: ExportSource,
  keepsExtension: (position: number) => boolean
): ImagePaths {
  const taken = new Set<string>()
  const paths: string[] = []
  let needsMetadata = source.truth !== undefined
  const isUsual = source.groups.every(({ split }) => split === undefined || USUAL_SPLITS.has(split))
  const placed = placedSplits(source)
  for (let position = 0; position < source.count; position++) {
    const wanted = pathFor(source, position, placed)
    const path = free(
      keepsExtension(position) || encodingOf(wanted) ? wanted : `${wanted.replace(/\.\w+$/, '')}.png`,
      taken
    )
    taken.add(keyOf(path))
    paths.push(path)
    const className = source.classNames[source.labels[position]!]
    needsMetadata ||= folderClass(path, source.splitAt(position)) !== className
  }
  // Other splits are top folders of nested classes: only metadata at the root keeps them through a copy.
  needsMetadata ||= !isUsual
  const hasSplits = source.splits.length > 0
  const metadataFolders = !needsMetadata
    ? []
    : isUsual && hasSplits
      ? [...new Set(paths.map((path) => `${path.split('/')[0]}/`))]
      : ['']
  return { paths, needsMetadata, metadataFolders }
}

/**
 * Splits that are a folder above the classes: all of them, but those whose classes are nested in a folder of that name
 * already (omniglot's alphabets).
 */
function placedSplits(source: ExportSource): ReadonlySet<string> {
  const { groups, labels, classNames } = source
  const isNested = ({ split, from, to }: ExportGroup): boolean =>
    labels.subarray(from, to).every((label) => classNames[label]!.startsWith(`${split}/`))
  return new Set(
    groups.flatMap((group) =>
      group.split !== undefined && (USUAL_SPLITS.has(group.split) || !isNested(group)) ? [group.split] : []
    )
  )
}

/** `placed`: splits that are a folder above the classes. */
function pathFor(source: ExportSource, position: number, placed: ReadonlySet<string>): string {
  const { selection, request } = source
  const row = source.order[position]!
  const split = source.splitAt(position)
  const numbered = (prefix: string, number: number): string =>
    `${prefix}${String(number).padStart(DIGITS, '0')}.png`
  const inClass = (name: string): string => inSplit(split, `${folderOf(source, position)}/${name}`, placed)
  if (source.isExtra(position)) {
    const index = row - selection.count
    const name = request.extra?.names?.[index] ?? numbered('extra-', index)
    return name.includes('/') ? name : inClass(name)
  }
  const file = selection.files?.[row]
  return file === undefined ? inClass(numbered('', row)) : pathOfFile(source, position, file, placed)
}

/** Of an example that came from a file: its own path, in the folders of its present split and class. */
function pathOfFile(
  source: ExportSource,
  position: number,
  file: string,
  placed: ReadonlySet<string>
): string {
  const { selection, request } = source
  const split = source.splitAt(position)
  const old = selection.splitOf(source.order[position]!)
  const isMoved = source.isRelabelled(position) && request.relabelled !== 'describe'
  const [topFolder = '', ...rest] = file.split('/')
  // A table of labels may have told the split, and not the folder.
  const isInSplit = topFolder === old || splitWord(topFolder) === old
  if (!isMoved && old === split) return isInSplit ? file : inSplit(split, file, placed)
  const below = old !== undefined && placed.has(old) && isInSplit ? rest.join('/') : file
  const name = isMoved ? `${folderOf(source, position)}/${posix.basename(below)}` : below
  return old === split && below !== file ? `${topFolder}/${name}` : inSplit(split, name, placed)
}

function folderOf({ classNames, labels }: ExportSource, position: number): string {
  return classFolder(classNames[labels[position]!] ?? '')
}

function inSplit(name: string | undefined, path: string, placed: ReadonlySet<string>): string {
  return name !== undefined && placed.has(name) ? `${name}/${path}` : path
}

/** A class name as a folder; slashes make nested folders. */
export function classFolder(className: string): string {
  const parts = className.split('/').map((part) =>
    part
      .replace(/[\\:*?"<>|\p{Cc}]/gu, '_')
      .replace(/^\.+/, '_')
      .replace(/(?<![. ])[. ]+$/, '_')
      // Names of devices on Windows, with any ending.
      .replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, '$1_')
  )
  return parts.map((part) => part || '_').join('/')
}

/** The class that a reader takes from the folders. */
function folderClass(path: string, split: string | undefined): string {
  const parts = path.split('/').slice(0, -1)
  return (split !== undefined && USUAL_SPLITS.has(split) ? parts.slice(1) : parts).join('/')
}

/** Paths that are one file on some disk: macOS and Windows tell neither case nor the spelling of accents apart. */
function keyOf(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

/** The path, or the first of path-2, path-3, ... that is free. */
function free(path: string, taken: ReadonlySet<string>): string {
  if (!taken.has(keyOf(path))) return path
  const { dir, name, ext } = posix.parse(path)
  for (let i = 2; ; i++) {
    const candidate = posix.join(dir, `${name}-${i}${ext}`)
    if (!taken.has(keyOf(candidate))) return candidate
  }
}
