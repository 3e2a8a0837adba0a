import { statSync } from 'node:fs'
import path from 'node:path'
import Database from 'libsql'
import { migrate, SCHEMA_VERSION } from './migrations'
import { schemaVersionOf } from './schema-version'
import { damagedWorkspace, goneWorkspace, newerWorkspace, workspaceFailure } from './workspace-faults'

/** How long a statement waits for another process that writes, where nobody else waits for this one. */
const PATIENT_MS = 5000
/** The same where it would keep a window waiting: whoever asked tries again, without blocking. */
const QUICK_MS = 50
/** Larger databases are not read through at the start. */
const MOST_CHECKED = 32 * 2 ** 20

/**
 * Files that this process has opened. None is read beside its connections: the end of that would drop their locks (POSIX has
 * one set a process), other processes would take the log away, and what is written later be lost. Nor when they are closed,
 * since that may take until memory is collected.
 */
const opened = new Set<string>()

export interface WorkspaceStatement {
  run(...values: unknown[]): { changes: number; lastInsertRowid: number | bigint }
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
}

type Transaction<Values extends unknown[], Result> = ((...values: Values) => Result) & {
  immediate(...values: Values): Result
}

/**
 * A connection of this process to its workspace's database; the stores share it. WAL, so that other processes
 * may read while this one writes, and a commit that was answered survives the death of the process. Whatever keeps
 * it from being read or written is a Failure "workspace" with a remedy; a file that is not in its place any more
 * takes no writes that nobody would find again.
 */
export class WorkspaceDatabase {
  readonly #database: Database.Database
  readonly #file: string
  readonly #identity: string
  #depth = 0

  constructor(database: Database.Database, file: string) {
    this.#database = database
    this.#file = file
    this.#identity = identityOf(file)
  }

  prepare(sql: string): WorkspaceStatement {
    const statement = this.#guarded(() => this.#database.prepare(sql))
    return {
      run: (...values) => this.#guarded(() => statement.run(...bound(values))),
      get: (...values) => this.#guarded(() => statement.get(...bound(values)) as unknown),
      all: (...values) => this.#guarded(() => statement.all(...bound(values)) as unknown[])
    }
  }

  exec(sql: string): void {
    this.#guarded(() => this.#database.exec(sql))
  }

  pragma(pragma: string): unknown {
    return this.#guarded(() => this.#database.pragma(pragma) as unknown)
  }

  /**
   * A function that does all or nothing. It takes the right to write at once, since a reader that turns writer is
   * refused when another was faster; inside another transaction it is part of that.
   */
  transaction<Values extends unknown[], Result>(
    act: (...values: Values) => Result
  ): Transaction<Values, Result> {
    const perform = (...values: Values): Result => {
      if (this.#depth > 0) return act(...values)
      this.exec('BEGIN IMMEDIATE')
      this.#depth++
      try {
        const result = act(...values)
        if (identityOf(this.#file) !== this.#identity) throw goneWorkspace(path.dirname(this.#file))
        this.exec('COMMIT')
        return result
      } catch (error) {
        // A full disk has ended it already.
        if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
        throw error
      } finally {
        this.#depth--
      }
    }
    return Object.assign(perform, { immediate: perform })
  }

  /** What is in the log goes into the file, so that a copy of the file alone is a whole one. */
  close(): void {
    try {
      this.#database.pragma('busy_timeout = 0')
      this.#database.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // Another process reads or writes, or the disk is full: the log stays, and nothing is lost.
    }
    this.#database.close()
  }

  #guarded<T>(act: () => T): T {
    // Within a transaction it is asked at its beginning and its end.
    if (this.#depth === 0 && identityOf(this.#file) !== this.#identity) {
      throw goneWorkspace(path.dirname(this.#file))
    }
    try {
      return act()
    } catch (error) {
      throw workspaceFailure(error, this.#file)
    }
  }
}

/**
 * Open `workbench.sqlite`, bring its schema up to date.
 * @param quick not to wait for another process for longer than a window would notice
 * @throws Failure workspace
 */
export function openWorkspaceDatabase(file: string, { quick = false } = {}): WorkspaceDatabase {
  if (!opened.has(identityOf(file))) refuseNewer(file)
  let database: Database.Database | undefined
  try {
    database = new Database(file, { timeout: PATIENT_MS })
    opened.add(identityOf(file))
    database.pragma(`busy_timeout = ${PATIENT_MS}`)
    requireKnown(database, file)
    requireIntact(database, file)
    database.pragma('journal_mode = WAL')
    // A commit that was answered is on the disk.
    database.pragma('synchronous = FULL')
    migrate(database)
    if (quick) database.pragma(`busy_timeout = ${QUICK_MS}`)
    return new WorkspaceDatabase(database, file)
  } catch (error) {
    database?.close()
    throw workspaceFailure(error, file)
  }
}

/** Before anything is opened for writing: what this version does not know it must not touch. @throws Failure workspace */
function refuseNewer(file: string): void {
  try {
    if (schemaVersionOf(file) > SCHEMA_VERSION) throw newerWorkspace(path.dirname(file))
  } catch (error) {
    throw workspaceFailure(error, file)
  }
}

/** The same of one that is open. @throws Failure workspace */
function requireKnown(database: Database.Database, file: string): void {
  const [row] = database.pragma('user_version') as [{ user_version: number }]
  if (row.user_version > SCHEMA_VERSION) throw newerWorkspace(path.dirname(file))
}

function requireIntact(database: Database.Database, file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_CHECKED) return
  const [row] = database.pragma('quick_check(1)') as [{ quick_check: string }]
  if (row.quick_check !== 'ok') throw damagedWorkspace(file)
}

function identityOf(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false })
  return facts ? `${facts.dev}:${facts.ino}` : ''
}

/** A null alone would be taken for an object of named values. */
function bound(values: unknown[]): unknown[] {
  return values.length === 1 && values[0] === null ? [values] : values
}
