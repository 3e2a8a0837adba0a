import { badInput } from '../../../shared/domain/failure'
import { rowsPerBlock } from '../../file-formats/byte-reader'
import type { CsvRecord } from '../../file-formats/csv-reader'
import { MOST_LISTED, type ColumnUse } from '../../file-formats/parquet'
import type { FeatureWriter } from '../store/feature-writer'
import type { ReadTarget, SampleExample, SourceExamples, SourceFacts, SourceReader } from './codec'
import { pathOf, type SourceLook } from './source-look'
import { splitsOf } from './splits'
import { cellNumber } from './table-cells'
import { listed, type TableRoles } from './table-columns'
import { tableRecords, type TableFile } from './table-file'
import { LabelIndex, spelling, tidyName } from './table-labels'
import { separatorName } from './table-separators'
import { sortedClassNames } from '../class-names'

/** Names of so many features are kept; more are numbered. */
const MOST_NAMES = 1 << 16

/** A column of features: one number, or a list of them. */
interface FeatureColumn {
  readonly column: number
  /** Undefined for a plain number. */
  readonly listed?: number
}

/** Reads the examples of one or more tables of the same columns, one after the other. */
export class TableReader implements SourceReader {
  readonly facts: SourceFacts
  readonly #features: readonly FeatureColumn[]
  readonly #size: number

  constructor(
    look: SourceLook,
    private readonly tables: readonly TableFile[],
    private readonly splits: readonly (string | undefined)[],
    private readonly roles: TableRoles
  ) {
    const [first] = tables
    const columns = first?.columns ?? []
    const label = roles.label === undefined ? undefined : columns[roles.label]
    this.#features = roles.features.map((column) => featureColumn(first, column))
    this.#size = this.#features.reduce((sum, { listed: width = 1 }) => sum + width, 0)
    this.facts = {
      count: tables.reduce((sum, table) => sum + table.count, 0),
      countIsEstimate: tables.some((table) => table.countIsEstimate),
      shape: this.#size ? [this.#size] : undefined,
      dtype: 'float32',
      classNames: this.#sampledClasses(),
      splits: splitsOf(tables.map(({ count }, i) => ({ split: splits[i], count }))),
      columns,
      labelColumn: label,
      labelColumnCandidates: roles.candidates,
      reading: first && readingOf(first, roles),
      hasTruth: roles.truth !== undefined,
      missing: label === undefined ? ['labelColumn'] : [],
      warnings: [
        ...new Set(tables.flatMap(({ warnings }) => warnings)),
        ...roles.warnings,
        ...(label === undefined && roles.noLabel ? [roles.noLabel] : [])
      ],
      files: tables.map(({ file }) => pathOf(look, file))
    }
  }

  /** Class names that the file tells for its label column. */
  get #givenNames(): readonly string[] | undefined {
    const [first] = this.tables
    return this.roles.label === undefined
      ? undefined
      : first?.parquet?.classNames.get(first.columns[this.roles.label]!)
  }

  #sampledClasses(): string[] {
    const { label } = this.roles
    if (label === undefined) return []
    if (this.#givenNames) return [...this.#givenNames]
    const seen = this.tables
      .flatMap(({ samples }) => samples.map((row) => tidyName(row[label] ?? '')))
      .filter((name) => name !== '')
    return sortedClassNames(seen.map(spelling(new Set(seen))))
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const { roles, tables } = this
    const [first] = tables
    if (!first) throw badInput('The table is gone.', 'Name a CSV, TSV or Parquet file.')
    if (roles.label === undefined) throw this.#noLabel(first)
    if (this.#size === 0) {
      const left = roles.leftOut.length ? ` (left out: ${listed(roles.leftOut)})` : ''
      throw badInput(
        `${first.name} has no feature columns${left}.`,
        'Name a table with a column for each feature; --separator says what stands between them.'
      )
    }
    const names = this.#featureNames(first)
    const place = (row: number, column: number): string =>
      `${first.name}, row ${row + 1}, column "${names[column] ?? column}"`
    const writer = await target.features([this.#size], 'float32', place)
    const index = new LabelIndex()
    const labels: number[] = []
    const truth: number[] = []
    const counts: number[] = []
    for (const table of tables) {
      const before = writer.count
      await this.#readTable(table, writer, target, index, labels, truth)
      counts.push(writer.count - before)
    }
    this.#checkClasses(first, index.size, writer.count)
    const { names: classNames, order, warnings } = index.classes(this.#givenNames)
    return {
      labels: Int32Array.from(labels, (spelled) => order[spelled]!),
      truth: roles.truth === undefined ? undefined : Int32Array.from(truth, (spelled) => order[spelled]!),
      classNames,
      splits: splitsOf(counts.map((count, i) => ({ split: this.splits[i], count }))),
      columns: names.length <= MOST_NAMES ? names : undefined,
      warnings,
      layout: { ...this.#layout(first), tables: this.#notes(counts) }
    }
  }

  #noLabel(first: TableFile): Error {
    return badInput(
      this.roles.noLabel ??
        `${first.name} has no column with a usual label name; its columns are ${listed(first.columns)}.`,
      'Name the label column with --label-column.'
    )
  }

  /** A column asked for by name may have many classes, but not one for each example. */
  #checkClasses({ name, columns }: TableFile, different: number, rows: number): void {
    if (different <= 256 || different <= rows / 2) return
    throw badInput(
      `${name}, column "${columns[this.roles.label!]}" has ${different} different values in ${rows} rows, so it is no class label.`,
      'Name another column with --label-column.'
    )
  }

  #featureNames({ columns }: TableFile): string[] {
    return this.#features.flatMap(({ column, listed: width }) =>
      width === undefined
        ? [columns[column]!]
        : Array.from({ length: width }, (_, i) => `${columns[column]}[${i}]`)
    )
  }

  /** What a writer needs to write such a table again. */
  #layout(first: TableFile): Record<string, unknown> {
    const { label } = this.roles
    const kept = first.columns.flatMap((name, i) => {
      if (i === label) return [name]
      const feature = this.#features.find(({ column }) => column === i)
      if (!feature) return []
      return feature.listed === undefined
        ? [name]
        : Array.from({ length: feature.listed }, (_, j) => `${name}[${j}]`)
    })
    const files = new Map(
      this.tables.map(({ file }, i) => [this.splits[i], fileOfSplit(file, this.splits[i])])
    )
    const types = first.parquet?.columns
      .filter(({ kind }) => kind === 'number')
      .map(({ name, type }) => [name, type])
    return {
      files: [...files].map(([split, file]) => ({ file, split })),
      labelColumn: first.columns[label!],
      columns: kept,
      delimiter: first.delimiter,
      encoding: first.encoding,
      types: types && Object.fromEntries(types)
    }
  }

  /** What a writer needs to copy rows from the tables themselves. */
  #notes(counts: readonly number[]): object[] {
    const { label, truth } = this.roles
    return this.tables.map(({ file, skip, delimiter }, i) => ({
      file,
      rows: counts[i],
      skip,
      label,
      truth,
      delimiter
    }))
  }

  async #readTable(
    table: TableFile,
    writer: FeatureWriter,
    target: ReadTarget,
    index: LabelIndex,
    labels: number[],
    truths: number[]
  ): Promise<void> {
    const { label = -1, truth } = this.roles
    const uses = this.#uses(table)
    const order = [...uses.keys()]
    // A Parquet file's records hold what is used, in that order; a text's all of its columns.
    const at = (column: number): number => (table.parquet ? order.indexOf(table.columns[column]!) : column)
    const features = this.#features.map(({ column, listed: width }) => ({ column, width, at: at(column) }))
    const [labelAt, truthAt] = [at(label), truth === undefined ? -1 : at(truth)]
    const block = new Float32Array(rowsPerBlock(4 * this.#size) * this.#size)
    let filled = 0
    let row = 0
    const flush = async (): Promise<void> => {
      await writer.append(block.subarray(0, filled))
      filled = 0
      target.progress(writer.count, this.facts.countIsEstimate ? undefined : this.facts.count, 'reading rows')
    }
    for await (const record of tableRecords(table, target.folder, uses)) {
      row++
      const { fields } = record
      for (const { column, width, at: field } of features) {
        if (width !== undefined) {
          fillList(table, record, row, column, fields[field]!, block, filled, width)
          filled += width
          continue
        }
        const value = cellNumber(fields[field]!, table.decimalComma)
        const kept = Math.fround(value)
        // NaN and infinities make the difference with itself NaN.
        if (kept - kept !== 0) throw badCell(table, record, row, column, fields[field]!, value)
        block[filled++] = kept
      }
      labels.push(labelOf(table, record, row, label, fields[labelAt]!, index))
      if (truth !== undefined) truths.push(labelOf(table, record, row, truth, fields[truthAt]!, index))
      if (filled === block.length) await flush()
    }
    if (filled > 0) await flush()
    if (row === 0) throw badInput(`${table.name} has no rows.`, 'Name a table with one row for each example.')
  }

  #uses(table: TableFile): Map<string, ColumnUse> {
    const { label, truth } = this.roles
    const uses = new Map<string, ColumnUse>(
      this.#features.map(({ column }) => [table.columns[column]!, 'feature'])
    )
    for (const column of [label, truth]) if (column !== undefined) uses.set(table.columns[column]!, 'label')
    return uses
  }

  async sample(most: number): Promise<SampleExample[]> {
    const { label = -1 } = this.roles
    if (this.#size === 0) return []
    const share = Math.max(1, Math.floor(most / this.tables.length))
    const given = this.#givenNames
    return this.tables
      .flatMap(({ samples }, i) =>
        samples.slice(0, share).map((row): SampleExample => ({
          features: Float32Array.from(
            this.#features.flatMap(({ column, listed: width }) =>
              width === undefined
                ? [shownNumber(row[column])]
                : Array.from({ length: width }, (_, j) => shownNumber(row[column]?.split(' ')[j]))
            )
          ),
          shape: [this.#size],
          label: given?.[Number(row[label])] ?? row[label],
          split: this.splits[i]
        }))
      )
      .slice(0, most)
  }

  async close(): Promise<void> {
    // Files are opened for each pass and closed with it.
  }
}

function shownNumber(text: string | undefined): number {
  const value = Math.fround(Number(text))
  return Number.isFinite(value) ? value : 0
}

function readingOf(first: TableFile, roles: TableRoles): SourceFacts['reading'] {
  const { parquet, encoding, delimiter, hasHeader } = first
  const text = parquet
    ? {}
    : {
        encoding: encoding ?? 'utf-8',
        separator: separatorName(delimiter),
        header: hasHeader ? ('yes' as const) : ('no' as const)
      }
  return { ...text, leaveOut: [...roles.leftOut] }
}

function featureColumn(table: TableFile | undefined, column: number): FeatureColumn {
  const kind = table?.parquet?.columns[column]?.kind
  if (!table || kind !== 'list') return { column }
  const filled = table.samples.find((row) => row[column] !== '')?.[column]
  if (filled === undefined) {
    throw badInput(
      `${table.name}, column "${table.columns[column]}" has no list of 1 to ${MOST_LISTED} numbers in its first rows.`,
      'Leave the column out with --leave-out.'
    )
  }
  return { column, listed: filled.split(' ').length }
}

/** The file of a split that is written again: its parts are one. */
function fileOfSplit(file: string, split: string | undefined): string {
  const name = file.split('/').at(-1)!
  const isPart = file !== name || /\d{4,6}(-of-\d{4,6})?/.test(name)
  return isPart ? `${split ?? 'data'}${/\.\w+(\.gz)?$/.exec(name)?.[0] ?? '.csv'}` : name
}

function fillList(
  table: TableFile,
  record: CsvRecord,
  row: number,
  column: number,
  text: string,
  block: Float32Array,
  from: number,
  width: number
): void {
  const items = text === '' ? [] : text.split(' ')
  if (items.length !== width) {
    throw badInput(
      `${cell(table, record, row, column)}: the list holds ${items.length} numbers, but the first one ${width}.`,
      'Give every list as many numbers, or leave the column out with --leave-out.'
    )
  }
  items.forEach((item, i) => {
    const value = cellNumber(item, false)
    const kept = Math.fround(value)
    if (kept - kept !== 0) throw badCell(table, record, row, column, item, value)
    block[from + i] = kept
  })
}

function labelOf(
  table: TableFile,
  record: CsvRecord,
  row: number,
  column: number,
  text: string,
  index: LabelIndex
): number {
  const place = (): string => cell(table, record, row, column)
  if (text.trim() === '') throw badInput(`${place()}: the label is empty.`, 'Fill it in or remove the row.')
  return index.of(text, place)
}

/** Where a cell stands; rows count from 1, without the header. */
function cell(table: TableFile, record: CsvRecord, row: number, column: number): string {
  const line = table.parquet ? '' : ` (line ${record.line})`
  return `${table.name}, row ${row}${line}, column "${table.columns[column]}"`
}

function badCell(
  table: TableFile,
  record: CsvRecord,
  row: number,
  column: number,
  text: string,
  value: number
): Error {
  const name = table.columns[column]!
  const what =
    text.trim() === ''
      ? 'the cell is empty'
      : Number.isFinite(value)
        ? `${text.slice(0, 40)} is too large for a 32-bit float`
        : `"${text.slice(0, 40)}" is not a finite number`
  return badInput(`${cell(table, record, row, column)}: ${what}.`, remedyFor(text, value, name, table))
}

function remedyFor(text: string, value: number, name: string, table: TableFile): string {
  if (Number.isFinite(value)) return `Scale the column, or leave it out with --leave-out "${name}".`
  if (/^[+-]?[\d.]*,\d+$/.test(text.trim()) && table.delimiter !== ',') {
    return 'The comma may be decimal or part thousands: write the numbers with a decimal point.'
  }
  return `Fill in a number, or leave the row or the column out (--leave-out "${name}"); if it is the label, pass --label-column "${name}".`
}
