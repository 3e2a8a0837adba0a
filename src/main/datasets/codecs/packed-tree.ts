import path from 'node:path'
import { badInput, Failure } from '../../../shared/domain/failure'
import { csvRecords } from '../../file-formats/csv-reader'
import { firstBlobHead, listBlobs } from '../../file-formats/parquet-blobs'
import { readParquetFacts, type ParquetColumn } from '../../file-formats/parquet-facts'
import { IMAGE_FILE } from '../pictures/decode-image'
import { pictureFormat } from '../pictures/picture-header'
import type { CodecOptions } from './codec'
import type { CatalogueImage, ImageCatalogue } from './image-catalogue'
import type { ImageTree, TreeFile } from './image-tree'
import { counted, named } from './import-notes'
import { PackedPictures, type PackedTable } from './packed-pictures'
import { pathOf, type SourceLook } from './source-look'
import { tableRoles, type TableRoles } from './table-columns'
import { isParquet, openTableFile, type TableFile } from './table-file'
import { LabelIndex } from './table-labels'
import { tableGroups, tablesBelow, type TablePart } from './table-shards'

const PARQUET = /\.(parquet|pq)$/i

function partsOf(look: SourceLook): string[] {
  if (look.kind === 'file') return isParquet(look.head) ? [path.basename(look.path)] : []
  const files = tablesBelow(look)
  return files.every((file) => PARQUET.test(file)) ? files : []
}

/** The column that holds the pictures; of several, the one called so. */
async function pictureColumn(
  file: string,
  name: string,
  columns: readonly ParquetColumn[]
): Promise<ParquetColumn | undefined> {
  const found = columns.filter(({ kind }) => kind === 'picture')
  if (found.length === 0) {
    for (const column of columns.filter(({ kind }) => kind === 'bytes').slice(0, 16)) {
      const head = await firstBlobHead(file, name, column)
      if (head && pictureFormat(head)) found.push(column)
    }
  }
  return found.find((column) => /^(image|img|picture|photo)s?$/i.test(column.name)) ?? found[0]
}

/** Why a Parquet file, or a folder of them, holds pictures, as a clause; undefined when it does not. */
export async function holdsPackedPictures(look: SourceLook): Promise<string | undefined> {
  const [file] = partsOf(look)
  if (file === undefined) return undefined
  const place = pathOf(look, file)
  try {
    const { columns } = await readParquetFacts(place, look.name)
    const column = await pictureColumn(place, look.name, columns)
    return column && `Parquet with pictures in column "${column.name}"`
  } catch (error) {
    // Whoever reads it as a table tells what is wrong with it.
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** A tree of images and how their labels are found. */
export interface PackedTree {
  readonly tree: ImageTree
  found(): ImageCatalogue | Promise<ImageCatalogue>
  /** The first so many images are quickly read; undefined where all of them are. */
  readonly first?: number
}

/** A row: its picture, and the spelling of its label, its true label. */
interface Row {
  readonly file: TreeFile
  readonly path: string
  readonly split?: string
  readonly label?: number
  readonly truth?: number
}

/** Tables that are one dataset, and what their columns are for. */
interface Opened {
  readonly tables: readonly (TableFile & { readonly column: ParquetColumn; readonly split?: string })[]
  readonly columns: readonly ParquetColumn[]
  readonly roles: TableRoles
  readonly givenNames?: readonly string[]
}

/**
 * Pictures in a column of Parquet files as a tree of images, with the labels of another column. A picture is called
 * as its path says, or by its row.
 */
export async function openPackedTree(look: SourceLook, options: CodecOptions): Promise<PackedTree> {
  const opened = await openTables(look, options)
  const pictures = new PackedPictures()
  try {
    const index = new LabelIndex()
    const rows: Row[] = []
    let first = 0
    for (const table of opened.tables) {
      for await (const row of rowsOf(table, opened, pictures, index)) {
        rows.push(row)
        if (pictures.windows === 1) first = rows.length
      }
    }
    const tree: ImageTree = {
      root: path.resolve(look.path),
      images: rows.map(({ file }) => file),
      metadata: [],
      tables: [],
      emptyFolders: [],
      warnings: [],
      sources: opened.tables.map((table) => table.path),
      close: () => pictures.close()
    }
    return { tree, first: Math.max(1, first), found: () => catalogued(opened, rows, index) }
  } catch (error) {
    await pictures.close()
    throw error
  }
}

async function openTables(look: SourceLook, options: CodecOptions): Promise<Opened> {
  const groups = tableGroups(look, partsOf(look))
  const tables = []
  for (const group of groups) tables.push(await openPart(look, group))
  const [first] = tables
  if (!first) throw badInput(`${look.name} holds no table.`, 'Name a Parquet file.')
  const { columns } = first
  for (const table of tables) {
    if (table.columns.join('\n') === columns.join('\n')) continue
    throw badInput(`${table.name} has other columns than ${first.name}.`, 'Give both the same columns.')
  }
  const { parquet } = first
  const usable = parquet!.columns.filter(({ kind }) => kind === 'number' || kind === 'text')
  if (usable.length === 0) {
    throw badInput(
      `${first.name} has pictures in column "${first.column.name}", but no column with their labels.`,
      'Add a column with the label of each picture.'
    )
  }
  const at = usable.map(({ name }) => columns.indexOf(name))
  const roles = tableRoles(
    {
      name: first.name,
      columns: usable.map(({ name }) => name),
      samples: first.samples.map((row) => at.map((i) => row[i] ?? '')),
      labelled: [...parquet!.classNames.keys()]
    },
    { labelColumn: options.labelColumn }
  )
  const label = roles.label === undefined ? undefined : usable[roles.label]!.name
  const givenNames = label === undefined ? undefined : parquet!.classNames.get(label)
  return { tables, columns: usable, roles, givenNames }
}

async function openPart(look: SourceLook, { file, split }: TablePart): Promise<Opened['tables'][number]> {
  const table = await openTableFile(look, file, {})
  const column = await pictureColumn(table.path, table.name, table.parquet?.columns ?? [])
  if (!column) throw badInput(`${table.name} has no column of pictures.`, 'Remove it, or name another file.')
  return { ...table, column, split }
}

async function* rowsOf(
  { path: place, name, file: part, column, split }: Opened['tables'][number],
  { columns, roles }: Opened,
  pictures: PackedPictures,
  index: LabelIndex
): AsyncGenerator<Row> {
  const packed: PackedTable = { path: place, name, column }
  const wanted = [roles.label, roles.truth].filter((i) => i !== undefined)
  const labels = wanted.map((i) => columns[i]!)
  await listBlobs(place, name, column, labels, pictures.list)
  let row = 0
  for await (const { fields } of csvRecords(pictures.list, name, ',', { skip: 1 })) {
    const [size = '0', given = '', head = '', ...texts] = fields
    const at = pictures.add(packed, row, Number(size))
    const number = row++
    const called = pictureName(given, number, Buffer.from(head, 'hex'))
    const spelled = (i: number): number | undefined => {
      const text = texts[i]
      if (text === undefined || text.trim() === '') return undefined
      return index.of(text, () => `${name}, row ${number + 1}, column "${labels[i]!.name}"`)
    }
    yield {
      file: {
        path: `${part}/${number}`,
        name: `${called} in ${name} (row ${number + 1})`,
        size: () => at.size,
        read: () => pictures.read(at)
      },
      path: split === undefined ? called : `${split}/${called}`,
      split,
      label: roles.label === undefined ? undefined : spelled(0),
      truth: roles.truth === undefined ? undefined : spelled(labels.length - 1)
    }
  }
}

/** What a picture is called: its path below wherever it was, with an ending that pictures have. */
function pictureName(given: string, row: number, head: Buffer): string {
  const parts = given
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => part.replace(/[:*?"<>|\p{Cc}]/gu, '_').trim())
    .filter((part) => part !== '' && part !== '.')
  // A path from the root, or out of a folder, says where the picture once lay on somebody's disk.
  const isForeign = /^(\/|\\|\w:)/.test(given) || parts.includes('..') || given.includes('::')
  const called = (isForeign ? parts.slice(-1) : parts).join('/')
  if (IMAGE_FILE.test(called)) return called
  const format = pictureFormat(head)
  const ending = format === undefined ? 'png' : format === 'jpeg' ? 'jpg' : format
  const stem = called === '' || called === '..' ? String(row).padStart(5, '0') : called
  return `${stem}.${ending}`
}

function catalogued(opened: Opened, rows: readonly Row[], index: LabelIndex): ImageCatalogue {
  const { tables, columns, roles, givenNames } = opened
  const used = [roles.label, roles.truth].flatMap((i) => (i === undefined ? [] : [columns[i]!.name]))
  const pictured = tables[0]!.column.name
  const unused = tables[0]!.columns.filter((name) => name !== pictured && !used.includes(name))
  const notes =
    unused.length > 0 ? [`Beside the pictures, other columns are not used: ${named(unused)}.`] : []
  const names = columns.map(({ name }) => name)
  const paths = distinct(rows.map((row) => row.path))
  if (roles.label === undefined) {
    const images = rows.map(({ file }, i) => ({ file, path: paths[i]!, label: '' }))
    const warnings = roles.noLabel ? [roles.noLabel] : []
    return { images, classNames: [], hasTruth: false, warnings, columns: names }
  }
  const { names: classNames, order, warnings } = index.classes(givenNames)
  const hasTruth = roles.truth !== undefined
  const nameAt = (spelled: number): string => classNames[order[spelled]!]!
  const images = rows.flatMap(({ file, split, label, truth }, i): CatalogueImage[] => {
    if (label === undefined) return []
    const given = hasTruth ? nameAt(truth ?? label) : undefined
    return [{ file, path: paths[i]!, split, label: nameAt(label), truth: given }]
  })
  const without = rows.length - images.length
  if (images.length === 0) {
    throw badInput(
      `${tables[0]!.name}, column "${used[0]}" is empty.`,
      'Name another column with --label-column.'
    )
  }
  if (without > 0) {
    notes.push(
      `${counted(without, 'picture')} ${without === 1 ? 'has' : 'have'} no label and ${without === 1 ? 'is' : 'are'} left out.`
    )
  }
  return {
    images,
    classNames,
    hasTruth,
    warnings: [...roles.warnings, ...notes, ...warnings],
    columns: names,
    labelColumn: used[0]
  }
}

/** Pictures that are called the same are told apart by a number. */
function distinct(paths: readonly string[]): string[] {
  const taken = new Set(paths)
  const used = new Set<string>()
  const next = new Map<string, number>()
  return paths.map((wanted) => {
    let called = wanted
    if (used.has(wanted)) {
      const { dir, name, ext } = path.posix.parse(wanted)
      let number = next.get(wanted) ?? 2
      do called = path.posix.join(dir, `${name}-${number++}${ext}`)
      while (taken.has(called) || used.has(called))
      next.set(wanted, number)
    }
    used.add(called)
    return called
  })
}
