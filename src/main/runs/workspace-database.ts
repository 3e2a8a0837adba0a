import Database from 'libsql'
import { migrate } from './migrations'

/** How long a statement waits for another process that writes. */
const BUSY_MS = 5000

/** The one connection of this process to its workspace's database; the stores share it. */
export type WorkspaceDatabase = Database.Database

/**
 * Open `workbench.sqlite`, bring its schema up to date. WAL, so that other processes may read while this one
 * writes, and a commit that was answered survives the death of the process.
 */
export function openWorkspaceDatabase(file: string): WorkspaceDatabase {
  const database = new Database(file, { timeout: BUSY_MS })
  database.pragma('journal_mode = WAL')
  database.pragma(`busy_timeout = ${BUSY_MS}`)
  migrate(database)
  return database
}
