import { badInput } from '../../../shared/domain/failure'
import { compareCodePoints, sortedClassNames } from '../class-names'
import { readMetadata, type Metadata } from './image-metadata'
import type { ImageTree, TreeFile } from './image-tree'
import { compareSplits } from './splits'

/** One image, its place and its labels. */
export interface CatalogueImage {
  readonly file: TreeFile
  /** Relative to the dataset's root: what exports call it. */
  readonly path: string
  readonly split?: string
  readonly label: string
  readonly truth?: string
}

export interface ImageCatalogue {
  readonly images: readonly CatalogueImage[]
  readonly classNames: readonly string[]
  readonly hasTruth: boolean
  readonly warnings: readonly string[]
}

const SPLITS: Record<string, string> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val'
}

function segments(path: string): string[] {
  return path.split('/')
}

/** The folder around everything, as zips often have it, with its slash; '' where there is none. */
function wrapperOf(tree: ImageTree): string {
  const paths = [...tree.images, ...tree.metadata].map(({ path }) => path)
  let wrapper = ''
  for (;;) {
    const [first = '', second] = segments(paths[0]?.slice(wrapper.length) ?? '')
    const next = `${wrapper}${first}/`
    if (second === undefined || first.toLowerCase() in SPLITS) return wrapper
    if (!paths.every((path) => path.startsWith(next))) return wrapper
    const described = tree.metadata.some(({ path }) => !path.slice(next.length).includes('/'))
    const flat = tree.images.some(({ path }) => !path.slice(next.length).includes('/'))
    // A folder with images directly in it is a class, unless a metadata file there gives their labels.
    if (flat && !described) return wrapper
    wrapper = next
  }
}

/** Which splits the top folders make: train and test, or the groups of nested classes. */
function splitNames(paths: readonly string[], described: boolean): ReadonlyMap<string, string> {
  const tops = new Set(paths.filter((path) => path.includes('/')).map((path) => segments(path)[0] ?? ''))
  const nested = paths.every((path) => segments(path).length >= 3)
  // Images directly in a folder called train are pictures of trains, unless a file gives their labels.
  const known = (nested || described) && [...tops].some((top) => top.toLowerCase() in SPLITS)
  if (!known && !nested) return new Map()
  return new Map([...tops].map((top) => [top, SPLITS[top.toLowerCase()] ?? top]))
}

/** Sorts paths folder by folder: a folder's name ends before any character of a longer name. */
export function pathKey(path: string): string {
  return path.replaceAll('/', '\u0001')
}

/** Find split, class and true class of every image. @throws Failure bad-input */
export async function catalogue(tree: ImageTree, name: string): Promise<ImageCatalogue> {
  if (tree.images.length === 0) {
    throw badInput(`${name} holds no images.`, 'PNG, JPEG, WebP, BMP, GIF and TIFF are read.')
  }
  const metadata = await readMetadata(tree)
  const wrapper = wrapperOf(tree)
  const paths = tree.images.map(({ path }) => path.slice(wrapper.length))
  const splits = splitNames(paths, metadata.hasLabels)
  const known = [...splits.values()].some((split) => Object.values(SPLITS).includes(split))
  const folderClass = (path: string): string => {
    const parts = segments(path).slice(0, -1)
    // Groups of nested classes are splits and part of the class's name; train and test are not.
    return (known && splits.has(parts[0] ?? '') ? parts.slice(1) : parts).join('/')
  }
  const images = tree.images.map((file, i): CatalogueImage => {
    const path = paths[i]!
    const split = path.includes('/') ? splits.get(segments(path)[0]!) : undefined
    return { file, path, split, ...labelsOf(file, folderClass(path), metadata) }
  })
  images.sort(
    (a, b) => compareSplits(a.split, b.split) || compareCodePoints(pathKey(a.path), pathKey(b.path))
  )
  const empty = tree.emptyFolders
    .filter((folder) => folder.startsWith(wrapper))
    .map((folder) => folderClass(`${folder.slice(wrapper.length)}/image`))
  const folders = [...paths.map(folderClass), ...empty]
  return {
    images,
    classNames: classesOf(images, folders, metadata),
    hasTruth: metadata.hasTruth,
    warnings: []
  }
}

function labelsOf(
  file: TreeFile,
  folder: string,
  metadata: Metadata
): Pick<CatalogueImage, 'label' | 'truth'> {
  const described = metadata.byPath.get(file.path)
  const governing = metadata.governs(file.path)
  if (governing !== undefined && described?.label === undefined) {
    throw badInput(`${file.name} has no label in ${governing}.`, 'Add a row for it, or remove the image.')
  }
  const label = described?.label ?? folder
  if (label === '') {
    throw badInput(
      `${file.name} lies in no class folder, and no metadata file gives its label.`,
      'Put the images of each class into a folder, or add metadata.csv with file_name and label.'
    )
  }
  return { label, truth: described?.truth ?? (metadata.hasTruth ? label : undefined) }
}

/** Folders are classes, also empty ones; labels of a metadata file only where the folders know them all. */
function classesOf(
  images: readonly CatalogueImage[],
  folders: readonly string[],
  metadata: Metadata
): string[] {
  const used = new Set(images.flatMap(({ label, truth }) => (truth === undefined ? [label] : [label, truth])))
  const named = new Set(folders.filter((folder) => folder !== ''))
  if (metadata.hasLabels && [...used].some((label) => !named.has(label))) return sortedClassNames(used)
  return sortedClassNames([...used, ...named])
}
