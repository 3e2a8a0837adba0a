import { chanceByLikelihood } from './any-wrong'
import { fitSymmetric, rowsOf, trueClass } from './channel'
import type { Channel, ChannelData } from './channel'

/** What the opinions say of labels trusted from the start. */
export interface TrustedErrors {
  /** How many these are, and the share of them that is likely wrong. */
  readonly count: number
  readonly share: number
  /** Probability that each trusted label is right, 1 of what a person judged. */
  readonly right: Float64Array
  /** Whether so much speaks for it that they are not taken as right. */
  readonly isPlain: boolean
}

/** Fewer trusted rows hardly tell. */
const FEWEST = 10
/** By so much wrong ones must explain the trusted labels better, in log likelihood, to be named, and to be plain. */
const LEAD = { named: 2.5, plain: 6 }
/**
 * And they must be wrong about as often as the others, so many times: classes that overlap make right labels look wrong, but
 * fewer; far more are a matter of chance.
 */
const AS_OFTEN = { least: 0.7, most: 2 }
/** Rows that the channel is fitted on beside the trusted ones: it is these that are asked about. */
const FITTED_ROWS = 2000
/** That opinions which are surer than they may be do not explain the same. */
const SURE = 0.9
const ROUNDS = 100

/**
 * Whether labels trusted from the start look wrong as often as the others, as where examples are taken by chance and nobody
 * looked at them. Believed, they would say that what the opinions contradict is right, and no error is found anywhere. Told
 * by a channel that believes none of them: under it their share is estimated, and tested against none; and errors at all
 * against opinions that are merely surer than they may be.
 *
 * Undefined where no more of them look wrong than chance makes. How it was chosen: docs/experiments.md, "Trusted examples that
 * nobody looked at".
 */
export function trustedErrors(data: ChannelData): TrustedErrors | undefined {
  const { classes, labels, doubtful, judged } = data
  const isAsGiven = (row: number): boolean => row >= doubtful && (judged?.[row - doubtful] ?? -1) < 0
  const trusted = Array.from(labels.keys()).filter(isAsGiven)
  if (trusted.length < FEWEST) return undefined
  const all = withoutTrust(data, trusted, FITTED_ROWS)
  const open = fitSymmetric(all)
  const said = rightUnder(all, open, trusted.length)
  const share = likeliestShare(said, classes)
  const lead = logLikelihood(said, share, classes) - logLikelihood(said, 0, classes)
  const times = share / open.rate
  if (lead < LEAD.named || times < AS_OFTEN.least) return undefined
  const isLikely = lead > LEAD.plain && times < AS_OFTEN.most
  const right = new Float64Array(labels.length - doubtful).fill(1)
  trusted.forEach((row, i) => (right[row - doubtful] = rightGiven(said[i]!, share, classes)))
  const isPlain = isLikely && chanceByLikelihood(withoutTrust(data, trusted), [open]) > SURE
  return { count: trusted.length, share, right, isPlain }
}

/** All rows as doubtful, of those that are many every so manieth; the trusted ones last. */
function withoutTrust(data: ChannelData, trusted: readonly number[], most = Infinity): ChannelData {
  const step = Math.max(1, Math.ceil(data.doubtful / most))
  const count = Math.ceil(data.doubtful / step)
  const rows = [...Array.from({ length: count }, (_, i) => i * step), ...trusted]
  return { ...rowsOf(data, rows), doubtful: rows.length }
}

/**
 * Probability of each trusted row's label, if it is right; they are the last ones. So many trusted rows of each class are
 * often chosen, whatever its share of the data: each class counts as much more as it has more of them.
 */
function rightUnder({ opinions, labels, classes }: ChannelData, channel: Channel, count: number): number[] {
  const trusted = Array.from({ length: count }, (_, i) => labels.length - count + i)
  const q = new Float64Array(classes)
  const shares = new Float64Array(classes).fill(1)
  for (let row = 0; row < trusted[0]!; row++) {
    trueClass(opinions, channel, row, q)
    for (let k = 0; k < classes; k++) shares[k]! += q[k]!
  }
  const chosen = new Float64Array(classes).fill(1)
  for (const row of trusted) chosen[labels[row]!]!++
  return trusted.map((row) => {
    trueClass(opinions, channel, row, q)
    const tilted = q.map((p, k) => (p * chosen[k]!) / shares[k]!)
    return tilted[labels[row]!]! / tilted.reduce((sum, p) => sum + p, 0)
  })
}

/** Of labels that are wrong, every other class alike; by EM. */
function likeliestShare(right: readonly number[], classes: number): number {
  let share = 0.1
  for (let round = 0; round < ROUNDS; round++) {
    const wrong = right.reduce((sum, p) => sum + 1 - rightGiven(p, share, classes), 0)
    share = wrong / right.length
  }
  return share
}

/**
 * Probability that a trusted label is right.
 * @param probability of its class, by the opinions alone
 * @param share of trusted labels that are wrong
 */
function rightGiven(probability: number, share: number, classes: number): number {
  const right = (1 - share) * probability
  return right / Math.max(right + (share * (1 - probability)) / (classes - 1), 1e-300)
}

function logLikelihood(right: readonly number[], share: number, classes: number): number {
  return right.reduce(
    (sum, p) => sum + Math.log(Math.max((1 - share) * p + (share * (1 - p)) / (classes - 1), 1e-12)),
    0
  )
}
