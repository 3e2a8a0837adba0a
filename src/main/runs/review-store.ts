import type { Review, ReviewChange, ReviewDecision } from '../../shared/domain/review'
import type { WorkspaceDatabase } from './workspace-database'

type Decision = Omit<ReviewDecision, 'row'> | null

/** What an act did to one row. */
interface RowChange {
  readonly row: number
  readonly before: Decision
  readonly after: Decision
}

interface DecisionRow {
  readonly row: number
  readonly action: ReviewDecision['action']
  readonly label: number | null
  readonly judged: number
}

interface ActRow {
  readonly id: number
  readonly summary: string
  readonly changes: string
}

/**
 * Decisions of reviews in the workspace's database. Every act is one transaction that writes the decisions
 * that stand now and, beside them, what each row was before: so nothing decided is lost when the process is
 * killed, and undo and redo have no limit. A new act forgets the acts that were undone before it.
 */
export class ReviewStore {
  readonly #database: WorkspaceDatabase

  constructor(database: WorkspaceDatabase) {
    this.#database = database
  }

  /** @param touched rows that the reader shall be shown */
  get(run: string, touched: readonly number[] = []): Review {
    const decisions = this.#database
      .prepare('SELECT row, action, label, judged FROM review_decisions WHERE run_id = ? ORDER BY row')
      .all(run) as DecisionRow[]
    return {
      run,
      decisions: decisions.map((decision) => ({ row: decision.row, ...decisionOf(decision) })),
      undo: this.#lastDone(run)?.summary ?? null,
      redo: this.#firstUndone(run)?.summary ?? null,
      touched: [...touched]
    }
  }

  /** Whether anything was ever decided on a run. */
  isUntouched(run: string): boolean {
    return this.#database.prepare('SELECT 1 FROM review_acts WHERE run_id = ? LIMIT 1').get(run) === undefined
  }

  /** One act: all changes are made, and later undone, together. Of two changes of a row the last counts. */
  decide(run: string, changes: readonly ReviewChange[], summary: string): Review {
    const wanted = new Map(changes.map(({ row, decision }) => [row, decision]))
    const act = this.#database.transaction(() => {
      const find = this.#database.prepare(
        'SELECT row, action, label, judged FROM review_decisions WHERE run_id = ? AND row = ?'
      )
      const done = [...wanted].map(([row, after]): RowChange => {
        const before = find.get(run, row) as DecisionRow | undefined
        const decision = after && (wanted.size === 1 ? { ...after, judged: true as const } : after)
        return { row, before: before ? decisionOf(before) : null, after: decision }
      })
      this.#write(run, done, 'after')
      this.#database.prepare('DELETE FROM review_acts WHERE run_id = ? AND undone = 1').run(run)
      this.#database
        .prepare('INSERT INTO review_acts (run_id, summary, changes, created_at) VALUES (?, ?, ?, ?)')
        .run(run, summary, JSON.stringify(done), new Date().toISOString())
    })
    act.immediate()
    return this.get(run, [...wanted.keys()])
  }

  /** Take the last act back. Where there is none, nothing changes. */
  undo(run: string): Review {
    return this.#turn(run, () => this.#lastDone(run), 'before')
  }

  /** Make the act again that was taken back last. Where there is none, nothing changes. */
  redo(run: string): Review {
    return this.#turn(run, () => this.#firstUndone(run), 'after')
  }

  #turn(run: string, find: () => ActRow | undefined, side: 'before' | 'after'): Review {
    let touched: number[] = []
    const turn = this.#database.transaction(() => {
      const act = find()
      if (!act) return
      const changes = JSON.parse(act.changes) as RowChange[]
      this.#write(run, changes, side)
      this.#database
        .prepare('UPDATE review_acts SET undone = ? WHERE id = ?')
        .run(side === 'before' ? 1 : 0, act.id)
      touched = changes.map(({ row }) => row)
    })
    turn.immediate()
    return this.get(run, touched)
  }

  #write(run: string, changes: readonly RowChange[], side: 'before' | 'after'): void {
    const remove = this.#database.prepare('DELETE FROM review_decisions WHERE run_id = ? AND row = ?')
    const put = this.#database.prepare(
      'INSERT OR REPLACE INTO review_decisions (run_id, row, action, label, judged) VALUES (?, ?, ?, ?, ?)'
    )
    for (const change of changes) {
      const decision = change[side]
      if (decision)
        put.run(run, change.row, decision.action, decision.label ?? null, Number(decision.judged ?? false))
      else remove.run(run, change.row)
    }
  }

  #lastDone(run: string): ActRow | undefined {
    return this.#database
      .prepare('SELECT * FROM review_acts WHERE run_id = ? AND undone = 0 ORDER BY id DESC LIMIT 1')
      .get(run) as ActRow | undefined
  }

  #firstUndone(run: string): ActRow | undefined {
    return this.#database
      .prepare('SELECT * FROM review_acts WHERE run_id = ? AND undone = 1 ORDER BY id LIMIT 1')
      .get(run) as ActRow | undefined
  }
}

function decisionOf({ action, label, judged }: DecisionRow): NonNullable<Decision> {
  return {
    action,
    ...(label === null ? {} : { label }),
    ...(judged ? { judged: true as const } : {})
  }
}
