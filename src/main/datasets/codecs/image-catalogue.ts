import { badInput } from '../../../shared/domain/failure'
import {
  compareCodePoints,
  oneSpelling,
  similarWarnings,
  sortedClassNames,
  unitedWarnings
} from '../class-names'
import { folderLayout, splitsOfLevel, type FolderLayout } from './folder-layout'
import { readMetadata, type Metadata } from './image-metadata'
import type { ImageTree, TreeFile } from './image-tree'
import { named } from './import-notes'
import { readLabelTables, tableWarnings, type LabelOptions, type TableLabels } from './label-tables'
import { compareSplits, splitOfFolder } from './splits'

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
  /** Columns of the table that gives the labels, where one does. */
  readonly columns?: readonly string[]
  /** The one with the labels; undefined beside `columns` when it must be named. */
  readonly labelColumn?: string
}

function segments(path: string): string[] {
  return path.split('/')
}

function foldersOf(path: string): string[] {
  return segments(path).slice(0, -1)
}

/** The folder around everything, as zips often have it, with its slash; '' where there is none. */
function wrapperOf(tree: ImageTree): string {
  const paths = [...tree.images, ...tree.metadata].map(({ path }) => path)
  let wrapper = ''
  for (;;) {
    const [first = '', second] = segments(paths[0]?.slice(wrapper.length) ?? '')
    const next = `${wrapper}${first}/`
    if (second === undefined || splitOfFolder(first) !== undefined) return wrapper
    if (!paths.every((path) => path.startsWith(next))) return wrapper
    const described = tree.metadata.some(({ path }) => !path.slice(next.length).includes('/'))
    const flat = tree.images.some(({ path }) => !path.slice(next.length).includes('/'))
    // A folder with images directly in it is a class, unless a metadata file there gives their labels.
    if (flat && !described) return wrapper
    wrapper = next
  }
}

/** Sorts paths folder by folder: a folder's name ends before any character of a longer name. */
export function pathKey(path: string): string {
  return path.replaceAll('/', '\u0001')
}

/** Images with their labels, and the names of folders that are classes even without an image. */
interface Labelled {
  readonly images: readonly CatalogueImage[]
  readonly folders: readonly string[]
  readonly hasTruth: boolean
  /** Whether another file than the folders gives the labels. */
  readonly isDescribed: boolean
  readonly warnings: readonly string[]
  readonly columns?: readonly string[]
  readonly labelColumn?: string
}

/** Find split, class and true class of every image. @throws Failure bad-input */
export async function catalogue(
  tree: ImageTree,
  name: string,
  options: LabelOptions = {}
): Promise<ImageCatalogue> {
  if (tree.images.length === 0) {
    throw badInput(`${name} holds no images.`, 'PNG, JPEG, WebP, BMP, GIF and TIFF are read.')
  }
  const metadata = await readMetadata(tree, options.encoding)
  const wrapper = wrapperOf(tree)
  const labelled = metadata.hasLabels
    ? byMetadata(tree, wrapper, metadata)
    : await byFoldersOrTables(tree, wrapper, metadata, options)
  return finished(labelled)
}

function finished(labelled: Labelled): ImageCatalogue {
  const { folders, hasTruth, isDescribed, columns, labelColumn } = labelled
  const labels = labelled.images.flatMap(({ label, truth }) =>
    truth === undefined ? [label] : [label, truth]
  )
  const images = labelled.images.map((image): CatalogueImage => {
    const { label, truth } = image
    return {
      ...image,
      label: oneSpelling(label),
      truth: truth === undefined ? undefined : oneSpelling(truth)
    }
  })
  // A key an image, not one a comparison: there may be millions.
  const keys = new Map(images.map((image) => [image, pathKey(image.path)]))
  images.sort((a, b) => compareSplits(a.split, b.split) || compareCodePoints(keys.get(a)!, keys.get(b)!))
  const classNames = classesOf(new Set(labels.map(oneSpelling)), folders.map(oneSpelling), isDescribed)
  const warnings = [
    ...labelled.warnings,
    ...unitedWarnings([...labels, ...folders]),
    ...similarWarnings(classNames)
  ]
  return { images, classNames, hasTruth, warnings, columns, labelColumn }
}

/** Which splits the top folders make where a metadata file gives the labels. */
function describedSplits(paths: readonly string[]): ReadonlyMap<string, string> {
  const tops = new Set(paths.filter((path) => path.includes('/')).map((path) => segments(path)[0] ?? ''))
  const splits = splitsOfLevel(tops)
  if (splits.size === 0 && !paths.every((path) => segments(path).length >= 3)) return new Map()
  return new Map([...tops].map((top) => [top, splits.get(top) ?? top]))
}

function byMetadata(tree: ImageTree, wrapper: string, metadata: Metadata): Labelled {
  const paths = tree.images.map(({ path }) => path.slice(wrapper.length))
  const splits = describedSplits(paths)
  const isUsual = [...splits].some(([top, split]) => top !== split || splitOfFolder(top) !== undefined)
  const folderClass = (path: string): string => {
    const parts = foldersOf(path)
    // Groups of nested classes are splits and part of the class's name; train and test are not.
    return (isUsual && splits.has(parts[0] ?? '') ? parts.slice(1) : parts).join('/')
  }
  const images = tree.images.map((file, i): CatalogueImage => {
    const path = paths[i]!
    const split = path.includes('/') ? splits.get(segments(path)[0]!) : undefined
    return { file, path, split, ...labelsOf(file, folderClass(path), metadata) }
  })
  const unused = tree.tables.map(({ path }) => path)
  const folders = [...paths.map(folderClass), ...emptyClasses(tree, wrapper, folderClass)]
  return {
    images,
    folders,
    hasTruth: metadata.hasTruth,
    isDescribed: true,
    warnings:
      unused.length > 0 ? [`Beside the metadata file, other tables are not used: ${named(unused)}.`] : []
  }
}

function emptyClasses(tree: ImageTree, wrapper: string, classOf: (path: string) => string): string[] {
  return tree.emptyFolders
    .filter((folder) => folder.startsWith(wrapper))
    .map((folder) => classOf(`${folder.slice(wrapper.length)}/image`))
}

async function byFoldersOrTables(
  tree: ImageTree,
  wrapper: string,
  metadata: Metadata,
  options: LabelOptions
): Promise<Labelled> {
  const paths = tree.images.map(({ path }) => path.slice(wrapper.length))
  let layout: FolderLayout | undefined
  let failure: unknown
  try {
    layout = folderLayout(paths.map(foldersOf), (image) => tree.images[image]!.name)
  } catch (error) {
    failure = error
  }
  const places = layout && paths.map((path) => layout.placeOf(foldersOf(path)))
  const classes = new Set(places?.map((place) => place?.className))
  const areClasses = classes.size > 1 && !classes.has('')
  const tables = await readLabelTables(tree, options, !areClasses || options.labelColumn !== undefined)
  // Where a table gives the labels, the folders need not.
  if (tables.tables.length > 0 && !areClasses) return byTables(tree, paths, tables)
  if (!layout || !places) throw failure
  const contradicted = contradictions(places, tables)
  if (contradicted > 0) return byTables(tree, paths, tables, { places, contradicted })
  return byFolders(tree, wrapper, { layout, paths, metadata, tables })
}

/** How many images a table gives another class than their folder, apart from a plain renaming of the classes. */
function contradictions(
  places: readonly ({ readonly className: string } | undefined)[],
  { byImage }: TableLabels
): number {
  const pairs = [...byImage].flatMap(([image, { label }]) => {
    const place = places[image]
    return place ? [[place.className, label] as const] : []
  })
  const renamed = new Map(pairs)
  const isRenaming =
    new Set(renamed.values()).size === renamed.size &&
    pairs.every(([folder, label]) => renamed.get(folder) === label)
  if (isRenaming) return 0
  return pairs.filter(([folder, label]) => oneSpelling(folder) !== oneSpelling(label)).length
}

interface FolderReading {
  readonly layout: FolderLayout
  readonly paths: readonly string[]
  readonly metadata: Metadata
  readonly tables: TableLabels
}

function byFolders(
  tree: ImageTree,
  wrapper: string,
  { layout, paths, metadata, tables }: FolderReading
): Labelled {
  const images = tree.images.flatMap((file, i): CatalogueImage[] => {
    const path = paths[i]!
    const place = layout.placeOf(foldersOf(path))
    const row = tables.byImage.get(i)
    if (!place) return row ? [{ file, path, split: row.split ?? splitOfTop(path), label: row.label }] : []
    const { split, className } = place
    const called = layout.isReversed ? `${split}/${className}/${segments(path).at(-1)}` : path
    return [{ file, path: called, split, ...labelsOf(file, className, metadata) }]
  })
  const classOf = (path: string): string => layout.placeOf(foldersOf(path))?.className ?? ''
  return {
    images,
    folders: [...images.map(({ label }) => label), ...emptyClasses(tree, wrapper, classOf)],
    hasTruth: metadata.hasTruth,
    isDescribed: false,
    warnings: [...layout.warnings, ...tables.warnings]
  }
}

function splitOfTop(path: string): string | undefined {
  const [top = ''] = foldersOf(path)
  return splitsOfLevel([top]).get(top)
}

/** Labels of tables; images without a row are left out, or keep the class of their folder where those are classes. */
function byTables(
  tree: ImageTree,
  paths: readonly string[],
  tables: TableLabels,
  folders?: {
    readonly places: readonly ({ readonly className: string; readonly split?: string } | undefined)[]
    readonly contradicted: number
  }
): Labelled {
  const first = tables.tables[0]!
  const columns = first.columns
  const tops = splitsOfLevel(paths.flatMap((path) => foldersOf(path).slice(0, 1)))
  const hasTruth = tables.tables.some((table) => table.hasTruth)
  if (tables.byImage.size === 0 && first.labelColumn === undefined) {
    const images = tree.images.map((file, i) => ({ file, path: paths[i]!, label: '' }))
    return { images, folders: [], hasTruth: false, isDescribed: true, warnings: tables.warnings, columns }
  }
  const missing: string[] = []
  const images = tree.images.flatMap((file, i): CatalogueImage[] => {
    const path = paths[i]!
    const row = tables.byImage.get(i)
    const place = folders?.places[i]
    const label = row?.label ?? place?.className
    if (label === undefined || label === '') {
      missing.push(path)
      return []
    }
    const split = row?.split ?? place?.split ?? tops.get(foldersOf(path)[0] ?? '')
    return [{ file, path, split, label, truth: hasTruth ? (row?.truth ?? label) : undefined }]
  })
  if (images.length === 0) throw badInput(`${first.file.name} labels no picture.`, 'Fill in its labels.')
  const warnings = [...tableWarnings(tables), ...tables.warnings]
  if (folders) {
    const { contradicted } = folders
    warnings.push(
      `${contradicted === 1 ? '1 picture has' : `${contradicted} pictures have`} another label in ${named(tables.tables.map(({ file }) => file.path))} than the folder it lies in; the table's is used.`
    )
  }
  if (missing.length > 0) {
    warnings.push(
      `${missing.length === 1 ? '1 picture has' : `${missing.length} pictures have`} no label in a table and ${missing.length === 1 ? 'is' : 'are'} left out: ${named(missing)}.`
    )
  }
  const { labelColumn } = tables.tables.find((table) => table.labelColumn !== undefined) ?? first
  return { images, folders: [], hasTruth, isDescribed: true, warnings, columns, labelColumn }
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

/** Folders are classes, also empty ones; labels of another file only where the folders know them all. */
function classesOf(used: ReadonlySet<string>, folders: readonly string[], isDescribed: boolean): string[] {
  const pairs = new Set(folders.filter((folder) => folder !== ''))
  if (isDescribed && [...used].some((label) => !pairs.has(label))) return sortedClassNames(used)
  return sortedClassNames([...used, ...pairs])
}
