import type { DecisionLog } from './decision-log'
import type { WorkspaceDatabase } from './workspace-database'

/** Rows that were given to one person, ascending. */
export interface Part {
  readonly name: string
  readonly rows: readonly number[]
}

/** Who was given which examples of a run to review. Whoever looks on hears of a change as of a decision. */
export class ReviewParts {
  readonly #database: WorkspaceDatabase
  readonly #reviews: DecisionLog

  constructor(database: WorkspaceDatabase, reviews: DecisionLog) {
    this.#database = database
    this.#reviews = reviews
  }

  /** By name. */
  of(run: string): Part[] {
    const found = this.#database
      .prepare(
        `SELECT person, json_group_array(row) AS rows FROM
         (SELECT person, row FROM review_parts WHERE run = ? ORDER BY person, row) GROUP BY person`
      )
      .all(run) as { person: string; rows: string }[]
    return found.map(({ person, rows }) => ({ name: person, rows: JSON.parse(rows) as number[] }))
  }

  /** @returns how many were new to each */
  give(run: string, parts: readonly Part[], by: string): { name: string; examples: number }[] {
    const given: { name: string; examples: number }[] = []
    this.#reviews.touch(run, () => {
      const put = this.#database.prepare(
        `INSERT OR IGNORE INTO review_parts (run, person, row, assigned_by, assigned_at)
         SELECT ?, ?, value, ?, ? FROM json_each(?)`
      )
      const at = new Date().toISOString()
      for (const { name, rows } of parts) {
        const { changes } = put.run(run, name, by, at, JSON.stringify(rows))
        given.push({ name, examples: changes })
      }
    })
    return given
  }

  /** @returns how many were taken back */
  take(run: string, name: string): number {
    let taken = 0
    this.#reviews.touch(run, () => {
      taken = this.#database
        .prepare('DELETE FROM review_parts WHERE run = ? AND person = ?')
        .run(run, name).changes
    })
    return taken
  }
}
