import { statfsSync } from 'node:fs'
import path from 'node:path'
import { exampleSize, type DatasetMeta } from '../../shared/domain/dataset'
import { badInput, Failure } from '../../shared/domain/failure'
import type { ReadTarget, SourceExamples } from './codecs/codec'
import type { OpenedSource } from './codecs/open-source'
import type { ImportWatch } from './import-options'
import { importWarnings } from './import-warnings'
import { isPoisoned } from './poisoned-manifest'
import { firstChange, stampsOfFiles } from './source-stamps'
import { syncTree } from '../files/sync-tree'
import { recordContent } from './store/content'
import { LABELS_FILE, TRUTH_FILE, writeFileNames, writeIntegers, writeMeta } from './store/dataset-folder'
import { CellsWriter } from './store/cells'
import { FeatureWriter } from './store/feature-writer'
import { keepSourceFiles, type KeepOriginals } from './store/source-files'
import { createTemporaryFolder, discardFolder, publishFolder } from './store/temporary-folder'
import { readTrueLabels, refuseNumberedFromOne } from './true-labels'
import { sameRows } from './same-rows'
import type { Stored } from './row-keys'
import { writeVersion } from './version-record'
import type { VersionOrigin } from './version-record'

/** What a dataset will be called and where it will lie. */
export interface ImportPlace {
  /** Folder of the dataset; appears only when everything is written. */
  readonly folder: string
  readonly id: string
  readonly name: string
  /** The source as meta.json records it. */
  readonly source: string
  readonly truth?: string
  /** Of the file of true labels, where it is not UTF-8. */
  readonly encoding?: string
  /** Default: moderate. */
  readonly originals?: KeepOriginals
  /** Of a version: where its examples came from, and what it is a version of. */
  readonly origin?: VersionOrigin
  readonly parent?: Stored
}

/** Throw when an import or export has been cancelled. */
export function stopIfCancelled(watch: ImportWatch): void {
  if (watch.signal?.aborted) {
    throw new Failure(
      'cancelled',
      'Reading or writing the dataset was cancelled.',
      'Nothing was kept; start it again.'
    )
  }
}

/**
 * Read an opened source into a dataset folder: into a hidden folder beside it first, renamed at the end.
 * The source is closed in any case.
 */
export async function importDataset(
  opened: OpenedSource,
  place: ImportPlace,
  watch: ImportWatch
): Promise<void> {
  const { reader } = opened
  const parent = path.dirname(place.folder)
  let temporary: string | undefined
  const writers: FeatureWriter[] = []
  const cellWriters: CellsWriter[] = []
  try {
    stopIfCancelled(watch)
    temporary = createTemporaryFolder(parent)
    checkSpace(opened, temporary)
    const target: ReadTarget = {
      folder: temporary,
      originals: place.originals ?? 'moderate',
      watch,
      features: async (shape, dtype, where) => {
        const writer = await FeatureWriter.create(temporary ?? parent, shape, dtype, where)
        writers.push(writer)
        return writer
      },
      cells: async () => {
        const cells = await CellsWriter.create(temporary ?? parent)
        cellWriters.push(cells)
        return cells
      },
      progress: (done, total, phase) => {
        stopIfCancelled(watch)
        watch.onProgress?.(done, total, phase)
      }
    }
    const before = stampsOfFiles(reader.facts.files)
    const examples = await reader.read(target)
    const changed = firstChange(before, stampsOfFiles(reader.facts.files))
    if (changed !== undefined) {
      throw new Failure(
        'conflict',
        `${changed} was changed while it was read.`,
        'Wait until nothing writes there, then import it again.'
      )
    }
    // A codec that began anew has written the last one.
    const writer = writers.at(-1)
    for (const earlier of writers.slice(0, -1)) await earlier.close()
    if (!writer || writer.count === 0) {
      throw badInput(`${place.source} holds no examples.`, 'Name a dataset with at least one example.')
    }
    if (writer.count !== examples.labels.length) {
      throw new Failure(
        'internal',
        `${place.source}: ${writer.count} examples but ${examples.labels.length} labels were read.`,
        'Please report this.'
      )
    }
    await finish(opened, place, temporary, writer, examples)
    stopIfCancelled(watch)
    await syncTree(temporary)
    publishFolder(temporary, place.folder)
  } catch (error) {
    for (const writer of [...writers, ...cellWriters]) await writer.close()
    if (temporary) discardFolder(temporary)
    throw error
  } finally {
    await reader.close()
  }
}

async function finish(
  opened: OpenedSource,
  place: ImportPlace,
  folder: string,
  writer: FeatureWriter,
  examples: SourceExamples
): Promise<void> {
  const { classNames, labels, splits, files, columns, representation } = examples
  const { count, range, columnRange } = await writer.finish()
  const { origin } = place
  const truth = place.truth ? await countedTruth(place, classNames, labels) : examples.truth
  // Pictures are kept one by one, by their codec.
  const sourceFiles =
    opened.format === 'images'
      ? []
      : await keepSourceFiles(folder, opened.reader.facts.files, place.originals ?? 'moderate')
  writeIntegers(folder, LABELS_FILE, labels)
  if (truth) writeIntegers(folder, TRUTH_FILE, truth)
  if (files) writeFileNames(folder, files)
  const meta: DatasetMeta = {
    schema: 1,
    id: place.id,
    name: place.name,
    createdAt: new Date().toISOString(),
    format: opened.format,
    source: place.source,
    count,
    shape: writer.shape,
    dtype: writer.dtype,
    classNames: [...classNames],
    splits: [...splits],
    hasTruth: truth !== undefined,
    hasFiles: files !== undefined,
    poisoned: isPoisoned(opened.path),
    columns: columns && [...columns],
    representation,
    ...(origin && { version: { of: origin.of, run: origin.run } }),
    warnings: importWarnings(opened, { shape: writer.shape, range }, examples.warnings),
    layout: {
      ...examples.layout,
      range,
      columnRange,
      reading: opened.reading,
      sourceFiles,
      truthGiven: place.truth !== undefined
    }
  }
  if (origin && place.parent) {
    const { rows, warnings } = rowsOfParent(place.parent, { folder, meta }, origin, place.source)
    writeVersion(folder, origin, rows)
    meta.warnings = [...(meta.warnings ?? []), ...warnings]
  }
  writeMeta(folder, meta)
  await recordContent(folder, meta)
}

/** Which row of what it is a version of each example is. @throws Failure bad-input where none is */
function rowsOfParent(
  parent: Stored,
  own: Stored,
  { parentRows }: VersionOrigin,
  source: string
): { rows: Int32Array; warnings: string[] } {
  const { count } = own.meta
  // It was changed since it was exported.
  const given = parentRows?.length === count ? parentRows : undefined
  const rows = sameRows(parent, own, given)
  const found = rows.reduce((sum, row) => sum + Number(row >= 0), 0)
  if (found === 0)
    throw badInput(
      `No example of ${source} is one of "${parent.meta.name}": neither what it holds nor its name.`,
      'Name the dataset that it was made from, or import it as one of its own.'
    )
  const isFew = !given && found < count / 2
  const few = `Only ${found} of ${count} examples were found in "${parent.meta.name}", of which it is a version: the others count as new.`
  return { rows, warnings: isFew ? [few] : [] }
}

async function countedTruth(
  { truth: file = '', encoding }: ImportPlace,
  classNames: readonly string[],
  labels: Int32Array
): Promise<Int32Array> {
  const { length: count } = labels
  const truth = await readTrueLabels(file, classNames, encoding)
  if (truth.length !== count) {
    throw badInput(
      `${file} holds ${truth.length} true labels, but there are ${count} examples.`,
      'Give one true label for each example.'
    )
  }
  refuseNumberedFromOne(file, truth, labels)
  return truth
}

/** Refuse before writing what would not fit; also the last guard against a zip made to fill the disk. */
function checkSpace(opened: OpenedSource, folder: string): void {
  const { count, shape, dtype } = opened.reader.facts
  if (!shape) return
  const needed = count * exampleSize(shape) * (dtype === 'uint8' ? 1 : 4)
  const { bavail, bsize } = statfsSync(folder)
  if (needed > bavail * bsize) {
    const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`
    throw new Failure(
      'refused',
      `${opened.path} needs ${mebibytes(needed)} in the workspace, but only ${mebibytes(bavail * bsize)} are free.`,
      'Free some space, or start with a workspace on another disk (--workspace).'
    )
  }
}
