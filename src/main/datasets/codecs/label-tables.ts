import { badInput } from '../../../shared/domain/failure'
import type { ImageTree } from './image-tree'
import { named } from './import-notes'
import { readLabelTable, type LabelRow, type LabelTable } from './label-table'
import { PictureNames } from './picture-names'

/** Tables that a folder of pictures may have beside it, and that are read to see whether they name them. */
const MOST_TABLES = 50
/** Kaggle's form for answers: its labels are no labels. */
const FORM = /sample.?submission/i

/** Labels from the tables beside pictures, by position of the picture. */
export interface TableLabels {
  readonly tables: readonly LabelTable[]
  readonly byImage: ReadonlyMap<number, LabelRow & { readonly table: LabelTable }>
  /** What a person should know of the tables, used or not. */
  readonly warnings: readonly string[]
}

/** @throws Failure bad-input when two tables disagree, or the label column asked for is in none */
export async function readLabelTables(
  tree: ImageTree,
  labelColumn: string | undefined
): Promise<TableLabels> {
  const names = new PictureNames(tree.images.map(({ path }) => path))
  const tables: LabelTable[] = []
  const unused: string[] = []
  for (const [i, file] of tree.tables.entries()) {
    const table =
      FORM.test(file.path) || i >= MOST_TABLES ? undefined : await readLabelTable(file, names, labelColumn)
    if (table) tables.push(table)
    else unused.push(file.path)
  }
  if (
    labelColumn !== undefined &&
    tables.length > 0 &&
    tables.every((table) => table.labelColumn === undefined)
  ) {
    const [first] = tables
    throw badInput(
      `${first!.file.name} has no column "${labelColumn}".`,
      `Its columns are ${named(first!.columns)}: name one with --label-column.`
    )
  }
  const warnings =
    unused.length > 0 ? [`Tables that name none of the pictures are not used: ${named(unused)}.`] : []
  return { tables, byImage: rowsOf(tables), warnings }
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
  return tables.flatMap(({ file, fileColumn, labelColumn, strangers, unlabelled }) => {
    if (labelColumn === undefined) return []
    const warnings = [`Labels are taken from ${file.path} (columns "${fileColumn}" and "${labelColumn}").`]
    if (strangers.first) {
      const { line, name } = strangers.first
      warnings.push(
        `${strangers.count === 1 ? '1 row' : `${strangers.count} rows`} of ${file.path} name no picture, such as line ${line} ("${name}").`
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
