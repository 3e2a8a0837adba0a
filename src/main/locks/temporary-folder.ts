import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ProcessLock } from './process-lock'

const BEGINNING = 'bilevel-'
const LOCK = 'in-use'
/** One that is just made is not locked yet. */
const JUST_MADE_MS = 60_000

interface Owned {
  readonly folder: string
  /** Without one, where the file system has no locks, it stays when this process is killed. */
  readonly lock: ProcessLock | undefined
}

let own: Owned | undefined

/**
 * A new folder for temporary files, to be removed by who asks for it. All of a process lie in one, which is removed as
 * the process ends; where it is killed, by the next one that needs some.
 * @throws the file system's error where none can be made
 */
export function temporaryFolder(name: string): string {
  // Systems remove what lies there for days.
  if (own === undefined || !existsSync(own.folder)) own = makeOwn(own === undefined)
  return mkdtempSync(path.join(own.folder, name))
}

/** For what asks the system for a place: it lies in this process's folder too. Where there is none, all stays as it is. */
export function keepTemporaryFilesTogether(): void {
  try {
    own ??= makeOwn(true)
  } catch {
    return
  }
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = own.folder
}

/** What processes left that were killed, as far as this user may. */
function removeAbandoned(): void {
  const parent = tmpdir()
  for (const name of readdirSync(parent).filter((one) => one.startsWith(BEGINNING))) {
    const folder = path.join(parent, name)
    try {
      if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    } catch {
      // Another user's, or removed by another process meanwhile.
    }
  }
}

function isAbandoned(folder: string): boolean {
  const lock = path.join(folder, LOCK)
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
  return Date.now() - made > JUST_MADE_MS && !ProcessLock.isHeld(lock)
}

function makeOwn(isFirst: boolean): Owned {
  if (isFirst) {
    removeAbandoned()
    process.once('exit', removeOwn)
  }
  const folder = mkdtempSync(path.join(tmpdir(), BEGINNING))
  const lock = path.join(folder, LOCK)
  try {
    return { folder, lock: ProcessLock.take(lock) }
  } catch {
    rmSync(lock, { force: true })
    return { folder, lock: undefined }
  }
}

function removeOwn(): void {
  try {
    own?.lock?.release()
    if (own) rmSync(own.folder, { recursive: true, force: true })
  } catch {
    // The next process removes it.
  }
}
