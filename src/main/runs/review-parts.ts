import type { DecisionLog } from './decision-log'
import type { WorkspaceDatabase } from './workspace-database'

/** Rows that were given to one person, ascending. */
export interface Part {
  readonly name: string
  readonly rows: readonly number[]
}

/** Who was given which examples of a run to review. Whoever looks on hears of a change as of a decision. */
export class ReviewParts {
  constructor(
    private readonly database: WorkspaceDatabase,
    private readonly reviews: DecisionLog
  ) {}

  /** By name. */
  of(run: string): Part[] {
    const found = this.database
      .prepare(
        `SELECT person, json_group_array(row) AS rows FROM
         (SELECT person, row FROM review_parts WHERE run = ? ORDER BY person, row) GROUP BY person`
      )
      .all(run) as { person: string; rows: string }[]
    return found.map(({ person, rows }) => ({ name: person, rows: JSON.parse(rows) as number[] }))
  }

  /** @returns those that were new to each */
  give(run: string, parts: readonly Part[], by: string): Part[] {
    const given: Part[] = []
    this.reviews.touch(run, () => {
      const put = this.database.prepare(
        `INSERT OR IGNORE INTO review_parts (run, person, row, assigned_by, assigned_at)
         SELECT ?, ?, value, ?, ? FROM json_each(?) WHERE true RETURNING row`
      )
      const at = new Date().toISOString()
      for (const { name, rows } of parts) {
        given.push({ name, rows: rowsOf(put.all(run, name, by, at, JSON.stringify(rows))) })
      }
    })
    return given
  }

  /**
   * @param rows those that are taken back; all of them where left out
   * @returns those that were
   */
  take(run: string, name: string, rows?: readonly number[]): readonly number[] {
    let taken: readonly number[] = []
    const among = rows ? 'AND row IN (SELECT value FROM json_each(?))' : ''
    this.reviews.touch(run, () => {
      const remove = this.database.prepare(
        `DELETE FROM review_parts WHERE run = ? AND person = ? ${among} RETURNING row`
      )
      taken = rowsOf(remove.all(run, name, ...(rows ? [JSON.stringify(rows)] : [])))
    })
    return taken
  }
}

function rowsOf(found: readonly unknown[]): number[] {
  return (found as readonly { row: number }[]).map(({ row }) => row).sort((a, b) => a - b)
}
