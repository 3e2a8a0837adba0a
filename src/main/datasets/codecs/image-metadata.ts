import { Readable } from 'node:stream'
import { badInput } from '../../../shared/domain/failure'
import { csvRecords } from '../bytes/csv-reader'
import type { ImageTree, TreeFile } from './image-tree'

/** What a metadata file says of one image. */
export interface ImageLabels {
  readonly label?: string
  readonly truth?: string
  /** File and line, for messages. */
  readonly place: string
}

/** Labels by path of the image; `governed` are the folders whose images must all be named. */
export interface Metadata {
  readonly byPath: ReadonlyMap<string, ImageLabels>
  /** The metadata file that governs an image: the nearest above it. */
  governs(image: string): string | undefined
  readonly hasLabels: boolean
  readonly hasTruth: boolean
}

/**
 * Read metadata.csv and metadata.jsonl in the convention of Hugging Face's ImageFolder: `file_name` is
 * relative to the folder of the metadata file; `label` and `true_label` are class names.
 */
export async function readMetadata(tree: ImageTree): Promise<Metadata> {
  const byPath = new Map<string, ImageLabels>()
  const folders = new Map<string, string>()
  let hasLabels = false
  let hasTruth = false
  // CSV after JSON lines, so that it wins where both stand in one folder.
  const files = [...tree.metadata].sort((a, b) => (a.path < b.path ? 1 : -1))
  const images = new Set(tree.images.map(({ path }) => path))
  for (const file of files) {
    const folder = file.path.includes('/') ? file.path.slice(0, file.path.lastIndexOf('/') + 1) : ''
    const rows = /\.csv$/i.test(file.path) ? await readCsv(file) : await readJsonLines(file)
    if (rows.some(({ label }) => label !== undefined)) folders.set(folder, file.name)
    for (const { fileName, ...labels } of rows) {
      const path = folder + fileName.replaceAll('\\', '/').replace(/^\.\//, '')
      if (!images.has(path)) {
        throw badInput(`${labels.place}: the image "${fileName}" does not exist.`, 'Correct file_name.')
      }
      hasLabels ||= labels.label !== undefined
      hasTruth ||= labels.truth !== undefined
      byPath.set(path, labels)
    }
  }
  const governing = [...folders].sort(([a], [b]) => b.length - a.length)
  return {
    byPath,
    governs: (image) => governing.find(([folder]) => image.startsWith(folder))?.[1],
    hasLabels,
    hasTruth
  }
}

type Row = ImageLabels & { readonly fileName: string }

function row(fields: ReadonlyMap<string, string>, place: string): Row {
  const fileName = fields.get('file_name')
  if (fileName === undefined || fileName === '') {
    throw badInput(`${place} has no file_name.`, 'Give each row the name of its image in file_name.')
  }
  const label = fields.get('label')
  if (label === '') throw badInput(`${place} has an empty label.`, 'Fill in the class.')
  return { fileName, label, truth: fields.get('true_label') || undefined, place }
}

async function readCsv(file: TreeFile): Promise<Row[]> {
  const rows: Row[] = []
  let header: string[] | undefined
  for await (const { fields, line } of csvRecords(Readable.from([await file.read()]), file.name, ',')) {
    if (!header) {
      header = fields.map((text) => text.trim())
      if (!header.includes('file_name')) {
        throw badInput(`${file.name} has no column file_name.`, 'Name the images in a column file_name.')
      }
      continue
    }
    rows.push(row(new Map(header.map((name, i) => [name, fields[i] ?? ''])), `${file.name}, line ${line}`))
  }
  return rows
}

async function readJsonLines(file: TreeFile): Promise<Row[]> {
  const lines = (await file.read()).toString('utf8').split('\n')
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    const place = `${file.name}, line ${i + 1}`
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      throw badInput(`${place} is not JSON.`, 'Write one JSON object a line.', error)
    }
    if (typeof value !== 'object' || value === null) {
      throw badInput(`${place} is no JSON object.`, 'Write one JSON object a line.')
    }
    const fields = new Map<string, string>()
    for (const [key, field] of Object.entries(value)) {
      if (typeof field === 'string' || typeof field === 'number') fields.set(key, String(field))
    }
    return [row(fields, place)]
  })
}
