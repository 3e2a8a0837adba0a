import { job as jobSchema } from '../../shared/domain/job'
import type { Job } from '../../shared/domain/job'
import type { WorkspaceDatabase } from './workspace-database'

/** Imports and exports as the workspace remembers them: what was asked for, and how it ended. */
export class JobTable {
  constructor(private readonly database: WorkspaceDatabase) {}

  /** Oldest first; a record that a later version wrote otherwise is left out. */
  load(): Job[] {
    const rows = this.database.prepare('SELECT record FROM jobs ORDER BY place').all() as {
      record: string
    }[]
    return rows.flatMap(({ record }) => jobSchema.safeParse(parsed(record)).data ?? [])
  }

  /** Insert or replace. */
  save(job: Job): void {
    this.database
      .prepare(
        `INSERT INTO jobs (id, place, record)
         VALUES (?, (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs), ?)
         ON CONFLICT (id) DO UPDATE SET record = excluded.record`
      )
      .run(job.id, JSON.stringify(job))
  }

  remove(id: string): void {
    this.database.prepare('DELETE FROM jobs WHERE id = ?').run(id)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
