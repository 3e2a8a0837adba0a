import { badInput, Failure } from '../../../shared/domain/failure'
import type { CodecOptions } from './codec'
import type { ImageTree, TreeFile } from './image-tree'
import { named } from './import-notes'
import { readLabelTable, type LabelRow, type LabelTable } from './label-table'
import { PictureNames } from './picture-names'

/** Tables that a folder of pictures may have beside it, and that are read to see whether they name them. */
const MOST_TABLES = 50
/** Kaggle's form for answers: its labels are no labels. */
const FORM = /sample.?submission/i

/** Options that say how tables beside pictures are read. */
export type LabelOptions = Pick<CodecOptions, 'labelColumn' | 'encoding'>

/** Labels from the tables beside pictures, by position of the picture. */
export interface TableLabels {
  readonly tables: readonly LabelTable[]
  readonly byImage: ReadonlyMap<number, LabelRow & { readonly table: LabelTable }>
  /** What a person should know of the tables, used or not. */
  readonly warnings: readonly string[]
}

/**
 * Where the folders already give classes (`needed` is false), a table that is doubtful or contradicts itself is told
 * and left alone.
 * @throws Failure bad-input when two tables disagree, or the label column asked for is in none
 */
export async function readLabelTables(
  tree: ImageTree,
  options: LabelOptions,
  needed: boolean
): Promise<TableLabels> {
  const { labelColumn } = options
  const names = new PictureNames(tree.images.map(({ path }) => path))
  const tables: LabelTable[] = []
  const unused: string[] = []
  const doubts: string[] = []
  for (const [i, file] of tree.tables.entries()) {
    const passedOver = FORM.test(file.path) || i >= MOST_TABLES
    const read = passedOver ? undefined : await readTable(file, names, options, needed)
    if (typeof read === 'string') doubts.push(`${file.path} is not used: ${read}`)
    else if (read) tables.push(read)
    else unused.push(file.path)
  }
  const [first] = tables
  if (labelColumn !== undefined && first && tables.every((table) => table.labelColumn === undefined)) {
    throw badInput(
      `${first.file.name} has no column "${labelColumn}".`,
      `Its columns are ${named(first.columns)}: name one with --label-column.`
    )
  }
  if (unused.length > 0) doubts.push(`Tables that name none of the pictures are not used: ${named(unused)}.`)
  return { tables, byImage: rowsOf(tables), warnings: doubts }
}

/** A sentence instead of the table for one that is not needed, and whose meaning is not plain. */
async function readTable(
  file: TreeFile,
  names: PictureNames,
  { labelColumn, encoding }: LabelOptions,
  needed: boolean
): Promise<LabelTable | string | undefined> {
  try {
    const table = await readLabelTable(file, names, labelColumn, encoding)
    if (needed || !table) return table
    if (table.labelColumn === undefined) {
      return `which of its columns (${named(table.columns)}) holds the label can be said with --label-column.`
    }
    return table.namesFiles ? table : 'it names the pictures by numbers, and the folders give their classes.'
  } catch (error) {
    if (needed || !(error instanceof Failure)) throw error
    return error.message
  }
}

function rowsOf(tables: readonly LabelTable[]): Map<number, LabelRow & { readonly table: LabelTable }> {
  const byImage = new Map<number, LabelRow & { readonly table: LabelTable }>()
  const usable = tables.filter(({ labelColumn }) => labelColumn !== undefined)
  for (const table of usable) {
    for (const row of table.rows) {
      const known = byImage.get(row.image)
      if (known && known.label !== row.label) {
        throw badInput(
          `${table.file.name}, line ${row.line} gives a picture the label "${row.label}", but ${known.table.file.name}, line ${known.line} "${known.label}".`,
          'Keep one table of labels, or one row for each picture.'
        )
      }
      if (!known) byImage.set(row.image, { ...row, split: row.split ?? splitOf(table, usable), table })
    }
  }
  return byImage
}

/** A table's name gives a split only beside another: train.csv and test.csv. */
function splitOf(table: LabelTable, tables: readonly LabelTable[]): string | undefined {
  return tables.length > 1 ? table.split : undefined
}

/** What was taken from a table, and what of it found no picture. */
export function tableWarnings({ tables }: TableLabels): string[] {
  return tables.flatMap(({ file, fileColumn, labelColumn, unmatched, unlabelled }) => {
    if (labelColumn === undefined) return []
    const warnings = [`Labels are taken from ${file.path} (columns "${fileColumn}" and "${labelColumn}").`]
    if (unmatched.first) {
      const { line, name } = unmatched.first
      warnings.push(
        `${unmatched.count === 1 ? '1 row' : `${unmatched.count} rows`} of ${file.path} name no picture, such as line ${line} ("${name}").`
      )
    }
    if (unlabelled.count > 0) {
      warnings.push(
        `${unlabelled.count === 1 ? '1 row' : `${unlabelled.count} rows`} of ${file.path} have no label, such as line ${unlabelled.line}.`
      )
    }
    return warnings
  })
}
