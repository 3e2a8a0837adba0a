import type { DatasetFormat, DatasetMeta } from '../../../shared/domain/dataset'
import type { ReadingOptions } from '../../../shared/domain/reading-options'
import { LABELS_FILE, readIntegers, TRUTH_FILE } from '../store/dataset-folder'
import { originalFile, sourceFilesOf } from '../store/source-files'
import type { ExportSource } from './export-source'

/** Rows of one dataset that an export keeps, to be copied from the files that it came from. */
export interface SourceCopy {
  readonly meta: DatasetMeta
  /** Rows of the dataset, ascending: position i of the export is row rows[i]. */
  readonly rows: Int32Array
  /** Files of the source as they were imported. @throws Failure conflict when one is another by now */
  files(): { readonly name: string; readonly path: string }[]
  /**
   * A row of the dataset whose label is to be written for position i, where that is not the row itself: the label is
   * copied as it stands there, in the spelling of the source.
   */
  labelFrom(position: number): number | undefined
  /** The same for the true labels; undefined where the source has none. */
  truthFrom?(position: number): number | undefined
  /** Labels and, where the source has them, true labels are those of the source. */
  readonly isUnchanged: boolean
}

/** How a copy in the source's own format is read: as the source was. */
export function readingOf(meta: DatasetMeta | undefined): ReadingOptions {
  return (meta?.layout.reading as ReadingOptions | undefined) ?? {}
}

/**
 * What can be copied row by row; undefined where an export is more than that: rows of several sources, in another
 * order, in other splits, with examples of its own, or with a label that no example of the source has.
 */
export function sourceCopyOf(source: ExportSource, format: DatasetFormat): SourceCopy | undefined {
  const origin = originOf(source, format)
  if (!origin) return undefined
  const { meta, folder, files, rows } = origin
  const given = readIntegers(folder, LABELS_FILE)
  const labels = substitutes(rows, source.labels, source.classNames, given, meta.classNames)
  // Only what stands in the source itself can be copied.
  const truthGiven = meta.layout.truthGiven === true || !meta.hasTruth
  if (!labels || (truthGiven && source.truth)) return undefined
  const truths =
    source.truth &&
    substitutes(rows, source.truth, source.classNames, readIntegers(folder, TRUTH_FILE), meta.classNames)
  if (source.truth && !truths) return undefined
  return {
    meta,
    rows,
    files: () => files.map((file) => ({ name: file.name, path: originalFile(folder, file) })),
    labelFrom: (position) => labels.get(position),
    truthFrom: truths && ((position) => truths.get(position)),
    isUnchanged: labels.size === 0 && (truths?.size ?? 0) === 0
  }
}

/** The one dataset all rows come from, in their order there, with the files it was imported from. */
function originOf(
  source: ExportSource,
  format: DatasetFormat
):
  | { meta: DatasetMeta; folder: string; files: ReturnType<typeof sourceFilesOf>; rows: Int32Array }
  | undefined {
  const { selection, request, order } = source
  const [meta] = selection.metas
  const [folder] = selection.folders
  if (!meta || meta.format !== format || request.extra) return undefined
  if (folder === undefined || selection.folders.some((other) => other !== folder)) return undefined
  const files = sourceFilesOf(meta)
  const rows = order.map((row) => selection.rowInDataset(row))
  return files.length > 0 && isInSourceOrder(source, rows) ? { meta, folder, files, rows } : undefined
}

/** Whether the rows ascend and stay in their splits. */
function isInSourceOrder(source: ExportSource, rows: Int32Array): boolean {
  return rows.every(
    (row, i) =>
      (i === 0 || row > rows[i - 1]!) && source.splitAt(i) === source.selection.splitOf(source.order[i]!)
  )
}

/** For each position whose label is another than its row's, a row with that label; undefined where there is none. */
function substitutes(
  rows: Int32Array,
  wanted: Int32Array,
  wantedNames: readonly string[],
  given: Int32Array,
  givenNames: readonly string[]
): Map<number, number> | undefined {
  const first = new Map<string, number>()
  given.forEach((label, row) => {
    const name = givenNames[label]!
    if (!first.has(name)) first.set(name, row)
  })
  const from = new Map<number, number>()
  for (let position = 0; position < rows.length; position++) {
    const name = wantedNames[wanted[position]!]!
    if (givenNames[given[rows[position]!]!] === name) continue
    const row = first.get(name)
    if (row === undefined) return undefined
    from.set(position, row)
  }
  return from
}
