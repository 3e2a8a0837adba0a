import { Random } from '../../shared/numerics/random'
import { sigmoid } from './log-odds'

/** How many labels are wrong, with a 90 % interval. */
export interface ErrorCount {
  readonly expected: number
  readonly low: number
  readonly high: number
}

/** Wrong labels among those flagged, among the others, and in all. */
export interface ExpectedErrors {
  readonly flagged: ErrorCount
  readonly kept: ErrorCount
  readonly all: ErrorCount
}

/**
 * Standard deviations of what all log odds may be off by together: such that the intervals hold
 * (docs/experiments.md, "Wrong labels: counts").
 */
const SHARED_ERROR = { flagged: 1.2, kept: 1, all: 1 }
/** The same where no trusted example says what right labels look like. */
const UNANCHORED_ERROR = { flagged: 1.9, kept: 1.2, all: 1.6 }
/**
 * Where the opinions explain next to nothing of the labels, these are noisy or the classes overlap: nobody can tell which,
 * and there may be far more wrong labels than are seen. So many times farther up does the interval then reach; and the share
 * explained in which that falls to 1/e.
 */
const UNEXPLAINED = { times: 2, share: 0.03 }
/**
 * Probabilities are likelier too high than too low, the more so the fewer examples there are: so much farther do they reach
 * down (tests/engine/evidence/interval-coverage.numerics.test.ts).
 */
const DOWNWARD = 2.2
const DRAWS = 400
const ROUNDING = 1e-4
/** Shifts that sums are made for, in standard deviations: others take the nearest one's. */
const LARGEST_SHIFT = 3
const STEPS = 20
/** Ends of a 90 % interval. */
const ENDS = [0.05, 0.95] as const

/** What is known of the labels beside their log odds. */
export interface Grounds {
  /** Whether there are trusted examples. */
  readonly isAnchored: boolean
  /** Share of what the labels' frequencies leave open that the opinions explain. */
  readonly explained: number
}

/** How many times farther than the shared error a draw reaches, down and up. */
interface Reach {
  readonly downward: number
  readonly upward: number
}

/**
 * How many labels are wrong among those flagged, among the others and in all, with 90 % intervals. Labels are not
 * independent: where one probability is too high, so are the others. So every draw moves all log odds alike before it
 * counts.
 * @param logOdds that labels are wrong, largest first
 * @param flags how many of them, the first ones, are flagged
 */
export function expectedErrors(
  logOdds: Float64Array,
  flags: number,
  seed: number,
  { isAnchored, explained }: Grounds
): ExpectedErrors {
  const random = Random.derive(seed, 'expected errors')
  const error = isAnchored ? SHARED_ERROR : UNANCHORED_ERROR
  const reach = {
    downward: isAnchored ? DOWNWARD : 1,
    upward: 1 + UNEXPLAINED.times * Math.exp(-Math.max(0, explained) / UNEXPLAINED.share)
  }
  return {
    flagged: wrongOnes(logOdds.subarray(0, flags), error.flagged, reach, random),
    kept: wrongOnes(logOdds.subarray(flags), error.kept, reach, random),
    all: wrongOnes(logOdds, error.all, reach, random)
  }
}

function wrongOnes(logOdds: Float64Array, sharedError: number, reach: Reach, random: Random): ErrorCount {
  const byShift = sums(logOdds, sharedError, reach)
  const draws = Array.from({ length: DRAWS }, () => {
    const shift = Math.min(LARGEST_SHIFT, Math.max(-LARGEST_SHIFT, random.normal()))
    const { mean, variance } = byShift[Math.round((shift + LARGEST_SHIFT) * STEPS)]!
    return Math.min(logOdds.length, Math.max(0, mean + Math.sqrt(variance) * random.normal()))
  }).sort((a, b) => a - b)
  const at = (share: number): number => draws[Math.round(share * (DRAWS - 1))]!
  const expected = byShift[LARGEST_SHIFT * STEPS]!.mean
  return {
    expected,
    // Of what is as good as certain, rounding makes no doubt.
    low: Math.floor(Math.min(at(ENDS[0]), expected) + ROUNDING),
    high: Math.max(0, Math.ceil(Math.max(at(ENDS[1]), expected) - ROUNDING))
  }
}

interface Sums {
  readonly mean: number
  readonly variance: number
}

/** Of how many are wrong (a Poisson binomial number), by shift. */
function sums(logOdds: Float64Array, sharedError: number, { downward, upward }: Reach): Sums[] {
  return Array.from({ length: 2 * LARGEST_SHIFT * STEPS + 1 }, (_, step) => {
    const deviations = step / STEPS - LARGEST_SHIFT
    const shift = sharedError * deviations * (deviations < 0 ? downward : upward)
    let mean = 0
    let variance = 0
    for (const odds of logOdds) {
      const p = sigmoid(odds + shift)
      mean += p
      variance += p * (1 - p)
    }
    return { mean, variance }
  })
}
