import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { rowsPerBlock } from '../bytes/byte-reader'
import type { CsvRecord } from '../bytes/csv-reader'
import { decimal } from '../bytes/decimal'
import { sortedClassNames } from '../class-names'
import type { FeatureWriter } from '../store/feature-writer'
import type {
  ReadTarget,
  SampleExample,
  SourceCodec,
  SourceExamples,
  SourceFacts,
  SourceReader
} from './codec'
import { readLines } from './idx-codec'
import { listed, tableRoles, type TableRoles } from './table-columns'
import { isParquet, isTableName, openTableFile, tableRecords, type TableFile } from './table-file'
import { pathOf, type SourceLook } from './source-look'
import { compareSplits, splitInName, splitsOf } from './splits'

/** Names the label column of the tables beside it, where its name does not tell. */
export const LABEL_COLUMN_FILE = 'label-column.txt'

/** CSV, TSV and Parquet: one row an example, one column a feature, one column the label. */
export const tableCodec: SourceCodec = {
  format: 'table',

  async recognise(look) {
    if (look.kind === 'file') {
      if (isParquet(look.head)) return 'a Parquet file'
      return isTableName(look.path)
        ? `a file that ends in ${/\.\w+(\.gz)?$/.exec(look.path)?.[0]}`
        : undefined
    }
    const [file] = tablesOf(look)
    return file && `a folder with ${file}`
  },

  async open(look, options) {
    const files = look.kind === 'file' ? [path.basename(look.path)] : tablesOf(look)
    const groups = files.map((file) => ({ file, split: splitInName(file) }))
    groups.sort((a, b) => compareSplits(a.split, b.split))
    groups.forEach(({ file, split }, i) => {
      const before = groups[i - 1]
      if (before && before.split === split) {
        throw badInput(
          `${look.name} holds two tables, ${before.file} and ${file}, that cannot be told apart.`,
          'Name one of the files instead of the folder.'
        )
      }
    })
    const tables: TableFile[] = []
    for (const { file } of groups) tables.push(await openTableFile(look, file))
    const [first] = tables
    if (!first) throw badInput(`${look.name} holds no table.`, 'Name a CSV, TSV or Parquet file.')
    for (const table of tables.slice(1)) {
      if (table.columns.join('\n') !== first.columns.join('\n')) {
        throw badInput(`${table.name} has other columns than ${first.name}.`, 'Give both the same columns.')
      }
    }
    const asked = options.labelColumn ?? readLines(pathOf(look, LABEL_COLUMN_FILE))?.[0]
    const roles = tableRoles(first.name, first.columns, first.samples, asked)
    return new TableReader(
      look,
      tables,
      groups.map(({ split }) => split),
      roles
    )
  }
}

function tablesOf(look: SourceLook): string[] {
  return look.files.filter(
    (file) =>
      isTableName(file) &&
      !/^(metadata\.csv|.*\.(txt|data)(\.gz)?|readme.*|license.*|issues\.csv)$/i.test(file)
  )
}

class TableReader implements SourceReader {
  readonly facts: SourceFacts

  constructor(
    look: SourceLook,
    private readonly tables: readonly TableFile[],
    private readonly splits: readonly (string | undefined)[],
    private readonly roles: TableRoles
  ) {
    const columns = tables[0]?.columns ?? []
    const label = roles.label === undefined ? undefined : columns[roles.label]
    this.facts = {
      count: tables.reduce((sum, table) => sum + table.count, 0),
      countIsEstimate: tables.some((table) => table.countIsEstimate),
      shape: roles.features.length ? [roles.features.length] : undefined,
      dtype: 'float32',
      classNames: this.#sampledClasses(),
      splits: splitsOf(tables.map(({ count }, i) => ({ split: splits[i], count }))),
      columns,
      labelColumn: label,
      labelColumnCandidates: roles.candidates,
      hasTruth: roles.truth !== undefined,
      missing: label === undefined ? ['labelColumn'] : [],
      warnings: roles.ignored.length ? [`Row numbers are left out: ${roles.ignored.join(', ')}.`] : [],
      files: tables.map(({ file }) => pathOf(look, file))
    }
  }

  #sampledClasses(): string[] {
    const { label } = this.roles
    if (label === undefined) return []
    const seen = this.tables.flatMap(({ samples }) => samples.map((row) => className(row[label] ?? '')))
    return sortedClassNames(seen.filter((name) => name !== ''))
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const { roles, tables } = this
    const [first] = tables
    if (!first) throw badInput('The table is gone.', 'Name a CSV, TSV or Parquet file.')
    if (roles.label === undefined) {
      throw badInput(
        `${first.name} has no column with a usual label name; its columns are ${listed(first.columns)}.`,
        'Name the label column with --label-column.'
      )
    }
    if (roles.features.length === 0) {
      throw badInput(`${first.name} has no feature columns.`, 'Name a table with a column for each feature.')
    }
    const place = (row: number, column: number): string =>
      `${first.name}, row ${row + 1}, column "${first.columns[roles.features[column] ?? 0]}"`
    const writer = await target.features([roles.features.length], 'float32', place)
    const classes = new ClassIndex()
    const truthClasses: number[] = []
    const labelClasses: number[] = []
    const counts: number[] = []
    for (const table of tables) {
      const before = writer.count
      await this.#readTable(table, writer, target, (label, truth) => {
        labelClasses.push(classes.of(label))
        if (truth !== undefined) truthClasses.push(classes.of(truth))
      })
      counts.push(writer.count - before)
    }
    classes.check(first, writer.count, roles.label)
    const { names, order } = classes.sorted()
    return {
      labels: Int32Array.from(labelClasses, (index) => order[index]!),
      truth: roles.truth === undefined ? undefined : Int32Array.from(truthClasses, (index) => order[index]!),
      classNames: names,
      splits: splitsOf(counts.map((count, i) => ({ split: this.splits[i], count }))),
      columns: roles.features.map((i) => first.columns[i]!),
      layout: {
        files: tables.map(({ file }, i) => ({ file, split: this.splits[i] })),
        labelColumn: first.columns[roles.label],
        columns: first.columns.filter((_, i) => i === roles.label || roles.features.includes(i)),
        delimiter: first.delimiter
      }
    }
  }

  async #readTable(
    table: TableFile,
    writer: FeatureWriter,
    target: ReadTarget,
    add: (label: string, truth: string | undefined) => void
  ): Promise<void> {
    const { features, label = -1, truth } = this.roles
    const asText = new Set([label, ...(truth === undefined ? [] : [truth])].map((i) => table.columns[i]!))
    const block = new Float32Array(rowsPerBlock(4 * features.length) * features.length)
    let filled = 0
    let row = 0
    let header = table.hasHeader
    const flush = async (): Promise<void> => {
      await writer.append(block.subarray(0, filled))
      filled = 0
      target.progress(writer.count, this.facts.countIsEstimate ? undefined : this.facts.count, 'reading rows')
    }
    for await (const record of tableRecords(table, target.folder, asText)) {
      if (header) {
        header = false
        continue
      }
      row++
      for (const column of features) {
        const value = decimal(record.fields[column]!)
        if (!Number.isFinite(value)) throw badCell(table, record, row, column)
        block[filled++] = value
      }
      add(
        cellClass(table, record, row, label),
        truth === undefined ? undefined : cellClass(table, record, row, truth)
      )
      if (filled === block.length) await flush()
    }
    if (filled > 0) await flush()
    if (row === 0) throw badInput(`${table.name} has no rows.`, 'Name a table with one row for each example.')
  }

  async sample(most: number): Promise<SampleExample[]> {
    const { features, label = -1 } = this.roles
    if (features.length === 0) return []
    return this.tables.flatMap(({ samples }, i) =>
      samples.slice(0, Math.floor(most / this.tables.length)).map((row): SampleExample => ({
        features: Float32Array.from(features, (column) => Number(row[column]) || 0),
        shape: [features.length],
        label: row[label],
        split: this.splits[i]
      }))
    )
  }

  async close(): Promise<void> {
    // Files are opened for each pass and closed with it.
  }
}

/** Numbers the classes as they are met. */
class ClassIndex {
  readonly #indices = new Map<string, number>()

  of(name: string): number {
    const known = this.#indices.get(name)
    if (known !== undefined) return known
    // A copy: the engine would keep all of the chunk that the text was cut from.
    this.#indices.set(Buffer.from(name).toString(), this.#indices.size)
    return this.#indices.size - 1
  }

  /** @throws Failure bad-input when the column looks like measurements */
  check(table: TableFile, rows: number, label: number): void {
    const different = this.#indices.size
    if (different <= 256 || different <= rows / 2) return
    throw badInput(
      `${table.name}, column "${table.columns[label]}" has ${different} different values in ${rows} rows, so it is no class label.`,
      'Name the label column with --label-column.'
    )
  }

  /** Names in their usual order, and for each index met its place in them. */
  sorted(): { names: string[]; order: number[] } {
    const names = sortedClassNames(this.#indices.keys())
    const place = new Map(names.map((name, i) => [name, i]))
    return { names, order: [...this.#indices.keys()].map((name) => place.get(name) ?? 0) }
  }
}

/** '3.0' is class 3: pandas writes whole numbers so when the column had gaps once. */
function className(text: string): string {
  const trimmed = text.trim()
  return /^-?\d+\.0+$/.test(trimmed) ? trimmed.replace(/\.0+$/, '') : trimmed
}

function cellClass(table: TableFile, record: CsvRecord, row: number, column: number): string {
  const name = className(record.fields[column] ?? '')
  if (name === '') {
    throw badInput(
      `${cell(table, record, row, column)}: the label is empty.`,
      'Fill it in or remove the row.'
    )
  }
  return name
}

/** Where a cell stands; rows count from 1, without the header. */
function cell(table: TableFile, record: CsvRecord, row: number, column: number): string {
  const line = table.parquet ? '' : ` (line ${record.line})`
  return `${table.name}, row ${row}${line}, column "${table.columns[column]}"`
}

function badCell(table: TableFile, record: CsvRecord, row: number, column: number): Error {
  const text = record.fields[column] ?? ''
  const what = text.trim() === '' ? 'the cell is empty' : `"${text.slice(0, 40)}" is not a finite number`
  return badInput(
    `${cell(table, record, row, column)}: ${what}.`,
    `Fill in a number, or leave the row or the column out; if it is the label, pass --label-column "${table.columns[column]}".`
  )
}
