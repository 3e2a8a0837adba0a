import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import Database from 'libsql'
import * as z from 'zod'
import { writeAtomicallySync } from '../files/write-atomically'

const holder = z.object({
  pid: z.int(),
  host: z.string(),
  /** ISO time. */
  since: z.string(),
  /** Where it can be opened. */
  url: z.string().optional()
})
/** Who holds a lock. */
export type Holder = z.infer<typeof holder>

/** How long a lock that another process only looks at may keep this one waiting. */
const GLANCE_MS = 250

/**
 * A lock that ends with the process that holds it, however that ends. It is the operating system's own file lock,
 * taken by SQLite on an empty file, on Linux, macOS and Windows alike, also between containers that share a folder:
 * process numbers, which are given again, play no part. A small file beside it says who holds it.
 */
export class ProcessLock {
  private constructor(
    private readonly database: Database.Database,
    private readonly file: string
  ) {}

  /**
   * @param patience milliseconds; another process may only be looking at it
   * @returns undefined when another holder has it
   * @throws SqliteError when the file cannot be made, or the file system has no locks
   */
  static take(file: string, patience = GLANCE_MS): ProcessLock | undefined {
    mkdirSync(path.dirname(file), { recursive: true })
    const database = lockedDatabase(file, 'EXCLUSIVE', patience)
    if (!database) return undefined
    const lock = new ProcessLock(database, file)
    lock.tell()
    return lock
  }

  /** Whether a living process holds it. */
  static isHeld(file: string): boolean {
    if (!existsSync(file)) return false
    const database = lockedDatabase(file, 'DEFERRED', 0)
    if (!database) return true
    letGo(database)
    return false
  }

  /** Who holds it; undefined when nobody does, or the holder's note may not be read. */
  static holderOf(file: string): Holder | undefined {
    if (!ProcessLock.isHeld(file)) return undefined
    try {
      return holder.parse(JSON.parse(readFileSync(noteOf(file), 'utf8')))
    } catch {
      return undefined
    }
  }

  /** Say where the holder can be opened. Only the same user may read it: a link can carry a token. */
  tell(url?: string): void {
    const facts: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), url }
    writeAtomicallySync(noteOf(this.file), `${JSON.stringify(facts)}\n`, 0o600)
  }

  release(): void {
    if (!this.database.open) return
    rmSync(noteOf(this.file), { force: true })
    letGo(this.database)
  }
}

/** End a holder that does not end by itself. @returns whether it runs on this machine, so that it could be told */
export function endHolder({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

function noteOf(file: string): string {
  return `${file}.json`
}

/** Closing alone may leave the transaction, and with it the lock, to the garbage collector. */
function letGo(database: Database.Database): void {
  database.exec('ROLLBACK')
  database.close()
}

/** @returns undefined while another has it */
function lockedDatabase(
  file: string,
  mode: 'EXCLUSIVE' | 'DEFERRED',
  patience: number
): Database.Database | undefined {
  const database = new Database(file, { timeout: patience })
  try {
    // No journal: nothing is ever written, and a dead holder leaves nothing behind.
    database.pragma('journal_mode = OFF')
    database.pragma(`busy_timeout = ${patience}`)
    database.exec(`BEGIN ${mode}`)
    // A deferred transaction looks at the lock when it reads.
    if (mode === 'DEFERRED') database.prepare('SELECT COUNT(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
