import { Failure } from '../../shared/domain/failure'
import { sweepRecord } from '../../shared/domain/sweep'
import type { SweepRecord } from '../../shared/domain/sweep'
import type { WorkspaceDatabase } from './workspace-database'

interface SweepRow {
  id: string
  name: string
  axes: string
  created_at: string
}

/** Sweeps as the workspace remembers them; the runs say which they belong to. */
export class SweepStore {
  constructor(private readonly database: WorkspaceDatabase) {}

  /** Record a sweep and, in the same transaction, its runs: all of them or none. */
  create<Made>(sweep: SweepRecord, createRuns: () => Made): Made {
    return this.database.transaction(() => {
      this.database
        .prepare('INSERT INTO sweeps (id, name, axes, created_at) VALUES (?, ?, ?, ?)')
        .run(sweep.id, sweep.name, JSON.stringify(sweep.axes), sweep.createdAt)
      return createRuns()
    })()
  }

  /** Those with runs, newest first. */
  list(): SweepRecord[] {
    const rows = this.database
      .prepare(
        `SELECT * FROM sweeps WHERE EXISTS (SELECT 1 FROM runs WHERE sweep = sweeps.id AND removed_at IS NULL)
         ORDER BY created_at DESC`
      )
      .all() as SweepRow[]
    return rows.map(recordOf)
  }

  /** @throws Failure not-found */
  get(id: string): SweepRecord {
    const row = this.database.prepare('SELECT * FROM sweeps WHERE id = ?').get(id) as SweepRow | undefined
    if (!row) throw new Failure('not-found', `There is no sweep "${id}".`, 'See "bilevel sweeps list".')
    return recordOf(row)
  }
}

function recordOf({ id, name, axes, created_at }: SweepRow): SweepRecord {
  return sweepRecord.parse({ id, name, axes: JSON.parse(axes), createdAt: created_at })
}
