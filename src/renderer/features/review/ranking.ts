import { COMBINED, EVIDENCE } from '@shared/domain/evidence'
import type { EvidenceId } from '@shared/domain/evidence'
import type { IssueTable, ReviewDecision } from '@shared/domain/review'

/** By what the most suspicious examples come first. */
export type Ranking = typeof COMBINED.id | EvidenceId | 'disagreement'

/** The rankings that a run has, with their titles. */
export function rankingsOf(table: IssueTable): { name: Ranking; text: string }[] {
  const kinds = evidenceOf(table).map(({ id, title }) => ({ name: id, text: title }))
  return [
    { name: COMBINED.id, text: COMBINED.title },
    ...kinds.slice(0, 1),
    { name: 'disagreement', text: 'Disagreement' },
    ...kinds.slice(1)
  ]
}

/** Which examples are listed. */
export type Show = 'flagged' | 'undecided' | 'decided' | 'telling' | 'part' | 'disputed' | 'all'

/** Given class to suggested class. */
export interface ClassPair {
  readonly given: number
  readonly suggested: number
}

export type Decisions = ReadonlyMap<number, ReviewDecision>

/** The kinds of evidence that a run has on each given label; one that says what all together say is none of its own. */
export function evidenceOf(table: IssueTable) {
  return EVIDENCE.flatMap(({ id, title, text }) => {
    const scores = table[id]
    const isOwn = scores?.some((score, row) => score !== table.combined[row])
    return scores && isOwn ? [{ id, title, text, scores }] : []
  })
}

/** How far apart the evidences on one example are, 0..1. */
export function disagreement(table: IssueTable, row: number): number {
  const values = [COMBINED, ...EVIDENCE].flatMap(({ id }) => table[id]?.[row] ?? [])
  return Math.max(...values) - Math.min(...values)
}

/** All rows, the most suspicious first; ties in the order of the data. */
export function orderBy(table: IssueTable, ranking: Ranking): Int32Array {
  const key = keysOf(table, ranking)
  return Int32Array.from(key.keys()).sort((a, b) => key[a]! - key[b]! || a - b)
}

function keysOf(table: IssueTable, ranking: Ranking): Float64Array {
  if (ranking === 'disagreement') {
    return Float64Array.from(table.given, (_, row) => -disagreement(table, row))
  }
  return Float64Array.from(table[ranking] ?? table.combined)
}

/** The decisions of the review, and those of the trust page; of two on one example the later one stands. */
export function withVouched(decisions: Decisions, vouched: readonly ReviewDecision[] = []): Decisions {
  const all = new Map(decisions)
  for (const mark of vouched) {
    const decision = all.get(mark.row)
    // One that is on its way has no time yet: it is the latest.
    if (!decision || (decision.at !== '' && decision.at < mark.at)) all.set(mark.row, mark)
  }
  return all
}

/** Rows to list, in the order given. */
export function rowsToShow(
  table: IssueTable,
  order: Int32Array,
  show: Show,
  pair: ClassPair | null,
  decisions: Decisions
): Int32Array {
  return order.filter((row) => {
    if (pair && (table.given[row] !== pair.given || table.predicted[row] !== pair.suggested)) return false
    if (show === 'all' || show === 'part' || show === 'disputed') return true
    if (show === 'decided') return decisions.has(row)
    return table.flagged[row]! && (show === 'flagged' || !decisions.has(row))
  })
}

/** How many flagged examples there are of each class pair: [given][suggested]. */
export function pairCounts(table: IssueTable): number[][] {
  const counts = table.classNames.map(() => table.classNames.map(() => 0))
  table.flagged.forEach((flagged, row) => {
    if (flagged) counts[table.given[row]!]![table.predicted[row]!]! += 1
  })
  return counts
}

/** Flagged rows, and how many of them are decided. */
export function progressOf(table: IssueTable, decisions: Decisions): { flagged: number; decided: number } {
  let flagged = 0
  let decided = 0
  table.flagged.forEach((is, row) => {
    if (!is) return
    flagged++
    if (decisions.has(row)) decided++
  })
  return { flagged, decided }
}
