import { EventEmitter } from 'node:events'
import { Conflict } from '../../shared/domain/decision'
import type {
  Decision,
  DecisionNews,
  DecisionPage,
  NewDecision,
  StandingDecision,
  Touched
} from '../../shared/domain/decision'
import type { Verdict } from '../../shared/domain/reviewer'
import { DecisionTables } from './decision-tables'
import type { Act, DecisionKind, DecisionRow, RowChange, Turner } from './decision-tables'
import type { WorkspaceDatabase } from './workspace-database'

/** Who reads and decides. */
export interface Reader {
  /** One window, tab or connection. */
  readonly id: string
  /** Who sits there; left out: the user of this process. */
  readonly by?: string | undefined
  /** Readers who look on beside it. What was decided at a window that has left, the same person may undo elsewhere. */
  readonly others: readonly string[]
}

/** How far a reader has been told: up to this row of this revision. */
export interface Cursor {
  readonly revision: number
  readonly row: number
}
export const BEGINNING: Cursor = { revision: 0, row: -1 }

const LAST_ROW = 2 ** 52
/** Everything up to a revision. */
export function endOf(revision: number): Cursor {
  return { revision, row: LAST_ROW }
}

/** What acts alone, and may undo everything. */
const ALONE: Reader = { id: '', others: [] }

/**
 * What people decided, row by row, in the workspace's database. Every act is one transaction that writes the
 * decisions that stand now and, beside them, what each row was before: so nothing decided is lost when the
 * process is killed, and undo and redo have no limit. A new act forgets the acts that its reader has undone.
 *
 * Each act, undo and redo is a revision of its subject, and each row names the revision that changed it last:
 * what changed since a revision is one look into an index. Emits "change" with the subject after each.
 */
export class DecisionLog extends EventEmitter<{ change: [subject: string] }> {
  readonly #tables: DecisionTables
  readonly #user: string
  readonly #kind: DecisionKind

  /** @param user who decides through this process */
  constructor(database: WorkspaceDatabase, kind: DecisionKind, user: string) {
    super()
    this.setMaxListeners(0)
    this.#tables = new DecisionTables(database, kind)
    this.#user = user
    this.#kind = kind
  }

  /** 0 before the first act. */
  revision(subject: string): number {
    return this.#tables.revision(subject)
  }

  /** Whether anything was ever decided on a subject. */
  isUntouched(subject: string): boolean {
    return !this.#tables.hasActs(subject)
  }

  /** Everything that stands, by row. */
  standing(subject: string): StandingDecision[] {
    return this.page(subject, 0, LAST_ROW).decisions
  }

  /** What stands from a row on, at most so many. */
  page(subject: string, from: number, most: number): DecisionPage {
    const rows = this.#tables.standing(subject, from, most + 1)
    return {
      decisions: touchedBy(rows.slice(0, most)).decisions,
      next: rows[most]?.row ?? null
    }
  }

  /** How many decisions stand for each label. */
  countByLabel(subject: string): ReadonlyMap<number, number> {
    return new Map(this.#tables.countByLabel(subject).map(({ label, count }) => [label, count]))
  }

  /** The rows that are decided to bear each label. */
  rowsByLabel(subject: string): readonly { readonly label: number; readonly rows: readonly number[] }[] {
    return this.#tables.rowsByLabel(subject)
  }

  /** What changed after a cursor, at most so many rows, in the order in which it changed. */
  changesAfter(subject: string, after: Cursor, most: number): Touched & { cursor: Cursor; isAll: boolean } {
    // Asked first: what is decided between the two questions is told again, rather than left out.
    const revision = Math.max(this.revision(subject), after.revision)
    const rows = this.#tables.changed(subject, after.revision, after.row, most)
    const last = rows.at(-1)
    const isAll = rows.length < most || !last
    return {
      ...touchedBy(rows),
      cursor: isAll ? endOf(revision) : { revision: last.revision, row: last.row },
      isAll
    }
  }

  /** What undo would take back for a reader, and redo make again. */
  turns(subject: string, reader: Reader = ALONE): { undo: string | null; redo: string | null } {
    const turner = this.#turner(reader)
    return {
      undo: this.#tables.nextSummary(subject, 'undo', turner),
      redo: this.#tables.nextSummary(subject, 'redo', turner)
    }
  }

  /** What each person said of each row by itself, whatever stands now; by row. */
  verdicts(subject: string): Verdict[] {
    return this.#tables.verdicts(subject)
  }

  /**
   * What a subject begins with: one act of nobody's, whose decisions say who made them. Where anything was
   * decided before, nothing changes. It is no revision: readers know of it before it is written.
   */
  begin(subject: string, decisions: readonly StandingDecision[], summary: string): void {
    if (decisions.length === 0) return
    this.#tables.transact(() => {
      if (!this.isUntouched(subject)) return
      const changes = decisions.map(({ row, ...after }): RowChange => ({
        row,
        before: null,
        after,
        act: null
      }))
      const { id } = this.#tables.addAct(subject, ALONE.id, this.#user, summary, changes)
      const rows = decisions.map(({ row, ...decision }) => ({ row, decision, act: id }))
      this.#tables.put(subject, rows, 0, ALONE.id)
    })
  }

  /**
   * One act: all changes are made, and later undone, together. Of two changes of a row the last counts.
   * @param seen the revision that the reader has seen; left out, whatever stands is overwritten
   * @param settles what several people had said was in view
   * @throws Conflict when another reader has decided otherwise on one of the rows since
   */
  decide(
    subject: string,
    changes: readonly { readonly row: number; readonly decision: NewDecision | null }[],
    summary: string,
    reader: Reader = ALONE,
    seen = Infinity,
    settles = false
  ): DecisionNews {
    const wanted = new Map(changes.map(({ row, decision }) => [row, decision]))
    const marks = {
      ...(wanted.size === 1 ? { judged: true as const } : {}),
      ...(settles ? { settled: true as const } : {})
    }
    this.#tables.transact(() => {
      const standing = this.#tables.find(subject, [...wanted.keys()])
      const found = [...wanted].map(([row, decision]) => ({ row, decision, now: standing.get(row) }))
      this.#refuse(
        subject,
        found.filter(
          ({ now, decision }) =>
            now && now.revision > seen && now.reader !== reader.id && !isSame(now, decision)
        )
      )
      this.#tables.forgetUndone(subject, this.#turner(reader))
      const done = found.map(({ row, decision, now }): RowChange => ({
        row,
        before: now ? decisionOf(now) : null,
        after: decision ? { ...decision, ...marks } : this.#left(subject, row, reader, wanted.size),
        act: now?.act ?? null
      }))
      const by = reader.by ?? this.#user
      const act = this.#tables.addAct(subject, reader.id, by, summary, done)
      this.#write(subject, done, 'after', act, reader)
    })
    return this.#news(subject, [...wanted.keys()], reader)
  }

  /**
   * Take the reader's last act back. Where there is none, nothing changes.
   * @param leaveOthers leave alone the rows that another's later act changed
   * @throws Conflict where there are such rows and they are not to be left alone
   */
  undo(subject: string, reader: Reader = ALONE, leaveOthers = false): DecisionNews {
    return this.#turn(subject, 'undo', reader, leaveOthers)
  }

  /** Make the act again that the reader took back last. Where there is none, nothing changes. @throws Conflict */
  redo(subject: string, reader: Reader = ALONE, leaveOthers = false): DecisionNews {
    return this.#turn(subject, 'redo', reader, leaveOthers)
  }

  /** Count a change of the subject that is none of its rows, with what makes it. */
  touch(subject: string, change: () => void): void {
    this.#tables.transact(() => {
      change()
      this.#tables.nextRevision(subject)
    })
    this.emit('change', subject)
  }

  /** Everything about a subject that is gone for good. */
  forget(subject: string): void {
    this.#tables.transact(() => this.#tables.forget(subject))
  }

  #turn(subject: string, turn: 'undo' | 'redo', reader: Reader, leaveOthers: boolean): DecisionNews {
    const touched: number[] = []
    this.#tables.transact(() => {
      const act = this.#tables.nextAct(subject, turn, this.#turner(reader))
      if (!act) return
      const rows = act.changes.map(({ row }) => row)
      const standing = this.#tables.find(subject, rows)
      const found = act.changes.map((change) => {
        const now = standing.get(change.row)
        // The act that the row stands by unless somebody has decided since; unknown in what earlier versions wrote.
        const expected = turn === 'undo' ? act.id : change.act
        const isMine = !now || now.act === null || expected === undefined || now.act === expected
        return { change, row: change.row, now, isMine }
      })
      const others = found.filter(({ isMine }) => !isMine)
      if (!leaveOthers) this.#refuse(subject, others)
      const changes = found.filter(({ isMine }) => isMine).map(({ change }) => change)
      this.#write(subject, changes, turn === 'undo' ? 'before' : 'after', act, reader)
      this.#tables.setUndone(act.id, turn === 'undo')
      touched.push(...changes.map(({ row }) => row))
    })
    return this.#news(subject, touched, reader)
  }

  /**
   * What stands where a person takes a decision of a review back: the last that others said of the example by themselves, where this
   * person had said something too; else nothing.
   */
  #left(subject: string, row: number, reader: Reader, rows: number): Decision | null {
    if (this.#kind !== 'review' || rows > 1 || reader === ALONE) return null
    const by = reader.by ?? this.#user
    const verdicts = this.#tables.verdicts(subject).filter((verdict) => verdict.row === row)
    const [last] = verdicts.filter((verdict) => verdict.by !== by).sort((a, b) => (a.at < b.at ? 1 : -1))
    if (!last || !verdicts.some((verdict) => verdict.by === by)) return null
    const { row: _row, ...decision } = last
    return { ...decision, judged: true }
  }

  #turner(reader: Reader): Turner {
    const { id, others } = reader
    return { id, others, by: reader === ALONE ? null : (reader.by ?? this.#user) }
  }

  #write(
    subject: string,
    changes: readonly RowChange[],
    side: 'before' | 'after',
    { id, by, at }: Act,
    reader: Reader
  ): void {
    // What stood before may have been taken back by who made it, while this act stood above it.
    const standing = this.#tables.standingActs(subject, side === 'before' ? changes : [])
    const rows = changes.map((change) => {
      const isGone = side === 'before' && change.act != null && !standing.has(change.act)
      const decision = isGone ? null : change[side]
      return {
        row: change.row,
        decision: decision && { by, at, ...decision },
        act: side === 'before' ? (change.act ?? null) : id
      }
    })
    this.#tables.put(subject, rows, this.#tables.nextRevision(subject), reader.id)
  }

  /** @throws Conflict when there are rows on which something else stands */
  #refuse(subject: string, rows: readonly { readonly now: DecisionRow | undefined }[]): void {
    const standing = rows.flatMap(({ now }) => now ?? [])
    if (standing.length === 0) return
    throw new Conflict({ revision: this.revision(subject), ...touchedBy(standing) })
  }

  #news(subject: string, rows: readonly number[], reader: Reader): DecisionNews {
    const standing = this.#tables.find(subject, rows)
    const news = {
      revision: this.revision(subject),
      ...touchedBy(rows.map((row) => standing.get(row)!)),
      ...this.turns(subject, reader)
    }
    this.emit('change', subject)
    return news
  }
}

function decisionOf(row: DecisionRow): Decision | null {
  const { action, label, judged, settled, decided_by: by, decided_at: at } = row
  if (action === null) return null
  return {
    action,
    ...(label === null ? {} : { label }),
    ...(judged ? { judged: true as const } : {}),
    ...(settled ? { settled: true as const } : {}),
    by,
    at
  }
}

function touchedBy(rows: readonly DecisionRow[]): Touched {
  return {
    touched: rows.map(({ row }) => row),
    decisions: rows.flatMap((row) => {
      const decision = decisionOf(row)
      return decision ? [{ row: row.row, ...decision }] : []
    })
  }
}

function isSame(now: DecisionRow, decision: NewDecision | null): boolean {
  return now.action === (decision?.action ?? null) && now.label === (decision?.label ?? null)
}
