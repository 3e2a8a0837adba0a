import { badInput } from '../../../shared/domain/failure'
import { counted, named } from './import-notes'
import { splitOfFolder, splitWord } from './splits'

/** What the folders say of one image. */
export interface FolderPlace {
  readonly split?: string
  /** '' where no folder gives a class. */
  readonly className: string
}

/** What the folders of a dataset mean. */
export interface FolderLayout {
  /** Of an image, by its folders; undefined for one that lies beside the splits, without a class. */
  placeOf(folders: readonly string[]): FolderPlace | undefined
  /** Whether a split stands below the class, so that exports turn them around. */
  readonly isReversed: boolean
  readonly warnings: readonly string[]
}

/** Folders of pictures to be labelled, which stand beside the splits. */
const UNLABELLED = /pred|unlabel|unsup|no.?label|submission|sample/i

/**
 * What folders mean, found from all of them: splits above classes (also deeper, or below the classes), classes, or
 * groups of nested classes. `folders` are those of each image, without the file's own name.
 * @throws Failure bad-input that names an image whose class the folders do not tell
 */
export function folderLayout(
  folders: readonly (readonly string[])[],
  nameOf: (image: number) => string
): FolderLayout {
  const doubled = doubledTops(folders)
  const plain = (parts: readonly string[]): readonly string[] =>
    doubled.has(parts[0] ?? '') && parts[1] === parts[0] ? parts.slice(1) : parts
  const images = folders.map(plain)
  const found = splitsAbove(images, nameOf) ?? splitsBelow(images) ?? classesOnly(images)
  refuseMixedFolders(images, found, nameOf)
  return { ...found, placeOf: (parts) => found.placeOf(plain(parts)) }
}

/** Top folders whose images all lie in a folder of the same name, as archives unpack: seg_train/seg_train. */
function doubledTops(images: readonly (readonly string[])[]): ReadonlySet<string> {
  const doubled = new Set<string>()
  const single = new Set<string>()
  for (const [top, next] of images) {
    if (top !== undefined) (top === next ? doubled : single).add(top)
  }
  return new Set([...doubled].filter((top) => !single.has(top)))
}

interface Top {
  /** An image of it, for messages. */
  readonly image: number
  readonly nested: number
  readonly flat: number
  readonly flatImage: number
}

function topsOf(images: readonly (readonly string[])[]): Map<string, Top> {
  const tops = new Map<string, Top>()
  images.forEach(([top, next], image) => {
    if (top === undefined) return
    const known = tops.get(top) ?? { image, nested: 0, flat: 0, flatImage: image }
    const isFlat = next === undefined
    tops.set(top, {
      ...known,
      nested: known.nested + (isFlat ? 0 : 1),
      flat: known.flat + (isFlat ? 1 : 0),
      flatImage: isFlat && known.flat === 0 ? image : known.flatImage
    })
  })
  return tops
}

/** The split that each folder of a level speaks of; compound names such as train_images only where two splits show. */
export function splitsOfLevel(names: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(names)]
  const exact = new Map(all.flatMap((name) => pairOf(name, splitOfFolder(name))))
  const loose = new Map(all.flatMap((name) => pairOf(name, splitWord(name))))
  return new Set(loose.values()).size > 1 ? loose : exact
}

function pairOf(name: string, split: string | undefined): [string, string][] {
  return split === undefined ? [] : [[name, split]]
}

/** train/cat/1.png: undefined where no top folder is a split with classes in it. */
function splitsAbove(
  images: readonly (readonly string[])[],
  nameOf: (image: number) => string
): FolderLayout | undefined {
  const tops = topsOf(images)
  const splits = splitsOfLevel(tops.keys())
  const flatSplits = [...splits.keys()].filter((name) => tops.get(name)!.nested === 0)
  if (splits.size === 0) return undefined
  if (flatSplits.length === splits.size) return flatOnly(tops, splits, nameOf)
  const warnings: string[] = []
  const leftOut = new Set<string>()
  for (const [name, { nested, flat, flatImage }] of tops) {
    if (flat === 0) continue
    const isSplit = splits.has(name)
    if (nested > 0 || (!isSplit && !UNLABELLED.test(name))) {
      throw badInput(
        `${nameOf(flatImage)} lies in no class folder, though others beside it do.`,
        'Move it into the folder of its class, or remove it.'
      )
    }
    leftOut.add(name)
    warnings.push(`${counted(flat, 'picture')} in "${name}" without a class folder: left out.`)
  }
  const several = [...new Set(splits.values())].flatMap((split) => {
    const names = [...splits]
      .filter(([name, other]) => other === split && !leftOut.has(name))
      .map(([name]) => name)
    return names.length > 1 ? [`The folders ${named(names)} are one split, "${split}".`] : []
  })
  return {
    placeOf: ([top = '', ...rest]) =>
      leftOut.has(top) && rest.length === 0
        ? undefined
        : { split: top === '' ? undefined : (splits.get(top) ?? top), className: rest.join('/') },
    isReversed: false,
    warnings: [...warnings, ...several]
  }
}

/** Folders called train or test with images directly in them: classes, unless there is nothing else. */
function flatOnly(
  tops: ReadonlyMap<string, Top>,
  splits: ReadonlyMap<string, string>,
  nameOf: (image: number) => string
): FolderLayout | undefined {
  const exact = [...tops.keys()].filter((name) => splitOfFolder(name) !== undefined)
  if (splits.size === tops.size && new Set(splits.values()).size > 1) {
    const [first] = [...tops.values()]
    throw badInput(
      `${nameOf(first?.image ?? 0)} lies in no class folder, and no metadata file gives its label.`,
      'Put the images of each class into a folder, or add metadata.csv with file_name and label.'
    )
  }
  if (exact.length === 0) return undefined
  return {
    ...CLASSES,
    warnings: [`The folder ${named(exact.map((name) => `"${name}"`))} is taken as a class, not as a split.`]
  }
}

/** cat/train/1.png: a level further down at which every folder is a split. */
function splitsBelow(images: readonly (readonly string[])[]): FolderLayout | undefined {
  const deepest = images.reduce((least, parts) => Math.min(least, parts.length), Infinity)
  for (let level = 1; images.length > 0 && level < deepest; level++) {
    const splits = splitsOfLevel(images.map((parts) => parts[level]!))
    if (!images.every((parts) => splits.has(parts[level]!))) continue
    return {
      placeOf: (parts) => ({
        split: splits.get(parts[level] ?? ''),
        className: parts.filter((_, at) => at !== level).join('/')
      }),
      isReversed: true,
      warnings: ['The folders of the classes hold the splits: exports put the splits above the classes.']
    }
  }
  return undefined
}

const CLASSES: FolderLayout = {
  placeOf: (parts) => ({ className: parts.join('/') }),
  isReversed: false,
  warnings: []
}

/** Classes; where every one is nested, the groups above them are splits and part of the class's name. */
function classesOnly(images: readonly (readonly string[])[]): FolderLayout {
  if (images.length === 0 || images.some((parts) => parts.length < 2)) return CLASSES
  return { ...CLASSES, placeOf: (parts) => ({ split: parts[0], className: parts.join('/') }) }
}

/** An image beside folders of images belongs to no class that can be told. @throws Failure bad-input */
function refuseMixedFolders(
  images: readonly (readonly string[])[],
  layout: FolderLayout,
  nameOf: (image: number) => string
): void {
  const own = new Map<string, number>()
  const above = new Set<string>()
  images.forEach((parts, image) => {
    const place = layout.placeOf(parts)
    if (!place) return
    const folder = `${place.split ?? ''}\0${place.className}`
    if (own.has(folder)) return
    own.set(folder, image)
    for (let at = folder.lastIndexOf('/'); at > 0; at = folder.lastIndexOf('/', at - 1)) {
      above.add(folder.slice(0, at))
    }
  })
  for (const [folder, image] of own) {
    if (!above.has(folder) || folder.endsWith('\0')) continue
    throw badInput(
      `${nameOf(image)} lies beside folders of images: its class cannot be told.`,
      'Move it into the folder of its class, or remove it.'
    )
  }
}
