import type { StandingDecision } from '../../shared/domain/decision'
import type { TrustedMark, VouchedLabel } from '../../shared/domain/trusted-set'
import { AnnotationStore } from './annotation-store'
import { DecisionLog } from './decision-log'
import type { WorkspaceDatabase } from './workspace-database'

/** What people say of the datasets: labels that they vouch for, as decisions, or another reference instead; tags, notes. */
export class TrustStore {
  readonly log: DecisionLog
  /** Which examples of a dataset are left out, or kept though something was found, by id of the dataset. */
  readonly exclusions: DecisionLog
  readonly annotations: AnnotationStore
  readonly #database: WorkspaceDatabase
  readonly #user: string
  /** The marks asked for last, by dataset, while no act has changed them. */
  readonly #known = new Map<string, { revision: number; marks: readonly VouchedLabel[] }>()

  constructor(database: WorkspaceDatabase, user: string) {
    this.log = new DecisionLog(database, 'trust', user)
    this.exclusions = new DecisionLog(database, 'exclusion', user)
    this.annotations = new AnnotationStore(database, user)
    this.#database = database
    this.#user = user
  }

  /** Labels that somebody vouches for, by row. */
  marksOf(dataset: string): readonly VouchedLabel[] {
    const revision = this.log.revision(dataset)
    const known = this.#known.get(dataset)
    if (known?.revision === revision) return known.marks
    const marks = this.log
      .standing(dataset)
      .map(({ row, label, by, at }): VouchedLabel => ({ row, label: label!, by, at }))
    this.#known.set(dataset, { revision, marks })
    return marks
  }

  /** Examples that somebody decided to leave out. */
  excludedFrom(dataset: string): readonly StandingDecision[] {
    return this.exclusions.standing(dataset).filter(({ action }) => action === 'drop')
  }

  /** What is trusted instead of the marks; null: the marks. */
  referenceOf(dataset: string): string | null {
    const found = this.#database
      .prepare('SELECT reference FROM trust_references WHERE dataset = ?')
      .get(dataset) as { reference: string } | undefined
    return found?.reference ?? null
  }

  setReference(dataset: string, reference: string | null): void {
    this.log.touch(dataset, () => {
      if (reference === null)
        this.#database.prepare('DELETE FROM trust_references WHERE dataset = ?').run(dataset)
      else
        this.#database
          .prepare('INSERT OR REPLACE INTO trust_references VALUES (?, ?, ?, ?)')
          .run(dataset, reference, this.#user, new Date().toISOString())
    })
  }

  /** Take over marks that an earlier version kept elsewhere, for rows on which nothing was decided. */
  adopt(
    dataset: string,
    kept: { readonly marks: readonly TrustedMark[]; readonly reference: string | null }
  ): void {
    const decided = new Set(this.log.standing(dataset).map(({ row }) => row))
    const changes = kept.marks
      .filter(({ row }) => !decided.has(row))
      .map(({ row, label }) => ({ row, decision: { action: 'relabel' as const, label } }))
    if (changes.length > 0)
      this.log.decide(dataset, changes, `take over ${changes.length} marks of an earlier version`)
    if (kept.reference !== null && this.referenceOf(dataset) === null)
      this.setReference(dataset, kept.reference)
  }

  /** Everything about a dataset that is gone for good. */
  forget(dataset: string): void {
    this.#database.transaction(() => {
      this.log.forget(dataset)
      this.exclusions.forget(dataset)
      this.annotations.forget(dataset)
      this.#database.prepare('DELETE FROM trust_references WHERE dataset = ?').run(dataset)
    })()
    this.#known.delete(dataset)
  }
}
