import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { syncFolder } from '../../files/write-atomically'

/** Hidden, and says who is writing: a folder whose process is gone is a leftover. */
export const TEMPORARY_PREFIX = '.writing-'
/** A process id may have been given to another program; after this long it is a leftover all the same. */
const ABANDONED_MS = 7 * 24 * 3600 * 1000

/** A new hidden folder beside the one that will be published. */
export function createTemporaryFolder(parent: string): string {
  mkdirSync(parent, { recursive: true })
  const folder = path.join(parent, `${TEMPORARY_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`)
  mkdirSync(folder)
  return folder
}

/**
 * Make a finished folder visible under its name, in one step; its files must have reached the disk (syncTree). An empty folder of that name is replaced.
 * @returns false when another process has published there first; the temporary folder is then removed
 */
export function publishFolder(temporary: string, folder: string): boolean {
  if (existsSync(folder)) {
    try {
      rmdirSync(folder)
    } catch {
      discardFolder(temporary)
      return false
    }
  }
  try {
    renameSync(temporary, folder)
    syncFolder(path.dirname(folder))
    return true
  } catch (error) {
    discardFolder(temporary)
    if (existsSync(folder)) return false
    throw error
  }
}

export function discardFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Remove what killed processes left behind. Only for folders of the workspace: what lies elsewhere is not ours. */
export function sweepTemporaryFolders(parent: string): void {
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue
    const folder = path.join(parent, name)
    const pid = Number(name.slice(TEMPORARY_PREFIX.length).split('-')[0])
    try {
      const { mtimeMs } = statSync(folder)
      if (isLeftOver(pid, mtimeMs)) discardFolder(folder)
    } catch {
      // Another process swept it at the same moment.
    }
  }
}

/** Whether the process that has been writing since then is gone. */
export function isLeftOver(pid: number, sinceMs: number): boolean {
  // In a container the same program, started anew, often gets the same number.
  const isOlder = pid === process.pid && sinceMs < performance.timeOrigin
  return isOlder || !isAlive(pid) || Date.now() - sinceMs > ABANDONED_MS
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
