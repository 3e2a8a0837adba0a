import { Readable } from 'node:stream'
import { badInput } from '../../../shared/domain/failure'
import { oneSpelling } from '../class-names'
import { csvRecords } from '../../file-formats/csv-reader'
import { decodeText } from '../../file-formats/text-encoding'
import type { ImageTree, TreeFile } from './image-tree'
import { tidyName } from './table-labels'

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
export async function readMetadata(tree: ImageTree, encoding?: string): Promise<Metadata> {
  const byPath = new Map<string, ImageLabels>()
  const folders = new Map<string, string>()
  let hasLabels = false
  let hasTruth = false
  // CSV after JSON lines, so that it wins where both stand in one folder.
  const files = [...tree.metadata].sort((a, b) => (a.path < b.path ? 1 : -1))
  const find = finder(tree.images.map(({ path }) => path))
  for (const file of files) {
    const folder = file.path.includes('/') ? file.path.slice(0, file.path.lastIndexOf('/') + 1) : ''
    const isCsv = /\.csv$/i.test(file.path)
    const rows = isCsv ? await readCsv(file, encoding) : await readJsonLines(file, encoding)
    if (rows.some(({ label }) => label !== undefined)) folders.set(folder, file.name)
    for (const { fileName, ...labels } of rows) {
      const path = find(folder, fileName)
      if (path === undefined) {
        throw badInput(`${labels.place}: the image "${fileName}" does not exist.`, 'Correct file_name.')
      }
      const before = byPath.get(path)
      if (before && (before.label !== labels.label || before.truth !== labels.truth)) {
        throw badInput(
          `${labels.place}: "${fileName}" has other labels than at ${before.place}.`,
          'Keep one row for each picture.'
        )
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

/** Pictures by the name that a row gives: as it stands, with either slash, with accents written either way. */
function finder(images: readonly string[]): (folder: string, fileName: string) => string | undefined {
  const exact = new Set(images)
  const composed = new Map(images.map((image) => [oneSpelling(image), image]))
  return (folder, fileName) => {
    const named = folder + fileName
    if (exact.has(named)) return named
    const tidy = folder + fileName.replaceAll('\\', '/').replace(/^\.\//, '')
    return exact.has(tidy) ? tidy : composed.get(oneSpelling(tidy))
  }
}

type Row = ImageLabels & { readonly fileName: string }

function row(fields: ReadonlyMap<string, string>, place: string): Row {
  const fileName = fields.get('file_name')
  if (fileName === undefined || fileName === '') {
    throw badInput(`${place} has no file_name.`, 'Give each row the name of its image in file_name.')
  }
  const [label, truth] = [fields.get('label'), fields.get('true_label')].map((text) =>
    text === undefined ? undefined : tidyName(text)
  )
  if (label === '') throw badInput(`${place} has an empty label.`, 'Fill in the class.')
  return { fileName, label, truth: truth || undefined, place }
}

async function readCsv(file: TreeFile, encoding: string | undefined): Promise<Row[]> {
  const rows: Row[] = []
  const bytes = Readable.from([await file.read()], { objectMode: false })
  let header: string[] | undefined
  for await (const { fields, line } of csvRecords(bytes, file.name, ',', { encoding })) {
    if (!header) {
      header = fields.map((text) => text.trim())
      if (!header.includes('file_name')) {
        throw badInput(`${file.name} has no column file_name.`, 'Name the images in a column file_name.')
      }
      const twice = header.find((name, i) => name !== '' && header?.indexOf(name) !== i)
      if (twice !== undefined) {
        throw badInput(
          `${file.name} has two columns called "${twice}".`,
          'Give each column a name of its own.'
        )
      }
      continue
    }
    rows.push(row(new Map(header.map((name, i) => [name, fields[i] ?? ''])), `${file.name}, line ${line}`))
  }
  return rows
}

async function readJsonLines(file: TreeFile, encoding: string | undefined): Promise<Row[]> {
  const lines = decodeText(await file.read(), file.name, encoding).split('\n')
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
    const fields = Object.entries(value).flatMap(([key, field]): [string, string][] => {
      const text = fieldText(field, `${place}, ${key}`)
      return text === undefined ? [] : [[key, text]]
    })
    return [row(new Map(fields), place)]
  })
}

/** A value of JSON as the text of a class; undefined for what is none. */
function fieldText(value: unknown, place: string): string | undefined {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number') return undefined
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw badInput(
      `${place} is a number with more digits than can be told apart.`,
      'Write it as a text, in quotes.'
    )
  }
  return String(value)
}
