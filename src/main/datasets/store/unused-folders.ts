import { readdirSync, statSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { discardFolder } from './temporary-folder'

const HOUR_MS = 3600 * 1000
/** What nobody has used for so long is removed. */
const UNUSED_MS = 30 * 24 * HOUR_MS
/** What was used within it stays, whatever room it takes. */
const IN_USE_MS = HOUR_MS

/** Folders that can be made again, named by the fingerprint of what they were made of. */
export interface MadeFolders {
  readonly root: string
  /** The file in each whose time is that of its last use. */
  readonly stamp: string
  /** Beyond this, the longest unused go. */
  readonly mostBytes: number
  bytesOf(folder: string): number
}

export function markUsed(folder: string, stamp: string): void {
  const now = new Date()
  utimesSync(path.join(folder, stamp), now, now)
}

/** Remove what has not been used for long, then the longest unused beyond the limit. */
export function removeUnused({ root, stamp, mostBytes, bytesOf }: MadeFolders, keep: string): void {
  const entries = readdirSync(root)
    .filter((name) => /^[0-9a-f]{32}$/.test(name) && name !== keep)
    .map((name) => {
      const folder = path.join(root, name)
      const used = statSync(path.join(folder, stamp), { throwIfNoEntry: false })?.mtimeMs ?? 0
      return { folder, age: Date.now() - used, bytes: bytesOf(folder) }
    })
    .sort((a, b) => a.age - b.age)
  let total = bytesOf(path.join(root, keep))
  for (const { folder, age, bytes } of entries) {
    total += bytes
    if (age > UNUSED_MS || (total > mostBytes && age > IN_USE_MS)) {
      total -= bytes
      discardFolder(folder)
    }
  }
}
