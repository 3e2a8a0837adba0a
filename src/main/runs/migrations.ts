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
  `ALTER TABLE runs ADD COLUMN removed_at TEXT;`,
  // Decisions of every kind in one place, with who and when, and the revision that changed a row last.
  `CREATE TABLE decisions (
     kind TEXT NOT NULL,
     subject TEXT NOT NULL,
     row INTEGER NOT NULL,
     action TEXT,
     label INTEGER,
     judged INTEGER NOT NULL,
     decided_by TEXT NOT NULL,
     decided_at TEXT NOT NULL,
     act INTEGER,
     revision INTEGER NOT NULL,
     reader TEXT NOT NULL,
     PRIMARY KEY (kind, subject, row)
   ) WITHOUT ROWID;
   CREATE INDEX decisions_by_revision ON decisions (kind, subject, revision, row);
   CREATE TABLE decision_acts (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     kind TEXT NOT NULL,
     subject TEXT NOT NULL,
     reader TEXT NOT NULL,
     decided_by TEXT NOT NULL,
     decided_at TEXT NOT NULL,
     summary TEXT NOT NULL,
     changes TEXT NOT NULL,
     undone INTEGER NOT NULL DEFAULT 0
   );
   CREATE INDEX decision_acts_by_subject ON decision_acts (kind, subject, undone, id, reader);
   CREATE TABLE decision_subjects (
     kind TEXT NOT NULL,
     subject TEXT NOT NULL,
     revision INTEGER NOT NULL,
     PRIMARY KEY (kind, subject)
   ) WITHOUT ROWID;
   CREATE TABLE trust_references (
     dataset TEXT PRIMARY KEY,
     reference TEXT NOT NULL,
     decided_by TEXT NOT NULL,
     decided_at TEXT NOT NULL
   ) WITHOUT ROWID;
   INSERT INTO decision_acts (id, kind, subject, reader, decided_by, decided_at, summary, changes, undone)
     SELECT id, 'review', run_id, '', 'unknown', created_at, summary, changes, undone FROM review_acts;
   INSERT INTO decision_subjects SELECT 'review', run_id, 1 FROM review_acts GROUP BY run_id;
   INSERT INTO decisions
     WITH last_acts AS (
       SELECT run_id, json_extract(change.value, '$.row') AS row, MAX(review_acts.id) AS act
       FROM review_acts, json_each(review_acts.changes) AS change WHERE undone = 0 GROUP BY 1, 2
     )
     SELECT 'review', run_id, row, action, label, judged, 'unknown', COALESCE(created_at, ''), act, 1, ''
     FROM review_decisions LEFT JOIN last_acts USING (run_id, row)
     LEFT JOIN (SELECT id, created_at FROM review_acts) ON id = act;
   DROP TABLE review_decisions;
   DROP TABLE review_acts;`,
  // How many decisions stand for each label is asked for after every one.
  `CREATE INDEX decisions_by_label ON decisions (kind, subject, label) WHERE label IS NOT NULL;`,
  // Sweeps, and the place that a run is trained in with how far it has been followed there.
  `CREATE TABLE sweeps (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     axes TEXT NOT NULL,
     created_at TEXT NOT NULL
   ) WITHOUT ROWID;
   ALTER TABLE runs ADD COLUMN sweep TEXT;
   ALTER TABLE runs ADD COLUMN place TEXT;
   ALTER TABLE runs ADD COLUMN placement TEXT;
   CREATE INDEX runs_by_sweep ON runs (sweep) WHERE sweep IS NOT NULL;`,
  // What a person noted about a run.
  `ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';`,
  // Tags and notes on examples, and questions that are asked again by a name.
  `CREATE TABLE example_tags (
     dataset TEXT NOT NULL,
     tag TEXT NOT NULL,
     row INTEGER NOT NULL,
     tagged_by TEXT NOT NULL,
     tagged_at TEXT NOT NULL,
     PRIMARY KEY (dataset, tag, row)
   ) WITHOUT ROWID;
   CREATE TABLE example_notes (
     dataset TEXT NOT NULL,
     row INTEGER NOT NULL,
     note TEXT NOT NULL,
     noted_by TEXT NOT NULL,
     noted_at TEXT NOT NULL,
     PRIMARY KEY (dataset, row)
   ) WITHOUT ROWID;
   CREATE TABLE saved_questions (
     dataset TEXT NOT NULL,
     name TEXT NOT NULL,
     question TEXT NOT NULL,
     PRIMARY KEY (dataset, name)
   ) WITHOUT ROWID;`,
  // Several reviewers: who was given which examples of a run, and whether a decision settled a disagreement.
  `CREATE TABLE review_parts (
     run TEXT NOT NULL,
     person TEXT NOT NULL,
     row INTEGER NOT NULL,
     assigned_by TEXT NOT NULL,
     assigned_at TEXT NOT NULL,
     PRIMARY KEY (run, person, row)
   ) WITHOUT ROWID;
   ALTER TABLE decisions ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;`,
  // Words that runs are found again by.
  `ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';`
]

/** Of the newest schema that this version knows. */
export const SCHEMA_VERSION = MIGRATIONS.length

/** @param to the version to stop at, by default the newest */
export function migrate(database: Database.Database, to = SCHEMA_VERSION): void {
  const version = (): number => {
    const [row] = database.pragma('user_version') as [{ user_version: number }]
    return row.user_version
  }
  if (version() >= to) return
  const apply = database.transaction(() => {
    // Another process may have been faster.
    for (const [i, migration] of MIGRATIONS.entries()) {
      if (i < version() || i >= to) continue
      database.exec(migration)
      database.pragma(`user_version = ${i + 1}`)
    }
  })
  apply.immediate()
}
