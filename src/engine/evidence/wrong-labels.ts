import { knownClasses } from '../../shared/numerics/known-classes'
import { Random } from '../../shared/numerics/random'
import { chanceOfErrors } from './any-wrong'
import { fitChannel, fitFreeChannel, fitSymmetric, rowsOf, trueClass } from './channel'
import type { Channel, ChannelData, ChannelPrior } from './channel'
import { ofBoth, sigmoid } from './log-odds'
import { trustedErrors } from './trusted-errors'
import type { TrustedErrors } from './trusted-errors'

/** Rows that the channels are fitted on, unless there are too many classes: they have few parameters. */
const FITTED_ROWS = 8000
const FITTED_ENTRIES = 80_000
/** The probabilities that count: a classifier that is sure may be wrong. */
const LEAST = 1e-6
/** How much the channel counts in which every error is alike: it ranks best where the others are misled. */
const SYMMETRIC_SHARE = 0.5
/** From here on it misses errors rather: free rates find so many times as many (logarithm); how steeply. */
const MISSED = { times: Math.log(1.6), steepness: 8 }
/**
 * And they explain all labels so much better (log likelihood): so much for each rate that they have more, never more than
 * the most; how steeply, in leads.
 */
const LEAD = { ofRate: 5, most: 40, steepness: 8 }
/** Where the opinions explain less of the labels than this share (McFadden's R²), the most is asked; how steeply. */
const EXPLAINED = { least: 0.15, steepness: 60 }
/** Where they explain less than this, free rates follow what they do not know and are not believed at all; how steeply. */
const FREE = { explained: 0.08, steepness: 60 }

export interface Belief {
  /** Log odds that the label is wrong. */
  readonly logOdds: number
  /** The likeliest class other than the label. */
  readonly alternative: number
  /** The likeliest class when the label is left out of account. */
  readonly likeliest: number
}

/**
 * Opinions on the true class as one probability that a label is wrong. Three channels are fitted: one in which
 * every error is alike, one with rates from class to class near a common one, and one whose rates are free. The first
 * counts half, less where it plainly misses errors that come from class to class; of the other half the freer ones have as much as the given labels speak for them: z is the gain in log
 * likelihood a row over the first, in standard errors.
 */
export class LabelBeliefs {
  readonly #data: ChannelData
  readonly #parts: readonly { channel: Channel; share: number }[]
  /**
   * Probability that there are wrong labels at all: where classes overlap, a channel without errors may say as well what
   * labels are given.
   */
  readonly anyWrong: number
  /** Share of what the labels' frequencies leave open that the opinions explain (McFadden's R²). */
  readonly explained: number
  /** Whether labels trusted from the start look wrong themselves; undefined where they do not. */
  readonly trustedErrors: TrustedErrors | undefined
  readonly #q: Float64Array
  readonly #others: Float64Array
  readonly #plain: Float64Array

  /**
   * @param opinions probabilities of classifiers that have not seen the row's label, each row-major [rows, classes]
   * @param doubtful rows from here on are trusted
   * @param options isRough: only the channel in which every error is alike, for a first look; judged: see ChannelData;
   * doubts: what a first look says of the trusted labels, which stands where it is plain
   */
  constructor(
    opinions: readonly Float32Array[],
    labels: Int32Array,
    classes: number,
    doubtful: number,
    seed: number,
    {
      isRough = false,
      judged,
      doubts
    }: { isRough?: boolean; judged?: Int32Array; doubts?: TrustedErrors } = {}
  ) {
    this.#data = {
      opinions: opinions.map(logarithms),
      labels,
      classes,
      doubtful,
      judged,
      known: knownClasses(labels.subarray(doubtful), labels.subarray(0, doubtful), classes)
    }
    const asGiven = sampled(this.#data, seed)
    this.trustedErrors = doubts?.isPlain ? doubts : trustedErrors(asGiven)
    const fitted = {
      ...asGiven,
      trustedErrors: this.trustedErrors?.isPlain ? this.trustedErrors.share : undefined
    }
    const symmetric = fitSymmetric(fitted)
    const likelihoods = logLikelihoods(fitted, symmetric)
    this.explained = explainedShare(fitted, likelihoods)
    this.#parts = isRough
      ? [{ channel: symmetric, share: 1 }]
      : fitParts(fitted, symmetric, likelihoods, this.explained)
    this.anyWrong = isRough
      ? 1
      : chanceOfErrors(
          fitted,
          this.#parts.map(({ channel }) => channel)
        )
    this.#q = new Float64Array(classes)
    this.#others = new Float64Array(classes)
    this.#plain = new Float64Array(classes)
  }

  /** What is believed of a row's label, or of another one in its place. */
  of(row: number, label = this.#data.labels[row]!): Belief {
    const { classes, opinions } = this.#data
    const others = this.#others.fill(0)
    const plain = this.#plain.fill(0)
    const q = this.#q
    let logOdds = 0
    for (const { channel, share } of this.#parts) {
      trueClass(opinions, channel, row, q)
      let wrong = 0
      for (let k = 0; k < classes; k++) {
        const joint = q[k]! * channel.transition[k * classes + label]!
        plain[k]! += share * q[k]!
        if (k === label) continue
        wrong += joint
        others[k]! += share * joint
      }
      const right = q[label]! * channel.transition[label * classes + label]!
      logOdds += share * (Math.log(Math.max(wrong, 1e-300)) - Math.log(Math.max(right, 1e-300)))
    }
    others[label] = -1
    logOdds = ofBoth(logOdds, this.anyWrong)
    return { logOdds, alternative: largest(others), likeliest: largest(plain) }
  }

  /** Log odds that each doubtful label is wrong. */
  logOdds(): Float64Array {
    return Float64Array.from({ length: this.#data.doubtful }, (_, row) => this.of(row).logOdds)
  }
}

/** @param base log likelihoods of the doubtful labels under the symmetric channel @param explained by it */
function fitParts(
  data: ChannelData,
  symmetric: Channel,
  base: Float64Array,
  explained: number
): { channel: Channel; share: number }[] {
  const rows = data.doubtful
  const near: ChannelPrior = {
    pull: 10,
    uniform: false,
    // The first channel's rate stands for a fifth of the rows.
    wrong: 0.2 * rows * symmetric.rate,
    right: 0.2 * rows * (1 - symmetric.rate)
  }
  const classwise = fitChannel(data, near, symmetric)
  const free = fitFreeChannel(data, { pull: 10, uniform: false, wrong: 1, right: 9 }, symmetric)
  const nearGate = sigmoid(1.5 * (gain(logLikelihoods(data, classwise), base) - 1))
  const freeGate =
    sigmoid(FREE.steepness * (explained - FREE.explained)) *
    sigmoid(3 * (gain(logLikelihoods(data, free), base) - 2))
  const symmetricShare = SYMMETRIC_SHARE * (1 - chanceOfMissing(symmetric, free, explained))
  const gated = 1 - symmetricShare
  return [
    { channel: free, share: gated * freeGate },
    { channel: classwise, share: gated * (1 - freeGate) * nearGate },
    { channel: symmetric, share: symmetricShare + gated * (1 - freeGate) * (1 - nearGate) }
  ]
}

/**
 * That errors are not alike, and a channel in which they are finds too few.
 * @param explained share of what the labels' frequencies leave open that the opinions explain
 */
function chanceOfMissing(symmetric: Channel, free: Channel, explained: number): number {
  const times = Math.log(free.rate / symmetric.rate)
  const least = leadAsked(symmetric.biases.length, explained)
  const lead = (free.objective - symmetric.objective) / least
  return sigmoid(MISSED.steepness * (times - MISSED.times)) * sigmoid(LEAD.steepness * (lead - 1))
}

/** Of a few classes a small lead will do, unless the opinions hardly know them apart: rare classes then look wrong. */
function leadAsked(classes: number, explained: number): number {
  const rates = classes * (classes - 1) - 1
  const few = Math.min(LEAD.most, LEAD.ofRate * rates)
  return LEAD.most - (LEAD.most - few) * sigmoid(EXPLAINED.steepness * (explained - EXPLAINED.least))
}

/** McFadden's R² over the labels' frequencies. @param likelihoods log likelihoods of the doubtful labels */
function explainedShare({ labels, classes }: ChannelData, likelihoods: Float64Array): number {
  const counts = new Float64Array(classes)
  const sum = likelihoods.reduce((total, value, row) => {
    counts[labels[row]!]!++
    return total + value
  }, 0)
  const rows = likelihoods.length
  const bare = counts.reduce((total, count) => total + (count > 0 ? count * Math.log(count / rows) : 0), 0)
  return bare < 0 ? 1 - sum / bare : 0
}

function logarithms(probabilities: Float32Array): Float64Array {
  return Float64Array.from(probabilities, (p) => Math.log(Math.max(p, LEAST)))
}

/** The trusted rows and some of the others. */
function sampled(data: ChannelData, seed: number): ChannelData {
  const { labels, classes, doubtful, judged, known } = data
  const most = Math.min(FITTED_ROWS, Math.max(1000, Math.round(FITTED_ENTRIES / classes)))
  if (doubtful <= most) return data
  const some = Random.derive(seed, 'channel rows').permutation(doubtful).subarray(0, most).sort()
  const rows = [...some, ...Array.from({ length: labels.length - doubtful }, (_, i) => doubtful + i)]
  return { ...rowsOf(data, rows), doubtful: most, judged, known }
}

function logLikelihoods(data: ChannelData, channel: Channel): Float64Array {
  const { classes, labels, doubtful } = data
  const q = new Float64Array(classes)
  return Float64Array.from({ length: doubtful }, (_, row) => {
    trueClass(data.opinions, channel, row, q)
    let total = 0
    for (let k = 0; k < classes; k++) total += q[k]! * channel.transition[k * classes + labels[row]!]!
    return Math.log(Math.max(total, 1e-12))
  })
}

/** Mean gain in standard errors. */
function gain(values: Float64Array, base: Float64Array): number {
  const count = values.length
  const mean = values.reduce((sum, value, i) => sum + value - base[i]!, 0) / count
  const variance = values.reduce((sum, value, i) => sum + (value - base[i]! - mean) ** 2, 0) / count
  return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(count) : 0
}

function largest(values: Float64Array): number {
  let best = 0
  for (let k = 1; k < values.length; k++) if (values[k]! > values[best]!) best = k
  return best
}

/**
 * How many labels to flag, the most suspicious first: the number that maximises expected F1 as 2 sum p / (k + total),
 * the sum over those flagged, the total over all.
 * @param probabilities that labels are wrong
 */
export function flagsForF1(probabilities: ArrayLike<number>): number {
  const ordered = Float64Array.from(probabilities).sort().reverse()
  const total = ordered.reduce((sum, p) => sum + p, 0)
  let found = 0
  let best = 0
  let count = 0
  ordered.forEach((p, i) => {
    found += p
    const f1 = (2 * found) / (i + 1 + total)
    if (f1 > best) {
      best = f1
      count = i + 1
    }
  })
  return count
}
