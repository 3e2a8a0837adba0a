import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A disk of its own, small enough to be filled. */
export interface SmallDisk {
  readonly folder: string
  /** Leave so many bytes free. */
  fill(free: number): void
  /** Make room again. */
  empty(): void
  remove(): void
}

/** @returns undefined, with a message, where this machine does not let us mount one */
export function smallDisk(megabytes: number): SmallDisk | undefined {
  const parent = mkdtempSync(path.join(tmpdir(), 'bilevel-disk-'))
  const folder = path.join(parent, 'disk')
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder], { stdio: 'ignore' })
  } catch {
    console.warn('skipped: a full disk is tried only where a small one can be mounted (Linux, as root)')
    rmSync(parent, { recursive: true, force: true, maxRetries: 10 })
    return undefined
  }
  const ballast = path.join(folder, '.ballast')
  return {
    folder,
    fill: (free) => {
      rmSync(ballast, { force: true })
      const { bavail, bsize } = statfsSync(folder)
      const bytes = bavail * bsize - free
      try {
        if (bytes > 0) writeFileSync(ballast, Buffer.alloc(bytes))
      } catch (error) {
        // Somebody else took the last of it meanwhile: it is full.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    remove: () => {
      execFileSync('umount', ['-l', folder])
      rmSync(parent, { recursive: true, force: true, maxRetries: 10 })
    }
  }
}
