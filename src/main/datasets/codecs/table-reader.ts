import { rmSync } from 'node:fs'
import { badInput } from '../../../shared/domain/failure'
import { featureNamesOf, isPlain } from '../../../shared/domain/table-columns'
import { temporaryFolder } from '../../locks'
import type { FeatureWriter } from '../store/feature-writer'
import type { ColumnProfile } from '../table/column-profile'
import { fittedColumns, profilesOf, type FittedColumns, type SourceColumns } from '../table/source-columns'
import type { ReadTarget, SampleExample, SourceExamples, SourceFacts, SourceReader } from './codec'
import { splitsOf } from './splits'
import { givenClassNames, sizeOf, tableFacts, type Tables } from './table-facts'
import { directFeatures, encodeRows, keepFeatures, sampledExamples, writeNumbers } from './table-features'
import type { TableFile } from './table-file'
import { EMPTY_LABEL, LabelIndex } from './table-labels'
import { tableLayout, unlabelledWarnings } from './table-notes'
import { noLabelColumn, noRows, refuseTooManyClasses, refuseUnusableColumns } from './table-refusals'
import { EMPTY_TRUTH, isUnlabelled, labelOf, tableRows, type TableRow } from './table-rows'

/** Names of so many features are kept; more are numbered. */
const MOST_NAMES = 1 << 16
/** Columns of plain numbers are kept by their names alone where there are more. */
const MOST_DESCRIBED = 4096
/** Cells that an inspection looks at. */
const MOST_INSPECTED = 2_000_000

/** The labels of a table as they are met, and how many examples each of its files has. */
interface ReadLabels {
  readonly index: LabelIndex
  readonly labels: number[]
  readonly truth: number[]
  readonly counts: number[]
  /** Places of rows without a label that were left out, of each file. */
  readonly skipped: number[][]
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

  constructor(private tables: Tables) {
    this.#seen = seenColumns(tables.columns)
    const profiles = this.#profiles()
    for (const [row, fields] of this.#first.samples.entries())
      for (const column of this.#seen) profiles[column]!.add(fields[column] ?? '', row + 1, row + 1)
    this.#fitted = fittedColumns(this.#first, tables.columns, profiles)
    this.facts = this.#facts()
  }

  get #first(): TableFile {
    const [first] = this.tables.files
    if (!first) throw badInput('The table is gone.', 'Name a CSV, TSV or Parquet file.')
    return first
  }

  #profiles(): ColumnProfile[] {
    return profilesOf(this.#first, this.tables.columns.bounds)
  }

  #facts(): SourceFacts {
    return tableFacts(this.tables, this.#first, this.#fitted)
  }

  async examine(): Promise<SourceFacts> {
    const { files, columns } = this.tables
    const profiles = this.#profiles()
    const most = Math.max(200, Math.floor(MOST_INSPECTED / Math.max(1, profiles.length)))
    const unlabelled: number[][] = []
    const scratch = temporaryFolder('look-')
    try {
      let left = most
      const counted: TableFile[] = []
      for (const table of files) {
        for (const profile of profiles) profile.beginFile()
        const before = left
        const without: number[] = []
        if (left > 0)
          for await (const row of tableRows(table, columns, scratch, { most: left, skipped: without })) {
            this.#gather(profiles, row)
            if (isUnlabelled(row, columns)) without.push(row.row - 1)
            if (--left <= 0) break
          }
        unlabelled.push(without)
        // Read to its end, so there is nothing to estimate.
        counted.push(left > 0 ? { ...table, count: before - left, countIsEstimate: false } : table)
      }
      this.tables = { ...this.tables, files: counted }
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
    this.#fitted = fittedColumns(this.#first, columns, profiles)
    const facts = this.#facts()
    const warnings = unlabelledWarnings(files, unlabelled, columns.skipsUnlabelled)
    return { ...facts, foreseen: [...(facts.foreseen ?? []), ...warnings] }
  }

  #gather(profiles: readonly ColumnProfile[], { at, row, line }: TableRow): void {
    for (const column of this.#seen) profiles[column]!.add(at(column), row, line)
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const first = this.#first
    const { files, splits, columns } = this.tables
    const { label, truth, others, noLabel } = columns.roles
    if (label === undefined) throw noLabelColumn(first, noLabel)
    const read: ReadLabels = { index: new LabelIndex(), labels: [], truth: [], counts: [], skipped: [] }
    const profiles = this.#profiles()
    const direct = await this.#gatherAll(target, profiles, read)
    const count = read.labels.length
    refuseTooManyClasses(first, label, read.index.size, count)
    const { names: classNames, order, warnings } = read.index.classes(givenClassNames(first, label))
    const fitted = fittedColumns(first, columns, profiles)
    this.#fitted = fitted
    const { representation } = fitted
    const size = sizeOf(representation.columns)
    refuseUnusableColumns(first, fitted, size)
    const plain = isPlain(representation)
    if (direct && plain) await keepFeatures(direct, representation.columns)
    else {
      const tell = (done: number): void => target.progress(done, count, 'encoding rows')
      await encodeRows(target, files, columns, fitted, tell)
    }
    const features = size <= MOST_NAMES ? representation.columns.flatMap(featureNamesOf) : []
    const isDescribed = !plain || representation.columns.length <= MOST_DESCRIBED
    const ordered = (spelled: readonly number[]): Int32Array => Int32Array.from(spelled, (i) => order[i]!)
    return {
      labels: ordered(read.labels),
      truth: truth === undefined ? undefined : ordered(read.truth),
      classNames,
      splits: splitsOf(read.counts.map((rows, i) => ({ split: splits[i], count: rows }))),
      columns: features.length > 0 ? features : undefined,
      representation: isDescribed ? { ...representation, notes: [...fitted.warnings] } : undefined,
      warnings: [...fitted.warnings, ...warnings, ...unlabelledWarnings(files, read.skipped, true)],
      layout: tableLayout(files, splits, {
        label,
        truth,
        others,
        columns: representation.columns,
        counts: read.counts,
        skipped: read.skipped
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
    { index, labels, truth, counts, skipped }: ReadLabels
  ): Promise<FeatureWriter | undefined> {
    const { files, columns } = this.tables
    const { roles } = columns
    const total = this.facts.countIsEstimate ? undefined : this.facts.count
    let direct = await directFeatures(target, this.#first.name, this.#fitted)
    for (const table of files) {
      for (const profile of profiles) profile.beginFile()
      const before = labels.length
      const without: number[] = []
      for await (const row of tableRows(table, columns, target.folder, { skipped: without })) {
        if (!direct) this.#gather(profiles, row)
        else if (!(await writeNumbers(columns, profiles, row, direct))) direct = undefined
        labels.push(labelOf(row, roles.label!, index, EMPTY_LABEL))
        if (roles.truth !== undefined) truth.push(labelOf(row, roles.truth, index, EMPTY_TRUTH))
        if (labels.length % 1024 === 0) target.progress(labels.length, total, 'reading rows')
      }
      if (labels.length === before) throw noRows(table, without.length)
      counts.push(labels.length - before)
      skipped.push(without)
    }
    await direct?.flush()
    return direct?.writer
  }

  async sample(most: number): Promise<SampleExample[]> {
    const { files, splits, columns } = this.tables
    const given = givenClassNames(this.#first, columns.roles.label)
    return sampledExamples(files, splits, columns, this.#fitted, given, most)
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
