import type Database from 'libsql'

/** Schema changes in order; the file's user_version counts those that have been applied. */
const MIGRATIONS = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     state TEXT NOT NULL,
     spec TEXT NOT NULL,
     output_dir TEXT NOT NULL,
     checkpoint_dir TEXT NOT NULL,
     cwd TEXT NOT NULL,
     position REAL NOT NULL,
     created_at TEXT NOT NULL,
     started_at TEXT,
     ended_at TEXT,
     pid INTEGER,
     owner_pid INTEGER,
     failure TEXT,
     phase TEXT,
     fraction REAL,
     seconds_left REAL,
     resumable INTEGER NOT NULL DEFAULT 0,
     cancel_requested INTEGER NOT NULL DEFAULT 0
   );
   CREATE INDEX runs_by_state ON runs (state, position);
   CREATE TABLE run_events (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     run_id TEXT NOT NULL REFERENCES runs (id),
     type TEXT NOT NULL,
     event TEXT NOT NULL
   );
   CREATE INDEX run_events_by_run ON run_events (run_id, id);`,
  // Runs that a scheduler shall start; the command line trains its own.
  `ALTER TABLE runs ADD COLUMN scheduled INTEGER NOT NULL DEFAULT 0;`,
  // Reviews: what stands now, and the acts that led there with what each row was before.
  `CREATE TABLE review_decisions (
     run_id TEXT NOT NULL,
     row INTEGER NOT NULL,
     action TEXT NOT NULL,
     label INTEGER,
     PRIMARY KEY (run_id, row)
   ) WITHOUT ROWID;
   CREATE TABLE review_acts (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     run_id TEXT NOT NULL,
     summary TEXT NOT NULL,
     changes TEXT NOT NULL,
     created_at TEXT NOT NULL,
     undone INTEGER NOT NULL DEFAULT 0
   );
   CREATE INDEX review_acts_by_run ON review_acts (run_id, undone, id);`,
  // Whether somebody looked at the example by itself.
  `ALTER TABLE review_decisions ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;`,
  // Imports and exports that the workbench was asked for, in the order of their beginning.
  `CREATE TABLE jobs (
     id TEXT PRIMARY KEY,
     place INTEGER NOT NULL UNIQUE,
     record TEXT NOT NULL
   ) WITHOUT ROWID;`,
  // Removed runs lie in the bin until it is emptied.
  `ALTER TABLE runs ADD COLUMN removed_at TEXT;`
]

/** Of the newest schema that this version knows. */
export const SCHEMA_VERSION = MIGRATIONS.length

export function migrate(database: Database.Database): void {
  const version = (): number => {
    const [row] = database.pragma('user_version') as [{ user_version: number }]
    return row.user_version
  }
  if (version() >= SCHEMA_VERSION) return
  const apply = database.transaction(() => {
    // Another process may have been faster.
    for (const [i, migration] of MIGRATIONS.entries()) {
      if (i < version()) continue
      database.exec(migration)
      database.pragma(`user_version = ${i + 1}`)
    }
  })
  apply.immediate()
}
