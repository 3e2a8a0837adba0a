import path from 'node:path'
import * as z from 'zod'
import { readHead } from '../../file-formats/byte-reader'
import { copyParquetRows, type RowChoice } from '../../file-formats/parquet-copy'
import { rawRecords, type RawRecord } from '../../file-formats/raw-records'
import type { ExportSource } from './export-source'
import type { WriteTarget } from './dataset-writer'
import { OutputFile } from './output-file'
import { sourceCopyOf, type SourceCopy } from './source-copy'

/** How one table of the source was read, as its codec noted it. */
const tableNote = z.object({
  file: z.string(),
  rows: z.int(),
  /** Records before the first example. */
  skip: z.int(),
  /** Places after those of records that are no examples. */
  skipped: z.array(z.int()).default([]),
  label: z.int(),
  truth: z.int().optional(),
  delimiter: z.string()
})
type TableNote = z.infer<typeof tableNote>

/** Names that a folder of tables is read by. */
export const KNOWN_NAME = /\.(csv|tsv|parquet|pq)(\.gz)?$/i

/**
 * Write the source's tables with the rows that are kept, every field and type as it stands there; a changed label is
 * spelled as another row of its class spells it.
 * @returns false where that cannot be done, and nothing is written
 */
export async function copyTables(source: ExportSource, target: WriteTarget): Promise<boolean> {
  const copy = sourceCopyOf(source, 'table')
  const notes = z.array(tableNote).safeParse(copy?.meta.layout.tables).data
  if (!copy || !notes || notes.some((note) => !canCopy(note, source, target))) return false
  const files = new Map(copy.files().map(({ name, path: file }) => [name, file]))
  if (notes.some(({ file }) => !files.has(file))) return false
  for (const file of files.values()) if (await isWide(file)) return false
  let next = 0
  const parts = notes.map((note): Part => {
    const from = next
    next += note.rows
    return { ...note, from, path: files.get(note.file)!, places: placesOf(note) }
  })
  for (const part of parts) await copyTable(part, parts, copy, target)
  return true
}

function canCopy({ file, delimiter }: TableNote, source: ExportSource, { tableType }: WriteTarget): boolean {
  if (!isParquet(file) && !/^[,;|\t]$/.test(delimiter)) return false
  if (source.truth && source.selection.metas[0]?.layout.truthGiven === true) return false
  return tableType === undefined || new RegExp(`\\.${tableType}(\\.gz)?$`, 'i').test(file)
}

function isParquet(file: string): boolean {
  return /\.(parquet|pq)$/i.test(file)
}

/** UTF-16 and UTF-32 do not continue ASCII. */
async function isWide(file: string): Promise<boolean> {
  const head = (await readHead(file, 2)).toString('latin1')
  return head === '\u00ff\u00fe' || head === '\u00fe\u00ff'
}

/** @property places where each example stands in its file, from 0 */
type Part = TableNote & { readonly from: number; readonly path: string; readonly places: Int32Array }

function placesOf({ rows, skipped }: TableNote): Int32Array {
  const left = new Set(skipped)
  const places = new Int32Array(rows)
  let place = 0
  for (let row = 0; row < rows; row++) {
    while (left.has(place)) place++
    places[row] = place++
  }
  return places
}

async function copyTable(
  part: Part,
  parts: readonly Part[],
  copy: SourceCopy,
  target: WriteTarget
): Promise<void> {
  const positions = Array.from(copy.rows.keys()).filter(
    (position) => copy.rows[position]! >= part.from && copy.rows[position]! < part.from + part.rows
  )
  if (positions.length === 0) return
  const name = KNOWN_NAME.test(part.file) ? part.file : `${part.file.replace(/\.\w+(\.gz)?$/i, '')}.csv`
  const out = path.join(target.folder, name)
  const rows = positions.map((position): RowChoice => ({
    row: part.places[copy.rows[position]! - part.from]!,
    labelFrom: copy.labelFrom(position),
    truthFrom: copy.truthFrom?.(position)
  }))
  const progress = (done: number): void => target.progress(positions[Math.min(done, positions.length - 1)]!)
  if (isParquet(part.file)) await copyParquetRows(part, rows, parts, out)
  else await copyTextRows(part, rows, await spellings(rows, parts), out, progress)
}

/** Kept records as they stand; a changed label in the spelling of another row. */
async function copyTextRows(
  part: Part,
  rows: readonly RowChoice[],
  spelled: ReadonlyMap<number, string>,
  out: string,
  progress: (done: number) => void
): Promise<void> {
  await OutputFile.write(out, async (file) => {
    let held = ''
    let done = 0
    let at = -part.skip
    for await (const record of rawRecords(part.path, part.delimiter)) {
      const next = rows[done]
      if (at < 0) held += record.text
      else if (next?.row === at) {
        held += ended(replaced(record, part, next, spelled), done + 1 < rows.length)
        done++
      }
      at++
      if (held.length > 1 << 18) {
        await file.write(Buffer.from(held, 'latin1'))
        held = ''
        progress(done)
      }
    }
    const read = part.rows + part.skipped.length
    if (at !== read || done !== rows.length) {
      throw new RangeError(`${part.file} has ${at} records, not the ${read} that were imported.`)
    }
    await file.write(Buffer.from(held, 'latin1'))
  })
}

/** The last record of a file need not end its line; within another it must. */
function ended(text: string, isFollowed: boolean): string {
  return isFollowed && !text.endsWith('\n') ? `${text}\n` : text
}

function replaced(
  { text, fields }: RawRecord,
  { label, truth }: Part,
  { labelFrom, truthFrom }: RowChoice,
  spelled: ReadonlyMap<number, string>
): string {
  const changes: [number, string][] = []
  if (labelFrom !== undefined) changes.push([label, spelled.get(2 * labelFrom)!])
  if (truthFrom !== undefined && truth !== undefined) changes.push([truth, spelled.get(2 * truthFrom + 1)!])
  // From the end, so that the places before stay true.
  changes.sort(([a], [b]) => b - a)
  return changes.reduce((now, [column, spelling]) => {
    const [from, to] = fields[column]!
    return now.slice(0, from) + spelling + now.slice(to)
  }, text)
}

/** Labels (2 x row) and true labels (2 x row + 1) of the rows that others take theirs from, as they stand there. */
async function spellings(rows: readonly RowChoice[], parts: readonly Part[]): Promise<Map<number, string>> {
  const wanted = new Set(
    rows.flatMap(({ labelFrom, truthFrom }) => [
      ...(labelFrom === undefined ? [] : [2 * labelFrom]),
      ...(truthFrom === undefined ? [] : [2 * truthFrom + 1])
    ])
  )
  const found = new Map<number, string>()
  for (const part of parts) {
    if (found.size === wanted.size) break
    let place = -part.skip
    let example = 0
    for await (const { text, fields } of rawRecords(part.path, part.delimiter)) {
      const columns = [part.label, part.truth ?? part.label]
      const row = part.places[example] === place ? part.from + example++ : undefined
      columns.forEach((column, i) => {
        const span = fields[column]
        if (row !== undefined && span && wanted.has(2 * row + i)) found.set(2 * row + i, text.slice(...span))
      })
      place++
    }
  }
  return found
}
