import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { exampleSize } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { csvLines } from '../../file-formats/csv-writer'
import { fileFailure } from '../../file-formats/file-failure'
import type { Pixels } from '../pictures/bmp'
import { encodeImage, encodingOf } from '../pictures/encode-image'
import { compareCodePoints } from '../class-names'
import { pathKey } from '../codecs/image-catalogue'
import { compareSplits } from '../codecs/splits'
import { imageBytes, type ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import { classFolder, planImagePaths, type ImagePaths } from './image-paths'
import { OutputFile } from './output-file'

/** Images written side by side. */
const AT_ONCE = 64

/** Rows of metadata.csv made into text at a time. */
const ROWS_AT_ONCE = 4096

/**
 * A folder a class, below train and test where there are splits. Images that were imported from files are
 * written as the very files they were; others are encoded by their extension, PNG by default.
 */
export const writeImages: DatasetWriter = async (source, target) => {
  const { shape } = source
  if (shape.length !== 3 || (shape[2] !== 1 && shape[2] !== 3)) {
    throw badInput(
      `Examples of ${shape.join(' x ')} are no pictures.`,
      shape.length === 1 ? 'Export as table or npz instead.' : 'Export as npz instead.'
    )
  }
  const resized = source.selection.metas.some(({ layout }) => layout.imageSize !== undefined)
  // Beside examples that exist only in the size they were resized to, all are written in that size.
  const keepFiles = !(resized && source.request.extra)
  const hasOriginal = (position: number): boolean =>
    keepFiles && !source.isExtra(position) && source.selection.hasOriginal(source.order[position]!)
  const plan = planImagePaths(source, hasOriginal)
  makeFolders(source, plan, target)
  for (let from = 0; from < source.count; from += AT_ONCE) {
    const to = Math.min(source.count, from + AT_ONCE)
    await writeBlock(source, plan, from, to, hasOriginal, target)
    target.progress(to)
  }
  for (const folder of plan.metadataFolders) await writeMetadata(source, plan, folder, target)
  const order = Int32Array.from(plan.paths, (_, position) => position)
  const keys = plan.paths.map(pathKey)
  return order.sort(
    (a, b) => compareSplits(source.splitAt(a), source.splitAt(b)) || compareCodePoints(keys[a]!, keys[b]!)
  )
}

function makeFolders(source: ExportSource, { paths, needsMetadata }: ImagePaths, target: WriteTarget): void {
  const folders = new Set(paths.map((file) => path.posix.dirname(file)))
  // A class without examples keeps its place as an empty folder.
  if (!needsMetadata) {
    const present = new Set(source.labels)
    const [first] = source.groups
    source.classNames.forEach((name, label) => {
      if (!present.has(label)) folders.add(path.posix.join(first?.split ?? '', classFolder(name)))
    })
  }
  for (const folder of folders) mkdirSync(path.join(target.folder, folder), { recursive: true })
}

async function writeBlock(
  source: ExportSource,
  plan: ImagePaths,
  from: number,
  to: number,
  hasOriginal: (position: number) => boolean,
  target: WriteTarget
): Promise<void> {
  const [height, width, channels] = source.shape as [number, number, 1 | 3]
  const size = exampleSize(source.shape)
  let pixels: Uint8Array | undefined
  const pixelsAt = (position: number): Pixels => {
    pixels ??= imageBytes(source.read(from, to), 'images')
    const at = (position - from) * size
    return { width, height, channels, data: pixels.subarray(at, at + size) }
  }
  const positions = Array.from({ length: to - from }, (_, i) => from + i)
  await Promise.all(
    positions.map(async (position) => {
      const file = path.join(target.folder, plan.paths[position]!)
      const original = hasOriginal(position)
        ? await source.selection.originalOf(source.order[position]!)
        : undefined
      const bytes = original ?? (await encodeImage(pixelsAt(position), encodingOf(file) ?? 'png'))
      await writeFile(file, bytes).catch((error: unknown) => {
        throw fileFailure(error, file)
      })
    })
  )
}

/** Texts that readers of CSV which guess types, such as pandas, take for something else: numbers, gaps, truth values. */
const GUESSED =
  /^(|#?N\/A( N\/A)?|#NA|NA|<NA>|NULL|null|None|n\/a|[-+]?(nan|NaN|1\.#IND|1\.#QNAN|inf(inity)?)|true|false)$/i

function staysText(name: string): boolean {
  return !GUESSED.test(name) && name === name.trim() && !Number.isFinite(Number(name))
}

/**
 * Labels in the convention of Hugging Face's ImageFolder: metadata.csv, or metadata.jsonl where a class such as 007,
 * NA or True would become another in CSV.
 */
async function writeMetadata(
  source: ExportSource,
  { paths }: ImagePaths,
  folder: string,
  target: WriteTarget
): Promise<void> {
  const names = source.classNames
  const isCsv = names.every(staysText)
  const columns = source.truth ? ['file_name', 'label', 'true_label'] : ['file_name', 'label']
  const text = (rows: string[][]): string =>
    isCsv
      ? csvLines(rows)
      : rows
          .map((row) => `${JSON.stringify(Object.fromEntries(row.map((field, i) => [columns[i], field])))}\n`)
          .join('')
  let rows = isCsv ? [columns] : []
  await OutputFile.write(
    path.join(target.folder, folder, isCsv ? 'metadata.csv' : 'metadata.jsonl'),
    async (out) => {
      for (let position = 0; position < source.count; position++) {
        const file = paths[position]!
        if (!file.startsWith(folder)) continue
        const fields = [file.slice(folder.length), names[source.labels[position]!]!]
        if (source.truth) fields.push(names[source.truth[position]!]!)
        rows.push(fields)
        if (rows.length === ROWS_AT_ONCE) {
          await out.write(text(rows))
          rows = []
        }
      }
      await out.write(text(rows))
    }
  )
}
