import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { folderBytes } from '../folder-bytes'
import { discardFolder, isLeftOver, TEMPORARY_PREFIX } from './temporary-folder'

/** In the workspace: one file for each folder that is being written outside it. */
const JOURNAL = 'writing'
/** Lies in such a folder and holds the token that its journal entry names: both must agree before it is removed. */
const TOKEN_FILE = 'token'

const entrySchema = z.object({
  folder: z.string(),
  token: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime()
})
type Entry = z.infer<typeof entrySchema>

/** A folder that a killed export left beside the one it meant to write. */
export interface Leftover {
  /** Absolute. */
  readonly folder: string
  readonly bytes: number
  /** ISO time. */
  readonly startedAt: string
}

let journal: string | undefined

/** From now on, what this process writes outside the workspace is recorded in it. */
export function recordFoldersIn(workspace: string): void {
  journal = path.join(path.resolve(workspace), JOURNAL)
}

/** Note a folder before it is made. @returns how to forget it once it is gone */
export function recordFolder(folder: string, token: string): () => void {
  // Within another one that is recorded, it goes with that.
  const inner = path
    .dirname(folder)
    .split(path.sep)
    .some((name) => name.startsWith(TEMPORARY_PREFIX))
  if (journal === undefined || inner) return () => undefined
  const file = path.join(journal, `${token}.json`)
  const entry: Entry = { folder, token, pid: process.pid, startedAt: new Date().toISOString() }
  try {
    mkdirSync(journal, { recursive: true })
    writeFileSync(file, `${JSON.stringify(entry)}\n`)
  } catch {
    // A workspace that cannot be written is no reason not to export to another disk.
  }
  return () => rmSync(file, { force: true })
}

export function writeToken(folder: string, token: string): void {
  writeFileSync(path.join(folder, TOKEN_FILE), token)
}

/** What killed exports of this workspace left, wherever it lies. Entries whose folder is gone are forgotten. */
export function listLeftovers(workspace: string): Leftover[] {
  return entriesOf(workspace).flatMap(({ file, entry }) => {
    if (!isLeftOver(entry.pid, Date.parse(entry.startedAt))) return []
    if (!isOurs(entry)) {
      if (!existsSync(entry.folder)) rmSync(file, { force: true })
      return []
    }
    return [{ folder: entry.folder, bytes: folderBytes(entry.folder), startedAt: entry.startedAt }]
  })
}

/**
 * Remove leftovers; each is held against its token once more.
 * @param wanted which of them
 * @returns the folders that were removed
 */
export function removeLeftovers(workspace: string, wanted: (folder: string) => boolean): string[] {
  return entriesOf(workspace).flatMap(({ file, entry }) => {
    const isGone = isLeftOver(entry.pid, Date.parse(entry.startedAt))
    if (!isGone || !wanted(entry.folder) || !isOurs(entry)) return []
    discardFolder(entry.folder)
    rmSync(file, { force: true })
    return [entry.folder]
  })
}

/** A real folder of the right name that holds the token: nobody's but ours. */
function isOurs({ folder, token }: Entry): boolean {
  if (!path.isAbsolute(folder) || !path.basename(folder).startsWith(TEMPORARY_PREFIX)) return false
  try {
    return (
      lstatSync(folder).isDirectory() &&
      lstatSync(path.join(folder, TOKEN_FILE)).isFile() &&
      readFileSync(path.join(folder, TOKEN_FILE), 'utf8') === token
    )
  } catch {
    return false
  }
}

function entriesOf(workspace: string): { file: string; entry: Entry }[] {
  const folder = path.join(path.resolve(workspace), JOURNAL)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = path.join(folder, name)
      const entry = readEntry(file)
      return entry ? [{ file, entry }] : []
    })
}

/** Undefined for what a power cut left half-written: there is nothing it could be held against. */
function readEntry(file: string): Entry | undefined {
  try {
    return entrySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
