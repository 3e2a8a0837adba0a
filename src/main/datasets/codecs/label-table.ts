import { Readable } from 'node:stream'
import { badInput } from '../../../shared/domain/failure'
import { IMAGE_FILE } from '../pictures/decode-image'
import { csvRecords, guessDelimiter } from '../../file-formats/csv-reader'
import { decodeText } from '../../file-formats/text-encoding'
import type { TreeFile } from './image-tree'
import type { PictureNames } from './picture-names'
import { splitOfFolder, splitWord } from './splits'

/** A larger table beside pictures is no list of labels. */
const MOST_BYTES = 256 << 20
const SAMPLE_ROWS = 500
/** Share of sampled rows that must name pictures for a column to be that of the files. */
const LEAST_SHARE = 0.5

const LABELS = [
  'label',
  'labels',
  'class',
  'class_name',
  'classname',
  'category',
  'target',
  'y',
  'given_label'
]
const FILES =
  /^(file_?names?|files?|images?|image_?(id|name|path|file)|img|paths?|id|names?|pictures?|photos?)$/i
const SPLITS = /^(split|subset|partition|usage)$/i
const TRUTH = 'true_label'

/** A row that names a picture. */
export interface LabelRow {
  /** Position of the picture in the tree. */
  readonly image: number
  readonly label: string
  readonly truth?: string
  readonly split?: string
  readonly line: number
}

/** A table with a column that names pictures. */
export interface LabelTable {
  readonly file: TreeFile
  readonly columns: readonly string[]
  readonly fileColumn: string
  /** Undefined where several columns could hold the labels, or none. */
  readonly labelColumn?: string
  readonly hasTruth: boolean
  /** Whether the files are named with their endings, not by numbers that something else may count. */
  readonly namesFiles: boolean
  /** The split that the file's own name speaks of. */
  readonly split?: string
  readonly rows: readonly LabelRow[]
  /** Rows that name no picture: how many, and the first. */
  readonly unmatched: {
    readonly count: number
    readonly first?: { readonly line: number; readonly name: string }
  }
  /** Rows without a label, likewise. */
  readonly unlabelled: { readonly count: number; readonly line?: number }
}

interface TableRecord {
  readonly fields: readonly string[]
  readonly line: number
}

/**
 * Read a table as labels of pictures; undefined when none of its columns names them.
 * @throws Failure bad-input for a table that names pictures but is damaged, or a label column that it lacks
 */
export async function readLabelTable(
  file: TreeFile,
  pictures: PictureNames,
  labelColumn: string | undefined,
  encoding?: string
): Promise<LabelTable | undefined> {
  if (file.size() > MOST_BYTES) return undefined
  const table = /\.jsonl$/i.test(file.path)
    ? await jsonRecords(file, encoding)
    : await textRecords(file, encoding)
  if (!table) return undefined
  const folder = file.path.includes('/') ? file.path.slice(0, file.path.lastIndexOf('/') + 1) : ''
  const hint = splitWord(baseName(file.path))
  const find = (name: string): number | 'several' | undefined => pictures.find(name, folder, hint)
  const first = table[0]?.fields ?? []
  const isHeadless = first.some((field) => find(field) !== undefined)
  const columns = isHeadless ? first.map((_, i) => `column${i}`) : first.map((name) => name.trim())
  const records = isHeadless ? table : table.slice(1)
  const fileAt = fileColumnOf(columns, records, find)
  if (fileAt === undefined) return undefined
  const labelAt = labelColumnOf(columns, fileAt, labelColumn)
  const read = readRows(file, records, { columns, fileAt, labelAt }, find)
  return {
    file,
    columns,
    fileColumn: columns[fileAt]!,
    labelColumn: labelAt === undefined ? undefined : columns[labelAt],
    hasTruth: columns.includes(TRUTH),
    namesFiles:
      isHeadless ||
      FILES.test(columns[fileAt]!) ||
      records.some(({ fields }) => IMAGE_FILE.test(fields[fileAt] ?? '')),
    split: hint,
    ...read
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '')
}

async function textRecords(file: TreeFile, encoding: string | undefined): Promise<TableRecord[] | undefined> {
  const bytes = await file.read()
  const delimiter = /\.tsv$/i.test(file.path)
    ? '\t'
    : guessDelimiter(decodeText(bytes, file.name, encoding).slice(0, 1 << 16))
  const records: TableRecord[] = []
  for await (const record of csvRecords(Readable.from([bytes], { objectMode: false }), file.name, delimiter, {
    encoding
  }))
    records.push(record)
  return records
}

/** JSON lines as records, the first of them the names of the fields. */
async function jsonRecords(file: TreeFile, encoding: string | undefined): Promise<TableRecord[] | undefined> {
  const names: string[] = []
  const records: TableRecord[] = []
  const lines = decodeText(await file.read(), file.name, encoding).split('\n')
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      throw badInput(`${file.name}, line ${i + 1} is not JSON.`, 'Write one JSON object a line.', error)
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const fields = new Map(Object.entries(value))
    for (const name of fields.keys()) if (!names.includes(name)) names.push(name)
    records.push({ fields: names.map((name) => textOf(fields.get(name))), line: i + 1 })
  }
  return [{ fields: names, line: 0 }, ...records]
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

/** The column whose fields name the most pictures. */
function fileColumnOf(
  columns: readonly string[],
  records: readonly TableRecord[],
  find: (name: string) => number | 'several' | undefined
): number | undefined {
  const sample = records.slice(0, SAMPLE_ROWS)
  let best: { at: number; share: number } | undefined
  columns.forEach((name, at) => {
    const share = sample.filter(({ fields }) => find(fields[at] ?? '') !== undefined).length / sample.length
    const needed = FILES.test(name) ? Number.MIN_VALUE : LEAST_SHARE
    if (share < needed) return
    const isBetter =
      !best ||
      share > best.share ||
      (share === best.share && !FILES.test(columns[best.at]!) && FILES.test(name))
    if (isBetter) best = { at, share }
  })
  return best?.at
}

function labelColumnOf(
  columns: readonly string[],
  fileAt: number,
  wanted: string | undefined
): number | undefined {
  const lower = columns.map((name) => name.toLowerCase())
  if (wanted !== undefined) {
    const exact = columns.indexOf(wanted)
    const at = exact >= 0 ? exact : lower.indexOf(wanted.toLowerCase())
    if (at >= 0) return at
    const number = Number(wanted)
    return /^\d+$/.test(wanted) && number < columns.length ? number : undefined
  }
  for (const name of LABELS) {
    const at = lower.indexOf(name)
    if (at >= 0 && at !== fileAt) return at
  }
  const others = columns
    .map((_, at) => at)
    .filter((at) => at !== fileAt && !SPLITS.test(columns[at]!) && columns[at] !== TRUTH)
  return others.length === 1 ? others[0] : undefined
}

/** @throws Failure bad-input for two labels of one picture, and for a name that may be several pictures */
function readRows(
  file: TreeFile,
  records: readonly TableRecord[],
  {
    columns,
    fileAt,
    labelAt
  }: { readonly columns: readonly string[]; readonly fileAt: number; readonly labelAt?: number },
  find: (name: string) => number | 'several' | undefined
): Pick<LabelTable, 'rows' | 'unmatched' | 'unlabelled'> {
  const truthAt = columns.indexOf(TRUTH)
  const splitAt = columns.findIndex((name) => SPLITS.test(name))
  const rows = new Map<number, LabelRow>()
  const unmatched: { count: number; first?: { line: number; name: string } } = { count: 0 }
  const unlabelled: { count: number; line?: number } = { count: 0 }
  for (const { fields, line } of records) {
    const name = fields[fileAt] ?? ''
    const image = find(name)
    if (image === 'several') {
      throw badInput(
        `${file.name}, line ${line}: "${name}" may be several pictures of that name.`,
        'Give the path of each, with its folder.'
      )
    }
    if (image === undefined) {
      unmatched.count += 1
      unmatched.first ??= { line, name }
      continue
    }
    const label = labelAt === undefined ? '' : (fields[labelAt] ?? '').trim()
    if (label === '' && labelAt !== undefined) {
      unlabelled.count += 1
      unlabelled.line ??= line
      continue
    }
    const known = rows.get(image)
    if (known && known.label !== label) {
      throw badInput(
        `${file.name}, line ${line}: "${name}" has the label "${label}", but "${known.label}" in line ${known.line}.`,
        'Keep one row for each picture.'
      )
    }
    const truth = truthAt < 0 ? undefined : (fields[truthAt] ?? '').trim() || undefined
    const split = splitAt < 0 ? undefined : splitOfFolder((fields[splitAt] ?? '').trim())
    rows.set(image, { image, label, truth, split, line })
  }
  return { rows: [...rows.values()], unmatched, unlabelled }
}
