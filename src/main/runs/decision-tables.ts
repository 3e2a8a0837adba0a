import type { Decision, NewDecision } from '../../shared/domain/decision'
import type { Verdict } from '../../shared/domain/reviewer'
import { NOBODY } from '../../shared/domain/reviewer-name'
import type { WorkspaceDatabase, WorkspaceStatement } from './workspace-database'

/** What is decided on: what a run found, the labels of a dataset, or which of its examples are left out. */
export type DecisionKind = 'review' | 'trust' | 'exclusion'

/** What stands on a row, or stood until it was taken back. */
export interface DecisionRow {
  readonly row: number
  /** Null: taken back. */
  readonly action: Decision['action'] | null
  readonly label: number | null
  readonly judged: number
  readonly settled: number
  readonly decided_by: string
  readonly decided_at: string
  /** The act that it stands by; null where none does, or where that is not known. */
  readonly act: number | null
  readonly revision: number
  /** Who wrote it last. */
  readonly reader: string
}

/** What an act did to one row. */
export interface RowChange {
  readonly row: number
  readonly before: Decision | null
  /** Who and when are the act's, unless they are said here. */
  readonly after: NewDecision | Decision | null
  /** The act that the row stood by before; null: none. Left out by earlier versions. */
  readonly act?: number | null
}

export interface Act {
  readonly id: number
  readonly by: string
  readonly at: string
}

/** Whose acts are to be undone or redone. */
export interface Turner {
  readonly id: string
  /** Null: whoever's. */
  readonly by: string | null
  /** Readers who look on beside it. */
  readonly others: readonly string[]
}

const COLUMNS = 'row, action, label, judged, settled, decided_by, decided_at, act, revision, reader'
const FIELDS = COLUMNS.split(', ')
  .map((column) => `'${column}', ${column}`)
  .join(', ')
const ROWS = `SELECT ${COLUMNS} FROM decisions WHERE kind = ? AND subject = ?`
/**
 * Acts of the reader itself, and of the same person at windows that have left: nobody's who looks on elsewhere, and no other
 * person's. Nobody's acts, and those of whom nothing is known, are anybody's.
 */
const OWN_ACTS = `FROM decision_acts WHERE kind = ?1 AND subject = ?2
  AND reader NOT IN (SELECT value FROM json_each(?3, '$.others'))
  AND (reader IN ('', ?3 ->> 'id') OR ?3 ->> 'by' IS NULL OR decided_by IN ('${NOBODY}', ?3 ->> 'by'))`
const LAST_DONE = `${OWN_ACTS} AND undone = 0 ORDER BY id DESC LIMIT 1`
const FIRST_UNDONE = `${OWN_ACTS} AND undone = 1 ORDER BY id LIMIT 1`
/** Acts on one row: what was taken with others is nobody's own verdict, and neither is what settled a disagreement. */
const ONE_ROW = `FROM decision_acts WHERE kind = ?1 AND subject = ?2 AND undone = 0 AND json_array_length(changes) = 1
  AND changes ->> '$[0].after.settled' IS NULL`
/** The last that each person said of a row by itself. Who lets another's decision stand instead has taken the own back. */
const SAID = `SELECT "by", row, after, MAX(id) AS act, "at" FROM (
    SELECT COALESCE(changes ->> '$[0].after.by', decided_by) AS "by", changes ->> '$[0].row' AS row,
      changes -> '$[0].after' AS after, id, COALESCE(changes ->> '$[0].after.at', decided_at) AS "at"
    ${ONE_ROW} AND (changes ->> '$[0].after.judged' = 1 OR changes ->> '$[0].after.action' IS NULL)
    UNION ALL
    SELECT decided_by, changes ->> '$[0].row', NULL, id, decided_at
    ${ONE_ROW} AND changes ->> '$[0].after.by' <> decided_by
  ) GROUP BY 1, 2`
const ACT = 'SELECT id, decided_by AS "by", decided_at AS "at", changes'

/** What is written on a row. */
export interface WrittenRow {
  readonly row: number
  readonly decision: Decision | null
  /** The act that it stands by. */
  readonly act: number | null
}

/**
 * The rows and acts of one kind of decisions, as statements that are prepared once. Many rows go in and out as one
 * JSON text: a call for each would take twenty times as long.
 */
export class DecisionTables {
  readonly #statements = new Map<string, WorkspaceStatement>()

  constructor(
    private readonly database: WorkspaceDatabase,
    private readonly kind: DecisionKind
  ) {}

  /** All of it, or nothing; no other process writes meanwhile. */
  transact(act: () => void): void {
    this.database.transaction(act).immediate()
  }

  /** Those of the rows on which anything was ever decided. */
  find(subject: string, rows: readonly number[]): Map<number, DecisionRow> {
    const among = `${ROWS} AND row IN (SELECT value FROM json_each(?))`
    return new Map(this.#rows(among, subject, JSON.stringify(rows)).map((found) => [found.row, found]))
  }

  /** Rows on which something stands, from one on. */
  standing(subject: string, from: number, most: number): DecisionRow[] {
    return this.#rows(`${ROWS} AND row >= ? AND action IS NOT NULL ORDER BY row LIMIT ?`, subject, from, most)
  }

  /** Rows that changed after a row of a revision, in the order in which they did. */
  changed(subject: string, revision: number, row: number, most: number): DecisionRow[] {
    const after = 'AND (revision, row) > (?, ?) ORDER BY revision, row LIMIT ?'
    return this.#rows(`${ROWS} ${after}`, subject, revision, row, most)
  }

  put(subject: string, rows: readonly WrittenRow[], revision: number, reader: string): void {
    this.#run(
      `INSERT OR REPLACE INTO decisions (kind, subject, revision, reader,
         row, action, label, judged, settled, decided_by, decided_at, act)
       SELECT ?1, ?2, ?3, ?4, value ->> 'row', value ->> '$.decision.action', value ->> '$.decision.label',
         COALESCE(value ->> '$.decision.judged', 0), COALESCE(value ->> '$.decision.settled', 0),
         COALESCE(value ->> '$.decision.by', ''),
         COALESCE(value ->> '$.decision.at', ''), value ->> 'act'
       FROM json_each(?5)`,
      subject,
      revision,
      reader,
      JSON.stringify(rows)
    )
  }

  /** How many decisions stand for each label. */
  countByLabel(subject: string): { label: number; count: number }[] {
    return this.#prepared(
      `SELECT label, COUNT(*) AS count FROM decisions
       WHERE kind = ? AND subject = ? AND label IS NOT NULL GROUP BY label`
    ).all(this.kind, subject) as { label: number; count: number }[]
  }

  /** The rows that are decided to bear each label. */
  rowsByLabel(subject: string): { label: number; rows: number[] }[] {
    const found = this.#prepared(
      `SELECT label, json_group_array(row) AS rows FROM decisions
       WHERE kind = ? AND subject = ? AND label IS NOT NULL GROUP BY label`
    ).all(this.kind, subject) as { label: number; rows: string }[]
    return found.map(({ label, rows }) => ({ label, rows: JSON.parse(rows) as number[] }))
  }

  /** What each person said of each row by itself, whatever stands now; by row. */
  verdicts(subject: string): Verdict[] {
    const found = this.#prepared(
      `SELECT json_group_array(json_object('row', row, 'by', "by", 'at', "at", 'after', json(after))) AS said
       FROM (SELECT * FROM (${SAID}) WHERE after ->> 'action' IS NOT NULL ORDER BY row, act)`
    ).get(this.kind, subject) as { said: string }
    const said = JSON.parse(found.said) as (Pick<Verdict, 'row' | 'by' | 'at'> & { after: NewDecision })[]
    return said
      .filter(({ by }) => by !== NOBODY)
      .map(({ after: { action, label }, ...who }) => ({
        ...who,
        action,
        ...(label === undefined ? {} : { label })
      }))
  }

  hasActs(subject: string): boolean {
    const sql = 'SELECT 1 AS found FROM decision_acts WHERE kind = ? AND subject = ? LIMIT 1'
    return this.#get(sql, subject) !== undefined
  }

  addAct(subject: string, reader: string, by: string, summary: string, changes: readonly RowChange[]): Act {
    const at = new Date().toISOString()
    const { lastInsertRowid } = this.#prepared(
      `INSERT INTO decision_acts (kind, subject, reader, decided_by, decided_at, summary, changes)
       VALUES (?, ?, ?, ?, ?, ?, ?)`
    ).run(this.kind, subject, reader, by, at, summary, JSON.stringify(changes))
    return { id: Number(lastInsertRowid), by, at }
  }

  /** The act that undo takes back, or that redo makes again, of all but some readers. */
  nextAct(
    subject: string,
    side: 'undo' | 'redo',
    turner: Turner
  ): (Act & { readonly changes: readonly RowChange[] }) | undefined {
    const found = this.#get<Act & { changes: string }>(
      `${ACT} ${side === 'undo' ? LAST_DONE : FIRST_UNDONE}`,
      subject,
      JSON.stringify(turner)
    )
    return found && { ...found, changes: JSON.parse(found.changes) as RowChange[] }
  }

  /** How that act was called; null where there is none. */
  nextSummary(subject: string, side: 'undo' | 'redo', turner: Turner): string | null {
    const sql = `SELECT summary ${side === 'undo' ? LAST_DONE : FIRST_UNDONE}`
    return this.#get<{ summary: string }>(sql, subject, JSON.stringify(turner))?.summary ?? null
  }

  /** Those of the acts that rows stood by before which are not undone. */
  standingActs(subject: string, changes: readonly Pick<RowChange, 'act'>[]): ReadonlySet<number> {
    const acts = new Set(changes.flatMap(({ act }) => act ?? []))
    if (acts.size === 0) return acts
    const found = this.#prepared(
      `SELECT id FROM decision_acts WHERE kind = ? AND subject = ? AND undone = 0
         AND id IN (SELECT value FROM json_each(?))`
    ).all(this.kind, subject, JSON.stringify([...acts])) as { id: number }[]
    return new Set(found.map(({ id }) => id))
  }

  setUndone(act: number, isUndone: boolean): void {
    this.#prepared('UPDATE decision_acts SET undone = ? WHERE id = ?').run(Number(isUndone), act)
  }

  forgetUndone(subject: string, turner: Turner): void {
    this.#run(`DELETE ${OWN_ACTS} AND undone = 1`, subject, JSON.stringify(turner))
  }

  revision(subject: string): number {
    const sql = 'SELECT revision FROM decision_subjects WHERE kind = ? AND subject = ?'
    return this.#get<{ revision: number }>(sql, subject)?.revision ?? 0
  }

  nextRevision(subject: string): number {
    return this.#get<{ revision: number }>(
      `INSERT INTO decision_subjects (kind, subject, revision) VALUES (?, ?, 1)
       ON CONFLICT DO UPDATE SET revision = revision + 1 RETURNING revision`,
      subject
    )!.revision
  }

  forget(subject: string): void {
    for (const table of ['decision_acts', 'decisions', 'decision_subjects'])
      this.#run(`DELETE FROM ${table} WHERE kind = ? AND subject = ?`, subject)
  }

  #prepared(sql: string): WorkspaceStatement {
    const known = this.#statements.get(sql)
    if (known) return known
    const prepared = this.database.prepare(sql)
    this.#statements.set(sql, prepared)
    return prepared
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#prepared(sql).run(this.kind, ...values)
  }

  #get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#prepared(sql).get(this.kind, ...values) as Row | undefined
  }

  #rows(sql: string, ...values: unknown[]): DecisionRow[] {
    const found = this.#get<{ rows: string }>(
      `SELECT json_group_array(json_object(${FIELDS})) AS rows FROM (${sql})`,
      ...values
    )
    return JSON.parse(found!.rows) as DecisionRow[]
  }
}
