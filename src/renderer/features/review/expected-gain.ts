import type { IssueTable } from '@shared/domain/review'
import type { Decisions } from './ranking'

/** What taking the most suspicious examples would do, before it is done. Expectations, not counts. */
export interface Gain {
  readonly taken: number
  /** Wrong labels among those taken. */
  readonly wrongTaken: number
  /** Examples that stay. */
  readonly left: number
  /** Wrong labels among those that stay. */
  readonly wrongLeft: number
}

/** Gain for every possible cut: entry n for the first n candidates. */
export interface GainTable {
  readonly candidates: Int32Array
  at(count: number): Gain
  /** The same by the true labels, where they are known. */
  known(count: number): Gain | null
}

/** Log-odds are cut here: a confidence of exactly 0 or 1 is a rounded one. */
const SURE = 1e-4
/** How strongly the scores are believed as they are: like so many judged examples. */
const PRIOR_SLOPE = 4
const PRIOR_SHIFT = 1

/**
 * From a combined score to the chance that the label is right, p = sigmoid(a logit(score) + b) (Platt 1999).
 * Without judged examples a = 1 and b = 0: the score is taken at its word. Each example that a person judged by
 * itself moves a and b.
 */
export function calibrate(
  judged: readonly { readonly score: number; readonly right: boolean }[]
): (score: number) => number {
  let slope = 1
  let shift = 0
  // Newton's method on the penalised log-loss; convex in two variables, so a few steps suffice.
  for (let i = 0; i < 25; i++) {
    let gradientSlope = PRIOR_SLOPE * (slope - 1)
    let gradientShift = PRIOR_SHIFT * shift
    let slopeSlope = PRIOR_SLOPE
    let slopeShift = 0
    let shiftShift = PRIOR_SHIFT
    for (const { score, right } of judged) {
      const x = logOdds(score)
      const p = sigmoid(slope * x + shift)
      const error = p - Number(right)
      const curvature = p * (1 - p)
      gradientSlope += error * x
      gradientShift += error
      slopeSlope += curvature * x * x
      slopeShift += curvature * x
      shiftShift += curvature
    }
    const determinant = slopeSlope * shiftShift - slopeShift * slopeShift
    const stepSlope = (shiftShift * gradientSlope - slopeShift * gradientShift) / determinant
    const stepShift = (slopeSlope * gradientShift - slopeShift * gradientSlope) / determinant
    // Damped: far from the solution a full step may overshoot.
    const damping = Math.min(1, 2 / Math.max(1e-9, Math.abs(stepSlope), Math.abs(stepShift)))
    slope -= damping * stepSlope
    shift -= damping * stepShift
    if (Math.abs(stepSlope) + Math.abs(stepShift) < 1e-9) break
  }
  return (score) => sigmoid(slope * logOdds(score) + shift)
}

function logOdds(score: number): number {
  const p = Math.min(1 - SURE, Math.max(SURE, score))
  return Math.log(p / (1 - p))
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Examples judged one by one, for {@link calibrate}. */
export function judgedExamples(table: IssueTable, decisions: Decisions): { score: number; right: boolean }[] {
  return [...decisions.values()]
    .filter(({ judged }) => judged)
    .map(({ row, action, label }) => ({
      score: table.combined[row]!,
      right: action === 'keep' || (action === 'relabel' && label === table.given[row])
    }))
}

/**
 * Candidates are undecided examples whose label the classifiers contradict, in the order given; the gain of
 * every cut through them.
 */
export function gainTable(
  table: IssueTable,
  order: Int32Array,
  decisions: Decisions,
  isCandidate: (row: number) => boolean = () => true
): GainTable {
  const rightAt = calibrate(judgedExamples(table, decisions))
  const candidates = order.filter(
    (row) => !decisions.has(row) && table.predicted[row] !== table.given[row] && isCandidate(row)
  )
  const { truth } = table
  const expected = sums(table, decisions, candidates, (row) => 1 - rightAt(table.combined[row]!))
  const real = truth && sums(table, decisions, candidates, (row) => Number(truth[row] !== table.given[row]))
  return { candidates, at: expected, known: (count) => real?.(count) ?? null }
}

/** Prefix sums over the candidates, so that a slider asks in no time. */
function sums(
  table: IssueTable,
  decisions: Decisions,
  candidates: Int32Array,
  wrongness: (row: number) => number
): (count: number) => Gain {
  let staying = 0
  let wrong = 0
  for (let row = 0; row < table.given.length; row++) {
    const decision = decisions.get(row)
    if (decision?.action === 'drop') continue
    staying++
    // What somebody decided counts as right from now on.
    if (!decision) wrong += wrongness(row)
  }
  const prefix = new Float64Array(candidates.length + 1)
  candidates.forEach((row, i) => (prefix[i + 1] = prefix[i]! + wrongness(row)))
  return (count) => {
    const taken = Math.min(count, candidates.length)
    const wrongTaken = prefix[taken]!
    return { taken, wrongTaken, left: staying - taken, wrongLeft: Math.max(0, wrong - wrongTaken) }
  }
}
