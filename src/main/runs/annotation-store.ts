import { EventEmitter } from 'node:events'
import type { Annotations } from '../../shared/domain/annotation'
import type { WorkspaceDatabase } from './workspace-database'

/** What people wrote on one example. */
export interface WrittenOn {
  readonly tags: readonly string[]
  /** Empty where there is none. */
  readonly note: string
}

/**
 * Tags and notes on the examples of datasets, and questions that are asked again by a name; by id of the dataset. Emits
 * "change" with the dataset after each.
 */
export class AnnotationStore extends EventEmitter<{ change: [dataset: string] }> {
  readonly #database: WorkspaceDatabase
  readonly #user: string

  /** @param user who writes through this process */
  constructor(database: WorkspaceDatabase, user: string) {
    super()
    this.setMaxListeners(0)
    this.#database = database
    this.#user = user
  }

  /** Differs from before when another process has written to the workspace. */
  version(): number {
    const [{ data_version: version }] = this.#database.pragma('data_version') as [{ data_version: number }]
    return version
  }

  of(dataset: string): Annotations {
    const tags = new Map<string, number[]>()
    for (const { tag, row } of this.#tagged(dataset)) {
      const rows = tags.get(tag)
      if (rows) rows.push(row)
      else tags.set(tag, [row])
    }
    return {
      tags: [...tags].map(([tag, rows]) => ({ tag, rows })),
      notes: this.#notes(dataset),
      questions: this.#database
        .prepare('SELECT name, question AS "where" FROM saved_questions WHERE dataset = ? ORDER BY name')
        .all(dataset) as Annotations['questions']
    }
  }

  /** By row; nothing of examples without any. */
  byRow(dataset: string): ReadonlyMap<number, WrittenOn> {
    const notes = new Map(this.#notes(dataset).map(({ row, note }) => [row, note]))
    const tags = new Map<number, string[]>()
    for (const { tag, row } of this.#tagged(dataset)) {
      const those = tags.get(row)
      if (those) those.push(tag)
      else tags.set(row, [tag])
    }
    const rows = new Set([...notes.keys(), ...tags.keys()])
    return new Map(
      Array.from(rows, (row) => [row, { tags: tags.get(row) ?? [], note: notes.get(row) ?? '' }])
    )
  }

  /** Each tag of each example, by tag and row. */
  #tagged(dataset: string): { readonly row: number; readonly tag: string }[] {
    return this.#database
      .prepare('SELECT tag, row FROM example_tags WHERE dataset = ? ORDER BY tag COLLATE NOCASE, tag, row')
      .all(dataset) as { row: number; tag: string }[]
  }

  #notes(dataset: string): Annotations['notes'] {
    return this.#database
      .prepare(
        'SELECT row, note, noted_by AS "by", noted_at AS "at" FROM example_notes WHERE dataset = ? ORDER BY row'
      )
      .all(dataset) as Annotations['notes']
  }

  /** Put tags on examples and take others from them, all or nothing; counts what was not so before. */
  retag(
    dataset: string,
    rows: readonly number[],
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
    by = this.#user
  ): { added: number; removed: number } {
    const at = new Date().toISOString()
    const put = this.#database.prepare('INSERT OR IGNORE INTO example_tags VALUES (?, ?, ?, ?, ?)')
    const take = this.#database.prepare('DELETE FROM example_tags WHERE dataset = ? AND tag = ? AND row = ?')
    const counts = { added: 0, removed: 0 }
    this.#database.transaction(() => {
      for (const row of rows) {
        for (const tag of change.remove) counts.removed += take.run(dataset, tag, row).changes
        for (const tag of change.add) counts.added += put.run(dataset, tag, row, by, at).changes
      }
    })()
    this.emit('change', dataset)
    return counts
  }

  /** An empty note takes it away. */
  note(dataset: string, row: number, note: string, by = this.#user): void {
    if (note === '')
      this.#database.prepare('DELETE FROM example_notes WHERE dataset = ? AND row = ?').run(dataset, row)
    else
      this.#database
        .prepare('INSERT OR REPLACE INTO example_notes VALUES (?, ?, ?, ?, ?)')
        .run(dataset, row, note, by, new Date().toISOString())
    this.emit('change', dataset)
  }

  /** @param where null forgets it */
  saveQuestion(dataset: string, name: string, where: string | null): void {
    if (where === null)
      this.#database.prepare('DELETE FROM saved_questions WHERE dataset = ? AND name = ?').run(dataset, name)
    else
      this.#database
        .prepare('INSERT OR REPLACE INTO saved_questions VALUES (?, ?, ?)')
        .run(dataset, name, where)
    this.emit('change', dataset)
  }

  /** Everything on a dataset that is gone for good. */
  forget(dataset: string): void {
    for (const table of ['example_tags', 'example_notes', 'saved_questions'])
      this.#database.prepare(`DELETE FROM ${table} WHERE dataset = ?`).run(dataset)
  }
}
