import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DATASET_FORMATS, type DatasetFormat } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { ExampleSelection } from './example-selection'
import { ExportSource } from './export/export-source'
import { copySource } from './export/copy-source'
import type { WriteTarget } from './export/dataset-writer'
import type { ExportOptions, ExportRequest, ExportResult } from './export/export-types'
import { checkOut, writeNewFolder } from './export/new-folder'
import { FORMATS } from './formats'
import { stopIfCancelled } from './import-dataset'
import { MANIFEST_FILE } from './poisoned-manifest'
import { poisonRows } from './poisoned-rows'

/**
 * Write a selection as a dataset: into a hidden folder beside `out` first, renamed at the end. Features are
 * read and written block by block.
 * @throws Failure bad-input when `out` holds something, or the format cannot hold the data
 */
export async function exportDataset(
  what: ExampleSelection | ExportRequest,
  options: ExportOptions
): Promise<ExportResult> {
  const { format, out, watch = {} } = options
  const request: ExportRequest = what instanceof ExampleSelection ? { selection: what } : what
  const definition = FORMATS[format]
  if (!definition)
    throw badInput(`"${format}" is not a dataset format.`, `Use one of ${DATASET_FORMATS.join(', ')}.`)
  checkOut(out)
  const source = new ExportSource(request, options.split)
  const limit = definition.limit(
    source.selection,
    source.splits.map(({ name }) => name)
  )
  if (limit) throw limit
  const { files, order, readAs } = await writeNewFolder(out, async (folder) => {
    const target: WriteTarget = {
      folder,
      tableType: options.tableType,
      progress: (done) => {
        stopIfCancelled(watch)
        watch.onProgress?.(done, source.count, `writing ${format}`)
      }
    }
    const readAs = await copySource(source, definition, target)
    const positions = readAs ? undefined : await definition.write(source, target)
    const order = positions ? positions.map((position) => source.order[position]!) : source.order
    const poisons = poisonsIn(source, order)
    if (isPoisoned(request, poisons)) writeManifest(source, poisons, folder)
    stopIfCancelled(watch)
    return { files: listFiles(folder), order, readAs: readAs ?? definition.readBack?.(source) ?? {} }
  })
  watch.onProgress?.(source.count, source.count, `writing ${format}`)
  return { out, format, count: source.count, files, splits: source.splits, order, readAs }
}

/** The format to write "in the format of the source": that of the first part. */
export function sourceFormat(selection: ExampleSelection): DatasetFormat {
  return selection.format
}

/**
 * Positions of the export that hold poisons: extra examples, and those that the source's own manifest names;
 * undefined where a source is poisoned but nothing says which of its examples are.
 */
function poisonsIn({ selection }: ExportSource, order: Int32Array): number[] | undefined {
  const named = poisonRows(selection)
  if (selection.poisoned && !named) return undefined
  const poisons = new Set(named)
  return Array.from(order.keys()).filter(
    (position) => order[position]! >= selection.count || poisons.has(order[position]!)
  )
}

/** A copy of a poisoned set stays marked, wherever it is moved, until its last poison is gone. */
function isPoisoned({ poisoned, selection, extra }: ExportRequest, poisons: number[] | undefined): boolean {
  if (poisoned !== undefined) return poisoned
  if (extra !== undefined) return true
  return selection.poisoned && poisons?.length !== 0
}

/** Says that a copy is poisoned, and which of its rows to remove to undo it, where that is known. */
function writeManifest(source: ExportSource, poisons: number[] | undefined, folder: string): void {
  const manifest = {
    poisoned: true,
    source: source.selection.reference,
    examples: source.count,
    rowsToRemove: poisons
  }
  writeFileSync(path.join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`)
}

function listFiles(folder: string, relative = ''): string[] {
  return readdirSync(path.join(folder, relative), { withFileTypes: true }).flatMap((entry) => {
    const below = relative === '' ? entry.name : `${relative}/${entry.name}`
    return entry.isDirectory() ? listFiles(folder, below) : [below]
  })
}
