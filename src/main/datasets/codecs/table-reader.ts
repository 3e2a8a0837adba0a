import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import {
  featureCountOf,
  featureNamesOf,
  isPlain,
  type InspectedColumn,
  type RepresentedColumn
} from '../../../shared/domain/table-columns'
import type { ColumnUse } from '../../file-formats/parquet'
import { sortedClassNames } from '../class-names'
import type { CellsWriter } from '../store/cells'
import type { FeatureWriter } from '../store/feature-writer'
import { cellEncoder } from '../table/cell-encoder'
import type { ColumnProfile } from '../table/column-profile'
import { inspected, tooLarge } from '../table/fit-columns'
import { encodedRow, RowBlocks, writeList } from '../table/row-blocks'
import {
  cellName,
  fittedColumns,
  profilesOf,
  type FittedColumns,
  type SourceColumns
} from '../table/source-columns'
import type { ReadTarget, SampleExample, SourceExamples, SourceFacts, SourceReader } from './codec'
import { pathOf, type SourceLook } from './source-look'
import { splitsOf } from './splits'
import { listed } from './table-columns'
import { tableRecords, type TableFile } from './table-file'
import { LabelIndex, spelling, tidyName } from './table-labels'
import { tableLayout } from './table-notes'
import { separatorName } from './table-separators'

/** Names of so many features are kept; more are numbered. */
const MOST_NAMES = 1 << 16
/** Columns of plain numbers are kept by their names alone where there are more. */
const MOST_DESCRIBED = 4096
/** Cells that an inspection looks at. */
const MOST_INSPECTED = 2_000_000
/** Columns that an inspection shows. */
const MOST_SHOWN = 2000

/** The labels of a table as they are met, and how many examples each of its files has. */
interface ReadLabels {
  readonly index: LabelIndex
  readonly labels: number[]
  readonly truth: number[]
  readonly counts: number[]
}

/** One row of the table, a field for each of its columns. */
interface TableRow {
  readonly table: TableFile
  readonly at: (column: number) => string
  /** From 1, in its file. */
  readonly row: number
  readonly line: number
}

/**
 * Reads the examples of one or more tables of the same columns, one after the other. Where all cells are numbers they
 * are features as they are met; else all rows are looked at first, and what was found in them is fitted.
 */
export class TableReader implements SourceReader {
  readonly facts: SourceFacts
  readonly #seen: readonly number[]
  /** By the first rows, or by more of them once they were looked at. */
  #fitted: FittedColumns

  constructor(
    private readonly source: SourceLook,
    private readonly tables: readonly TableFile[],
    private readonly splits: readonly (string | undefined)[],
    private readonly columns: SourceColumns
  ) {
    this.#seen = seenColumns(columns)
    const profiles = this.#profiles()
    for (const { samples } of tables.slice(0, 1)) {
      for (const [row, fields] of samples.entries())
        for (const column of this.#seen) profiles[column]!.add(fields[column] ?? '', row + 1, row + 1)
    }
    this.#fitted = fittedColumns(this.#first, columns, profiles)
    this.facts = this.#facts()
  }

  get #first(): TableFile {
    const [first] = this.tables
    if (!first) throw badInput('The table is gone.', 'Name a CSV, TSV or Parquet file.')
    return first
  }

  #profiles(): ColumnProfile[] {
    return profilesOf(this.#first, this.columns.bounds)
  }

  #facts(): SourceFacts {
    const { tables, splits } = this
    const { roles } = this.columns
    const first = this.#first
    const { found, representation, warnings } = this.#fitted
    const size = sizeOf(representation.columns)
    const label = roles.label === undefined ? undefined : first.columns[roles.label]
    const leftOut = found.filter(({ found: { role } }) => ['identifier', 'ignore'].includes(role))
    return {
      count: tables.reduce((sum, table) => sum + table.count, 0),
      countIsEstimate: tables.some((table) => table.countIsEstimate),
      shape: size ? [size] : undefined,
      dtype: 'float32',
      classNames: this.#sampledClasses(),
      splits: splitsOf(tables.map(({ count }, i) => ({ split: splits[i], count }))),
      columns: first.columns,
      labelColumn: label,
      labelColumnCandidates: roles.candidates,
      tableColumns: this.#inspected(),
      reading: readingOf(
        first,
        leftOut.map(({ profile: { name } }) => name)
      ),
      hasTruth: roles.truth !== undefined,
      missing: label === undefined ? ['labelColumn'] : [],
      warnings: this.#assumed,
      foreseen: warnings,
      files: tables.map(({ file }) => pathOf(this.source, file))
    }
  }

  /** Every column in the table's order, the label among them. */
  #inspected(): InspectedColumn[] {
    const { found, representation, label } = this.#fitted
    const columns = found.map((column, i) => inspected(column, representation.columns[i]))
    if (label)
      columns.splice(this.columns.roles.label!, 0, inspected({ profile: label, hints: {}, found: LABEL }))
    return columns.slice(0, MOST_SHOWN)
  }

  /** What was assumed before any row was looked at. */
  get #assumed(): string[] {
    const { roles } = this.columns
    return [
      ...new Set(this.tables.flatMap(({ warnings }) => warnings)),
      ...roles.warnings,
      ...(roles.label === undefined && roles.noLabel ? [roles.noLabel] : [])
    ]
  }

  /** Class names that the file tells for its label column. */
  get #givenNames(): readonly string[] | undefined {
    const { label } = this.columns.roles
    const first = this.#first
    return label === undefined ? undefined : first.parquet?.classNames.get(first.columns[label]!)
  }

  #sampledClasses(): string[] {
    const { label } = this.columns.roles
    if (label === undefined) return []
    if (this.#givenNames) return [...this.#givenNames]
    const seen = this.tables
      .flatMap(({ samples }) => samples.map((row) => tidyName(row[label] ?? '')))
      .filter((name) => name !== '')
    return sortedClassNames(seen.map(spelling(new Set(seen))))
  }

  async examine(): Promise<SourceFacts> {
    const profiles = this.#profiles()
    const most = Math.max(200, Math.floor(MOST_INSPECTED / Math.max(1, profiles.length)))
    const scratch = mkdtempSync(path.join(tmpdir(), 'bilevel-look-'))
    try {
      let left = most
      for (const table of this.tables) {
        for (const profile of profiles) profile.beginFile()
        if (left <= 0) break
        for await (const row of this.#rows(table, scratch, left)) {
          this.#gather(profiles, row)
          if (--left <= 0) break
        }
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
    this.#fitted = fittedColumns(this.#first, this.columns, profiles)
    return this.#facts()
  }

  #gather(profiles: readonly ColumnProfile[], { at, row, line }: TableRow): void {
    for (const column of this.#seen) profiles[column]!.add(at(column), row, line)
  }

  async *#rows(table: TableFile, scratch: string, most?: number): AsyncGenerator<TableRow> {
    const { columns } = table
    const uses = this.#uses(table)
    const order = new Map([...uses.keys()].map((name, i) => [name, i]))
    // A Parquet file's records hold what is used, in that order; a text's all of its columns.
    const places = columns.map((name, i) => (table.parquet ? (order.get(name) ?? -1) : i))
    let row = 0
    for await (const { fields, line } of tableRecords(table, scratch, uses, most)) {
      row++
      yield { table, row, line, at: (column) => fields[places[column]!] ?? '' }
    }
  }

  #uses(table: TableFile): Map<string, ColumnUse> {
    const { roles, hints } = this.columns
    const uses = new Map<string, ColumnUse>()
    for (const column of roles.others) {
      if (hints[column]?.unreadable === undefined)
        uses.set(table.columns[column]!, hints[column]?.listed === undefined ? 'label' : 'feature')
    }
    for (const column of [roles.label, roles.truth])
      if (column !== undefined) uses.set(table.columns[column]!, 'label')
    return uses
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const first = this.#first
    const { roles } = this.columns
    if (roles.label === undefined) throw this.#noLabel(first)
    const found: ReadLabels = { index: new LabelIndex(), labels: [], truth: [], counts: [] }
    const profiles = this.#profiles()
    const direct = await this.#gatherAll(target, profiles, found)
    this.#checkClasses(first, found.index.size, found.labels.length)
    const { names: classNames, order, warnings } = found.index.classes(this.#givenNames)
    this.#fitted = fittedColumns(first, this.columns, profiles)
    const { representation } = this.#fitted
    this.#checkColumns(first)
    const plain = isPlain(representation)
    if (direct && plain) await keepFeatures(direct, representation.columns)
    else await this.#encodeAll(target, found.labels.length)
    const features = representation.columns.flatMap((column) =>
      sizeOf(representation.columns) <= MOST_NAMES ? featureNamesOf(column) : []
    )
    const isDescribed = !plain || representation.columns.length <= MOST_DESCRIBED
    return {
      labels: Int32Array.from(found.labels, (spelled) => order[spelled]!),
      truth:
        roles.truth === undefined ? undefined : Int32Array.from(found.truth, (spelled) => order[spelled]!),
      classNames,
      splits: splitsOf(found.counts.map((count, i) => ({ split: this.splits[i], count }))),
      columns: features.length > 0 ? features : undefined,
      representation: isDescribed ? { ...representation, notes: [...this.#fitted.warnings] } : undefined,
      warnings: [...this.#fitted.warnings, ...warnings],
      layout: tableLayout(this.tables, this.splits, {
        label: roles.label,
        truth: roles.truth,
        others: roles.others,
        columns: representation.columns,
        counts: found.counts
      })
    }
  }

  /**
   * Read labels and look at every cell; while all of them are numbers they are written as features too.
   * @returns the features, where they are numbers to the end
   */
  async #gatherAll(
    target: ReadTarget,
    profiles: readonly ColumnProfile[],
    { index, labels, truth, counts }: ReadLabels
  ): Promise<FeatureWriter | undefined> {
    const { roles } = this.columns
    let direct = await this.#directly(target)
    for (const table of this.tables) {
      for (const profile of profiles) profile.beginFile()
      const before = labels.length
      for await (const row of this.#rows(table, target.folder)) {
        if (!direct) this.#gather(profiles, row)
        else if (!(await this.#gatherNumbers(profiles, row, direct))) direct = undefined
        labels.push(labelOf(row, roles.label!, index))
        if (roles.truth !== undefined) truth.push(labelOf(row, roles.truth, index))
        if (labels.length % 1024 === 0) this.#tell(target, labels.length, 'reading rows')
      }
      if (labels.length === before)
        throw badInput(`${table.name} has no rows.`, 'Name a table with one row for each example.')
      counts.push(labels.length - before)
    }
    await direct?.flush()
    return direct?.writer
  }

  #tell(target: ReadTarget, done: number, phase: string, total?: number): void {
    target.progress(done, total ?? (this.facts.countIsEstimate ? undefined : this.facts.count), phase)
  }

  /** Where the first rows hold nothing but numbers, and all of them are wanted: features can be written at once. */
  async #directly(target: ReadTarget): Promise<RowBlocks | undefined> {
    const { found, representation } = this.#fitted
    const { columns } = representation
    const isDirect = columns.every(
      (column, i) =>
        (column.role === 'number' && !column.empty) ||
        (column.role === 'constant' && found[i]!.profile.numbers > 0)
    )
    if (!isDirect || columns.length === 0) return undefined
    const size = columns.reduce((sum, column) => sum + Math.max(1, featureCountOf(column)), 0)
    return RowBlocks.create(target, size, (row) => `${this.#first.name}, row ${row + 1}`)
  }

  /** @returns false when a cell is no number: what was written is given up, what was gathered stays */
  async #gatherNumbers(
    profiles: readonly ColumnProfile[],
    row: TableRow,
    blocks: RowBlocks
  ): Promise<boolean> {
    const { roles, hints } = this.columns
    const { values, at: start } = blocks.next()
    let at = start
    let isNumeric = true
    for (const column of roles.others) {
      const width = hints[column]?.listed
      if (width !== undefined) {
        writeList(row.at(column), width, values, at, () => cellName(row.table, row.row, row.line, column))
        at += width
        continue
      }
      const value = profiles[column]!.add(row.at(column), row.row, row.line)
      // NaN makes the difference with itself NaN.
      if (value - value !== 0) isNumeric = false
      values[at++] = value
    }
    if (!isNumeric) return false
    await blocks.added()
    return true
  }

  async #encodeAll(target: ReadTarget, total: number): Promise<void> {
    const { columns, decimalComma = false } = this.#fitted.representation
    const { others } = this.columns.roles
    const encoders = columns.map((column) => cellEncoder(column, { decimalComma }))
    const blocks = await RowBlocks.create(target, sizeOf(columns), (row) => `row ${row + 1}`)
    const cells = await target.cells()
    let done = 0
    for (const table of this.tables) {
      for await (const row of this.#rows(table, target.folder)) {
        await encodedRow(
          columns,
          encoders,
          (i) => row.at(others[i]!),
          blocks,
          (i) => cellName(row.table, row.row, row.line, others[i]!)
        )
        await keepCells(cells, columns, (i) => row.at(others[i]!))
        if (++done % 1024 === 0) this.#tell(target, done, 'encoding rows', total)
      }
    }
    await blocks.flush()
    await cells.finish()
  }

  #noLabel(first: TableFile): Error {
    return badInput(
      this.columns.roles.noLabel ??
        `${first.name} has no column with a usual label name; its columns are ${listed(first.columns)}.`,
      'Name the label column with --label-column.'
    )
  }

  /** A column asked for by name may have many classes, but not one for each example. */
  #checkClasses({ name, columns }: TableFile, different: number, rows: number): void {
    if (different <= 256 || different <= rows / 2) return
    throw badInput(
      `${name}, column "${columns[this.columns.roles.label!]}" has ${different} different values in ${rows} rows, so it is no class label.`,
      'Name another column with --label-column.'
    )
  }

  #checkColumns(first: TableFile): void {
    const { found, representation } = this.#fitted
    const large = tooLarge(found)
    if (large) {
      const { column, place } = large
      throw badInput(
        `${cellName(first, place.row, place.line, first.columns.indexOf(column))}: ${place.text.slice(0, 40)} is too large for a 32-bit float.`,
        `Scale the column, or leave it out with --leave-out "${column}".`
      )
    }
    if (sizeOf(representation.columns) > 0) return
    const leftOut = found.map(({ profile: { name } }) => name)
    const left = leftOut.length > 0 ? ` (left out: ${listed(leftOut)})` : ''
    const [example] = found
    throw badInput(
      `${first.name} has no feature columns${left}.`,
      example
        ? `Give a column a role with --column, such as --column "${example.profile.name}=category"; --separator says what stands between them.`
        : 'Name a table with a column for each feature; --separator says what stands between them.'
    )
  }

  async sample(most: number): Promise<SampleExample[]> {
    const { label = -1, others } = this.columns.roles
    const { columns, decimalComma = false } = this.#fitted.representation
    const size = sizeOf(columns)
    if (size === 0) return []
    const share = Math.max(1, Math.floor(most / this.tables.length))
    const given = this.#givenNames
    const encoders = columns.map((column) => cellEncoder(column, { decimalComma }))
    const encode = (row: readonly string[]): Float32Array => {
      const features = new Float32Array(size)
      let at = 0
      columns.forEach((column, i) => {
        const text = row[others[i]!] ?? ''
        if (column.role === 'number' && column.width !== undefined)
          features.set(
            Array.from({ length: column.width }, (_, j) => shownNumber(text.split(' ')[j])),
            at
          )
        else encoders[i]!.write(text, features, at)
        at += featureCountOf(column)
      })
      return features
    }
    return this.tables
      .flatMap(({ samples }, i) =>
        samples.slice(0, share).map((row): SampleExample => ({
          features: encode(row),
          shape: [size],
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

/** Columns whose fields are cells, each by itself, the label among them. */
function seenColumns({ roles, hints }: SourceColumns): number[] {
  return [...roles.others, ...(roles.label === undefined ? [] : [roles.label])].filter((column) => {
    const { listed: width, unreadable } = hints[column]!
    return width === undefined && unreadable === undefined
  })
}

const LABEL = { role: 'label', reason: 'the class of each row' } as const

function sizeOf(columns: readonly RepresentedColumn[]): number {
  return columns.reduce((sum, column) => sum + featureCountOf(column), 0)
}

/** All columns were written as numbers: those that turned out to be no features go. */
async function keepFeatures(writer: FeatureWriter, columns: readonly RepresentedColumn[]): Promise<void> {
  const kept: number[] = []
  let at = 0
  for (const column of columns) {
    const size = featureCountOf(column)
    for (let i = 0; i < size; i++) kept.push(at + i)
    at += Math.max(1, size)
  }
  if (kept.length < at) await writer.keepColumns(kept)
}

/** Lists of numbers are left out of the cells: they are features as they stand. */
async function keepCells(
  cells: CellsWriter,
  columns: readonly RepresentedColumn[],
  at: (i: number) => string
): Promise<void> {
  await cells.append(
    columns.map((column, i) => (column.role === 'number' && column.width !== undefined ? '' : at(i)))
  )
}

function shownNumber(text: string | undefined): number {
  const value = Math.fround(Number(text))
  return Number.isFinite(value) ? value : 0
}

function readingOf(first: TableFile, leaveOut: string[]): SourceFacts['reading'] {
  const { parquet, encoding, delimiter, hasHeader } = first
  if (parquet) return { leaveOut }
  return {
    encoding: encoding ?? 'utf-8',
    separator: separatorName(delimiter),
    header: hasHeader ? 'yes' : 'no',
    leaveOut
  }
}

function labelOf({ table, at, row, line }: TableRow, column: number, index: LabelIndex): number {
  const place = (): string => cellName(table, row, line, column)
  const text = at(column)
  if (text.trim() === '') throw badInput(`${place()}: the label is empty.`, 'Fill it in or remove the row.')
  return index.of(text, place)
}
