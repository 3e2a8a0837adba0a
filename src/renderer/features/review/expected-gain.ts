import { SCORE_SLOPE } from '@shared/domain/prices'
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

/** Log-odds are cut here, where slope and cut are learned: a confidence of exactly 0 or 1 is a rounded one. */
const SURE = 1e-4
/** Probabilities are cut here where they are used: of 60,000 sure labels not even one may come of the cut. */
const SURE_OF_ONE = 1e-7
/** How strongly slope and cut are believed: like so many judged examples. */
const PRIOR_SLOPE = 12
const PRIOR_SHIFT = 6
/** A higher score never makes a label less likely to be right. */
const LEAST_SLOPE = 0.2
const ROUNDS = 200

/**
 * From a combined score to the chance that the label is right, p = sigmoid(a logit(score) + b) (Platt 1999).
 * Without judged examples the run's cut is where right and wrong are even: that is how the run chooses it. Each
 * example that a person judged by itself moves a and b.
 * @param cut score under which the run flags, 0..1
 * @param isProbability whether scores are meant as probabilities: until people judge, they are taken for that
 */
export function calibrate(
  judged: readonly { readonly score: number; readonly right: boolean }[],
  cut: number,
  isProbability = false
): (score: number) => number {
  const expectedSlope = isProbability ? 1 : SCORE_SLOPE
  const expectedShift = isProbability ? 0 : -SCORE_SLOPE * logOdds(cut)
  const points = judged.map(({ score, right }) => ({ x: logOdds(score), y: Number(right) }))
  // Steps against a curvature that is never too small (Boehning and Lindsay 1988): each lowers the loss, from
  // any start.
  const curvature = points.reduce(
    (sum, { x }) => ({ xx: sum.xx + (x * x) / 4, x: sum.x + x / 4, n: sum.n + 1 / 4 }),
    { xx: PRIOR_SLOPE, x: 0, n: PRIOR_SHIFT }
  )
  const determinant = curvature.xx * curvature.n - curvature.x ** 2
  let slope = expectedSlope
  let shift = expectedShift
  for (let i = 0; i < ROUNDS; i++) {
    let bySlope = PRIOR_SLOPE * (slope - expectedSlope)
    let byShift = PRIOR_SHIFT * (shift - expectedShift)
    for (const { x, y } of points) {
      const error = sigmoid(slope * x + shift) - y
      bySlope += error * x
      byShift += error
    }
    const stepSlope = (curvature.n * bySlope - curvature.x * byShift) / determinant
    const stepShift = (curvature.xx * byShift - curvature.x * bySlope) / determinant
    slope = Math.max(LEAST_SLOPE, slope - stepSlope)
    shift -= stepShift
    if (Math.abs(stepSlope) + Math.abs(stepShift) < 1e-6) break
  }
  const sure = isProbability ? SURE_OF_ONE : SURE
  return (score) => sigmoid(slope * logOdds(score, sure) + shift)
}

function logOdds(score: number, sure = SURE): number {
  const p = Math.min(1 - sure, Math.max(sure, score))
  return Math.log(p / (1 - p))
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/**
 * The combined score under which the run flags. Where a weight of the reader's choice flags instead, the run's
 * own rule is followed: half the share of suspects.
 */
export function cutOf({ flagged, combined, threshold }: IssueTable): number {
  const share = flagged.reduce((n, is) => n + Number(is), 0) / Math.max(1, flagged.length)
  const byCombined = flagged.every((is, row) => !is || combined[row]! < threshold || combined[row]! < 1e-3)
  return Math.min(0.6, Math.max(0.01, byCombined ? threshold : share / 2))
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
 * every cut through them. What somebody vouches for is no candidate and counts as right.
 */
export function gainTable(
  table: IssueTable,
  order: Int32Array,
  decisions: Decisions,
  {
    isCandidate = () => true,
    vouched = new Set()
  }: { isCandidate?: (row: number) => boolean; vouched?: ReadonlySet<number> } = {}
): GainTable {
  const rightAt = calibrate(judgedExamples(table, decisions), cutOf(table), table.isProbability)
  const candidates = order.filter(
    (row) =>
      !decisions.has(row) &&
      !vouched.has(row) &&
      table.predicted[row] !== table.given[row] &&
      isCandidate(row)
  )
  const { truth } = table
  const expected = sums(table, decisions, candidates, (row) =>
    vouched.has(row) ? 0 : 1 - rightAt(table.combined[row]!)
  )
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
