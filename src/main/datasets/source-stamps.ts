import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { writeAtomically } from '../files/write-atomically'
import type { OpenedSource } from './codecs/open-source'
import { MANIFEST_FILE } from './poisoned-manifest'

const stamps = z.record(z.string(), z.string())
/** Size and times of every file of a source, by absolute path: they tell whether one was changed. */
export type SourceStamps = z.infer<typeof stamps>

/** Beside the cache, from which imports are removed. */
const FOLDER = '../sources'

export function stampsOf(opened: OpenedSource): SourceStamps {
  const folder = statSync(opened.path).isDirectory() ? opened.path : path.dirname(opened.path)
  // Whether the set is marked as poisoned is recorded in the import, so the marks belong to the source.
  const marks = [folder, path.dirname(folder)].map((place) => path.join(place, MANIFEST_FILE))
  return stampsOfFiles([...opened.reader.facts.files, ...marks])
}

export function stampsOfFiles(files: readonly string[]): SourceStamps {
  return Object.fromEntries(
    files.flatMap((file) => {
      const stamp = stampOf(file)
      return stamp === undefined ? [] : [[file, stamp]]
    })
  )
}

/** Undefined for a file that is not there. */
function stampOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  // ctime as well: a tool may set the time of change back, but not that.
  return stats && `${stats.size}-${stats.mtimeNs}-${stats.ctimeNs}`
}

/** The first file whose stamp differs, or that one of the two lacks; undefined when none does. */
export function firstChange(before: SourceStamps, after: SourceStamps): string | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.find((name) => before[name] !== after[name])
}

/** Keep what a source looked like when its content was imported, beyond the import itself. */
export async function keepStamps(cache: string, contentHash: string, of: SourceStamps): Promise<void> {
  mkdirSync(path.join(cache, FOLDER), { recursive: true })
  await writeAtomically(path.join(cache, FOLDER, `${contentHash}.json`), JSON.stringify(of))
}

/** @returns the file of a source that was changed, or is gone, since this content was imported, where known */
export function changedFile(cache: string, contentHash: string): string | undefined {
  const before = keptStamps(cache, contentHash)
  return Object.keys(before).find((name) => before[name] !== stampOf(name))
}

/** When the source of this content was changed last before its import, in milliseconds, where known. */
export function lastChange(cache: string, contentHash: string): number | undefined {
  const times = Object.values(keptStamps(cache, contentHash)).map(
    (stamp) => Number(stamp.split('-')[1]) / 1e6
  )
  return times.length === 0 ? undefined : times.reduce((latest, time) => Math.max(latest, time))
}

function keptStamps(cache: string, contentHash: string): SourceStamps {
  const file = path.join(cache, FOLDER, `${contentHash}.json`)
  if (!existsSync(file)) return {}
  try {
    return stamps.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // They only help to say what has happened.
    return {}
  }
}
