import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { exampleSize } from '../../../shared/domain/dataset'
import { BLANKS } from '../../file-formats/csv-reader'
import { csvField } from '../../file-formats/csv-writer'
import { csvToParquet } from '../../file-formats/parquet'
import { COLUMN_ROLES_FILE, LABEL_COLUMN_FILE } from '../codecs/table-codec'
import { isNumber } from '../codecs/table-cells'
import { isUsualLabel, TRUTH_COLUMN } from '../codecs/table-columns'
import { mayNumberRows } from '../table/column-inference'
import type { ExportGroup, ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import { OutputFile } from './output-file'
import { shortestText } from './shortest-text'
import { writtenCells, type TableLayout } from './table-cells-layout'

/** Float32 values beyond are no longer every whole number, and may not fit into one of 64 bits. */
const LARGEST_EXACT = 2 ** 53

/**
 * CSV, TSV or Parquet: the source's columns in their order, then true_label where the truth is known. Rows of tables are
 * written as their cells; where there are examples of other kinds, the features are the columns.
 */
export const writeTable: DatasetWriter = async (source, target) => {
  const cells = writtenCells(source)
  const layout = cells ?? layoutOf(source)
  for (const group of source.groups) {
    const file = path.join(target.folder, fileFor(source, group, target))
    if (!/\.(parquet|pq)$/i.test(file)) {
      const delimiter = /\.tsv(\.gz)?$/i.test(file) ? '\t' : delimiterOf(source)
      await writeRows(source, group, layout, file, delimiter, target)
      continue
    }
    const csv = `${file}.csv`
    await writeRows(source, group, layout, csv, ',', target)
    await csvToParquet(csv, file, columnTypes(source, layout, cells?.types))
  }
  const label = layout.columns[layout.label] ?? ''
  if (needsNote(source, label) || !tellsItself(source, layout))
    writeFileSync(path.join(target.folder, LABEL_COLUMN_FILE), `${label}\n`)
  if (cells) {
    const roles = cells.roles.map(([name, role]) => `${name}=${role}\n`)
    writeFileSync(path.join(target.folder, COLUMN_ROLES_FILE), roles.join(''))
  }
  return undefined
}

/** Whether a reader might not find the label column: by its name, or since its values look like measurements. */
function needsNote({ classNames, count }: ExportSource, label: string): boolean {
  return (
    !isUsualLabel(label) ||
    4 * classNames.length > count ||
    classNames.some((name) => name.trim() !== '' && !Number.isNaN(Number(name)) && !/^-?\d+$/.test(name))
  )
}

function layoutOf(source: ExportSource): TableLayout {
  const known = source.layoutFor('table')
  const columns = known.columns as string[] | undefined
  if (columns) return { columns, label: columns.indexOf(String(known.labelColumn)) }
  const prefix = source.shape.length === 1 ? 'x' : 'pixel'
  const features =
    source.columns ?? Array.from({ length: exampleSize(source.shape) }, (_, i) => `${prefix}${i}`)
  return { columns: [...features, 'label'], label: features.length }
}

function fileFor(source: ExportSource, { split }: ExportGroup, { tableType }: WriteTarget): string {
  const files = source.layoutFor('table').files as { file: string; split?: string }[] | undefined
  const same = files?.find((known) => known.split === split)
  const extension = tableType
    ? `.${tableType}`
    : (/\.\w+(\.gz)?$/.exec(files?.[0]?.file ?? '')?.[0] ?? '.csv')
  return same && same.file.endsWith(extension) ? same.file : `${split ?? 'data'}${extension}`
}

/** Whether a reader finds header, label and features of the table by looking at any part of it. */
function tellsItself(source: ExportSource, { columns, label }: TableLayout): boolean {
  const { classNames } = source
  const others = columns.filter((_, i) => i !== label)
  const areClasses = classNames.length <= 10 && !classNames.some((name) => name.includes('.'))
  return (
    areClasses &&
    isUsualLabel(columns[label] ?? '') &&
    !others.some((name) => isUsualLabel(name) || mayNumberRows(name) || isNumber(name))
  )
}

/** Whole numbers that a 64-bit integer holds, written as no other text is. */
const INTEGER_CLASS = /^(0|-?[1-9]\d{0,17})$/

function columnTypes(
  source: ExportSource,
  { columns, label }: TableLayout,
  cellTypes: ReadonlyMap<string, string> | undefined
): { name: string; type: string }[] {
  const known = source.layoutFor('table').types as Record<string, string> | undefined
  const isInteger = source.classNames.every((name) => INTEGER_CLASS.test(name))
  // Texts that look like numbers stay texts where the source had texts.
  const isText = known !== undefined && !(columns[label]! in known)
  const classType = isInteger && !isText ? 'BIGINT' : 'VARCHAR'
  const types = columns.map((name, i) => ({
    name,
    type: i === label ? classType : (cellTypes?.get(name) ?? featureType(source, known?.[name]))
  }))
  return source.truth ? [...types, { name: TRUTH_COLUMN, type: classType }] : types
}

/** The type that a column had, where the values as they are kept fit into it. */
function featureType(source: ExportSource, known: string | undefined): string {
  if (source.dtype === 'uint8') return 'UTINYINT'
  if (known === 'DOUBLE' || known?.startsWith('DECIMAL')) return 'DOUBLE'
  const range = source.layoutFor('table').range as { min: number; max: number } | undefined
  const fits = range !== undefined && Math.max(-range.min, range.max) <= LARGEST_EXACT
  if (known === undefined || known === 'FLOAT' || source.request.extra || !fits) return 'FLOAT'
  if (known === 'BOOLEAN' || /^U?(TINY|SMALL)INT$/.test(known)) return known
  return 'BIGINT'
}

async function writeRows(
  source: ExportSource,
  group: ExportGroup,
  { columns, label, fieldsOf }: TableLayout,
  file: string,
  delimiter: string,
  target: WriteTarget
): Promise<void> {
  const names = source.classNames.map((name) => csvField(name, delimiter))
  const header = source.truth ? [...columns, TRUTH_COLUMN] : columns
  const size = exampleSize(source.shape)
  await OutputFile.write(file, async (out) => {
    await out.write(
      `${markFor(source, file)}${header.map((name) => csvField(name, delimiter)).join(delimiter)}\n`
    )
    for (const { from, values } of source.blocks(group.from, group.to)) {
      const rows = values.length / size
      let text = ''
      for (let row = 0; row < rows; row++) {
        const fields = fieldsOf
          ? fieldsOf(from + row).map((text) => csvField(text, delimiter))
          : Array.from(values.subarray(row * size, (row + 1) * size), (value) => shortestText(value, values))
        fields.splice(label, 0, names[source.labels[from + row]!]!)
        if (source.truth) fields.push(names[source.truth[from + row]!]!)
        text += `${fields.join(delimiter)}\n`
        // Small pieces: a long string of digits takes several times the memory of its pixels.
        if (text.length > 1 << 18) {
          await out.write(text)
          text = ''
        }
      }
      if (text) await out.write(text)
      target.progress(from)
    }
  })
}

/**
 * A text that came in another encoding is written in UTF-8 and says so: the encoding that the source was read with
 * may be asked for again.
 */
function markFor(source: ExportSource, file: string): string {
  const { encoding } = source.layoutFor('table')
  return typeof encoding === 'string' && !/\.(parquet|pq)\.csv$/i.test(file) ? '\ufeff' : ''
}

function delimiterOf(source: ExportSource): string {
  const { delimiter } = source.layoutFor('table')
  return typeof delimiter === 'string' && !['\t', BLANKS].includes(delimiter) ? delimiter : ','
}
