import type { NewDecision, StandingDecision, Touched } from '@shared/domain/decision'

/** Changes of one act, as they are sent. */
export type Changes = readonly { readonly row: number; readonly decision: NewDecision | null }[]

/** What stands on each row, by the latest news of it, and what is on its way there. */
export class StandingRows {
  readonly #standing = new Map<number, StandingDecision>()
  /** Which revision a row is known by: an answer that was overtaken by later news is no news. */
  readonly #known = new Map<number, number>()
  readonly #pending: Changes[] = []

  take({ touched, decisions }: Touched, revision: number): void {
    const now = new Map(decisions.map((decision) => [decision.row, decision]))
    for (const row of touched) {
      if ((this.#known.get(row) ?? 0) > revision) continue
      this.#known.set(row, revision)
      const decision = now.get(row)
      if (decision) this.#standing.set(row, decision)
      else this.#standing.delete(row)
    }
  }

  await(changes: Changes): void {
    this.#pending.push(changes)
  }

  /** It has been answered, whatever the answer was. */
  settle(changes: Changes): void {
    this.#pending.splice(this.#pending.indexOf(changes), 1)
  }

  /** As if everything on its way had arrived; that has no author yet: by and at are empty. */
  shown(): ReadonlyMap<number, StandingDecision> {
    const shown = new Map(this.#standing)
    for (const changes of this.#pending) {
      for (const { row, decision } of changes) {
        const judged = changes.length === 1 ? { judged: true as const } : {}
        if (decision) shown.set(row, { row, ...decision, by: '', at: '', ...judged })
        else shown.delete(row)
      }
    }
    return shown
  }
}
