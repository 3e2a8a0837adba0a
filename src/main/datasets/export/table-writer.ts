import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { exampleSize } from '../../../shared/domain/dataset'
import { csvField } from '../bytes/csv-writer'
import { csvToParquet } from '../bytes/parquet'
import { LABEL_COLUMN_FILE } from '../codecs/table-codec'
import { isUsualLabel, TRUTH_COLUMN } from '../codecs/table-columns'
import type { ExportGroup, ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './export-types'
import { OutputFile } from './output-file'

/** Columns of the table, the label among them. */
interface TableLayout {
  readonly columns: readonly string[]
  readonly label: number
}

/** CSV, TSV or Parquet: the source's columns in their order, then true_label where the truth is known. */
export const writeTable: DatasetWriter = async (source, target) => {
  const layout = layoutOf(source)
  for (const group of source.groups) {
    const file = path.join(target.folder, fileFor(source, group, target))
    if (!/\.(parquet|pq)$/i.test(file)) {
      const delimiter = /\.tsv(\.gz)?$/i.test(file) ? '\t' : delimiterOf(source)
      await writeRows(source, group, layout, file, delimiter, target)
      continue
    }
    const csv = `${file}.csv`
    await writeRows(source, group, layout, csv, ',', target)
    await csvToParquet(csv, file, columnTypes(source, layout))
  }
  const label = layout.columns[layout.label] ?? ''
  if (needsNote(source, label)) writeFileSync(path.join(target.folder, LABEL_COLUMN_FILE), `${label}\n`)
  return undefined
}

/** Whether a reader might not find the label column: by its name, or since its values look like measurements. */
export function needsNote({ classNames, count }: ExportSource, label: string): boolean {
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

function columnTypes(
  source: ExportSource,
  { columns, label }: TableLayout
): { name: string; type: string }[] {
  const whole = source.classNames.every((name) => /^-?\d{1,15}$/.test(name))
  const classType = whole ? 'BIGINT' : 'VARCHAR'
  const featureType = source.dtype === 'uint8' ? 'UTINYINT' : 'FLOAT'
  const types = columns.map((name, i) => ({ name, type: i === label ? classType : featureType }))
  return source.truth ? [...types, { name: TRUTH_COLUMN, type: classType }] : types
}

async function writeRows(
  source: ExportSource,
  group: ExportGroup,
  { columns, label }: TableLayout,
  file: string,
  delimiter: string,
  target: WriteTarget
): Promise<void> {
  const names = source.classNames.map((name) => csvField(name, delimiter))
  const header = source.truth ? [...columns, TRUTH_COLUMN] : columns
  const size = exampleSize(source.shape)
  await OutputFile.write(file, async (out) => {
    await out.write(`${header.map((name) => csvField(name, delimiter)).join(delimiter)}\n`)
    for (const { from, values } of source.blocks(group.from, group.to)) {
      const rows = values.length / size
      let text = ''
      for (let row = 0; row < rows; row++) {
        const fields: string[] = []
        for (let i = 0; i < size; i++) fields.push(shortestText(values[row * size + i]!, values))
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

function delimiterOf(source: ExportSource): string {
  const { delimiter } = source.layoutFor('table')
  return typeof delimiter === 'string' && delimiter !== '\t' ? delimiter : ','
}

/** The shortest decimal that reads back as the same value. */
export function shortestText(value: number, from: Uint8Array | Float32Array): string {
  if (from instanceof Uint8Array || Number.isInteger(value)) return String(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
