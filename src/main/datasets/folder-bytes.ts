import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Bytes of the files in a folder and below. */
export function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const below = path.join(folder, entry.name)
    return (
      sum +
      (entry.isDirectory() ? folderBytes(below) : (statSync(below, { throwIfNoEntry: false })?.size ?? 0))
    )
  }, 0)
}
