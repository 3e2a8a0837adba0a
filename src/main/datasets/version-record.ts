import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { ANY_ENCODING, ZipArchive } from '../file-formats/zip-archive'
import { readingOptions } from '../../shared/domain/reading-options'
import type { ReadingOptions } from '../../shared/domain/reading-options'
import { rowsOfRanges } from '../../shared/domain/row-ranges'
import { MANIFEST_FILE } from './poisoned-manifest'
import { readIntegers, writeIntegers } from './store/dataset-folder'

/** In the folder of a version: what was decided between it and the one that it was made from. */
const VERSION_FILE = 'version.json'
/** The row of that one for each of its own; -1 where there is none. */
const PARENT_ROWS_FILE = 'parent-rows.npy'
const MOST_BYTES = 256 << 20

/** A decision that led to a version. */
const versionDecision = z.object({
  /** Of the version that it was made from. */
  row: z.int().nonnegative(),
  action: z.enum(['keep', 'drop', 'relabel']),
  by: z.string(),
  at: z.string(),
  decidedBy: z.string()
})
export type VersionDecision = z.infer<typeof versionDecision>

/** Rows of the version that it was made from. */
const range = z.object({ from: z.int().nonnegative(), to: z.int().nonnegative() })
const versionRecord = z.object({
  schema: z.literal(1),
  /** What was exported: the other rows were not looked at. */
  exported: z.array(range),
  decisions: z.array(versionDecision)
})
export type VersionRecord = Omit<z.infer<typeof versionRecord>, 'schema'>

/** What a manifest says that makes an export a version of what it was made from. */
const manifest = z.object({
  run: z.string().nullable(),
  examples: z.int().nonnegative(),
  sources: z.array(z.object({ dataset: z.string(), from: z.int().nonnegative(), to: z.int().nonnegative() })),
  rows: z.string(),
  readAs: readingOptions,
  changes: z.array(versionDecision)
})

/** Where the examples of an export came from. */
export interface VersionOrigin {
  /** Id of the dataset that it is a version of. */
  readonly of: string
  /** The run whose review led to it; null where it was exported without one. */
  readonly run: string | null
  /**
   * For each example, as the export is read: the row of that dataset; -1 where it is none of its. Undefined where no
   * manifest says: what the examples hold tells then.
   */
  readonly parentRows: Int32Array | undefined
  readonly exported: VersionRecord['exported']
  readonly decisions: readonly VersionDecision[]
  /** How the export is to be read. */
  readonly readAs: ReadingOptions
}

/**
 * Where the examples of a source came from that is to be a version of a dataset: what its manifest.json says, where it is
 * an export; else all of that dataset may be in it.
 * @throws Failure bad-input where its manifest is damaged, or tells of other data
 */
export async function originOf(
  source: string,
  parent: Pick<DatasetMeta, 'id' | 'name' | 'count'>
): Promise<VersionOrigin> {
  const file = path.join(source, MANIFEST_FILE)
  const found = await readManifest(source)
  if (!found) return ofNoManifest(parent)
  const rows = rowsOfRanges(found.rows, found.examples + 1)
  if (!rows || rows.length !== found.examples)
    throw badInput(`${file} does not say which example is which.`, 'Export the data again.')
  const isOfParent = found.sources.some(({ dataset }) => dataset === parent.id)
  if (!isOfParent)
    throw badInput(
      `${source} was not exported from "${parent.name}".`,
      'Name the dataset that it was exported from, or import it as one of its own.'
    )
  const places = found.sources.map(({ dataset, from, to }, i) => {
    const start = found.sources.slice(0, i).reduce((sum, part) => sum + part.to - part.from, 0)
    return { dataset, from, start, end: start + to - from }
  })
  const rowOfParent = (row: number): number => {
    const place = places.find(({ start, end }) => row >= start && row < end)
    if (place?.dataset !== parent.id) return -1
    const own = place.from + row - place.start
    return own < parent.count ? own : -1
  }
  return {
    of: parent.id,
    run: found.run,
    parentRows: Int32Array.from(rows, rowOfParent),
    exported: found.sources
      .filter(({ dataset }) => dataset === parent.id)
      .map(({ from, to }) => ({ from, to })),
    decisions: found.changes.flatMap((change) => {
      const row = rowOfParent(change.row)
      return row < 0 ? [] : [{ ...change, row }]
    }),
    readAs: found.readAs
  }
}

/** Ids of the datasets that a folder or zip was exported from, as its manifest.json says; none where there is none. */
export async function exportedFrom(source: string): Promise<readonly string[]> {
  const text = await manifestText(source).catch(() => undefined)
  if (text === undefined) return []
  const found = manifest.safeParse(parsed(text))
  return found.success ? [...new Set(found.data.sources.map(({ dataset }) => dataset))] : []
}

function ofNoManifest({ id, count }: Pick<DatasetMeta, 'id' | 'count'>): VersionOrigin {
  const exported = [{ from: 0, to: count }]
  return { of: id, run: null, parentRows: undefined, exported, decisions: [], readAs: {} }
}

async function readManifest(source: string): Promise<z.infer<typeof manifest> | undefined> {
  const none = (cause: unknown): Error =>
    badInput(
      `${path.join(source, MANIFEST_FILE)} is no manifest of an export, so what changed is not known.`,
      'Export the data again; or take manifest.json away: what the examples hold tells then which is which.',
      cause
    )
  try {
    const text = await manifestText(source)
    if (text === undefined) return undefined
    return manifest.parse(JSON.parse(text))
  } catch (error) {
    throw none(error)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What stands in the manifest of a folder, or of a zip of it with or without the folder around; undefined: there is none. */
async function manifestText(source: string): Promise<string | undefined> {
  const facts = statSync(source, { throwIfNoEntry: false })
  if (facts?.isDirectory()) {
    const file = path.join(source, MANIFEST_FILE)
    const found = statSync(file, { throwIfNoEntry: false })
    return found?.isFile() && found.size <= MOST_BYTES ? readFileSync(file, 'utf8') : undefined
  }
  if (!facts?.isFile() || !/\.zip$/i.test(source)) return undefined
  const zip = await ZipArchive.open(source, source, ANY_ENCODING)
  try {
    const entry = zip.entries
      .filter((one) => path.posix.basename(one.path) === MANIFEST_FILE && one.path.split('/').length <= 2)
      .sort((a, b) => a.path.length - b.path.length)[0]
    return entry && entry.size <= MOST_BYTES ? (await zip.read(entry)).toString('utf8') : undefined
  } finally {
    await zip.close()
  }
}

/** Into the folder of a version that is being imported. */
export function writeVersion(folder: string, origin: VersionOrigin, parentRows: Int32Array): void {
  writeIntegers(folder, PARENT_ROWS_FILE, parentRows)
  const { exported, decisions } = origin
  const record: z.infer<typeof versionRecord> = { schema: 1, exported, decisions: [...decisions] }
  writeFileSync(path.join(folder, VERSION_FILE), `${JSON.stringify(record)}\n`)
}

/** Of a version, the row of the one that it was made from for each of its own; -1 where there is none. @throws Failure */
export function parentRowsOf(folder: string): Int32Array {
  return readIntegers(folder, PARENT_ROWS_FILE)
}

/** What was exported and decided between a version and the one that it was made from. */
export function versionRecordOf(folder: string): VersionRecord {
  try {
    const text = readFileSync(path.join(folder, VERSION_FILE), 'utf8')
    return versionRecord.parse(JSON.parse(text))
  } catch {
    // Taken away by hand: what changed is seen all the same, who decided is not.
    return { exported: [{ from: 0, to: Infinity }], decisions: [] }
  }
}

/** "photos" -> "photos v2", "photos v2" -> "photos v3"; the first that is free. */
export function versionName(name: string, taken: ReadonlySet<string>): string {
  const base = name.replace(/ v\d+$/, '')
  let number = 2
  while (taken.has(`${base} v${number}`)) number++
  return `${base} v${number}`
}
