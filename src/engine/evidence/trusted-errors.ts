import { chanceByLikelihood } from './any-wrong'
import { fitSymmetric, trueClass } from './channel'
import type { Channel, ChannelData } from './channel'

/** What the opinions say of labels trusted from the start. */
export interface TrustedErrors {
  /** Share of them that is likely wrong; 0 where that is no more than chance. */
  readonly share: number
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
/** That opinions which are surer than they may be do not explain the same. */
const SURE = 0.9
const ROUNDS = 100
const NONE: TrustedErrors = { share: 0, isPlain: false }

/**
 * Whether labels trusted from the start look wrong as often as the others, as where examples are taken by chance and nobody
 * looked at them. Believed, they would say that what the opinions contradict is right, and no error is found anywhere. Told
 * by a channel that believes none of them: under it their share is estimated, and tested against none; and errors at all
 * against opinions that are merely surer than they may be.
 *
 * Chosen on 27 tables, judged on others (docs/experiments.md, "Trusted examples that nobody looked at").
 */
export function trustedErrors(data: ChannelData): TrustedErrors {
  const { doubtful, labels, classes, judged } = data
  const rows = Array.from({ length: labels.length - doubtful }, (_, i) => doubtful + i).filter(
    (row) => (judged?.[row - doubtful] ?? -1) < 0
  )
  if (rows.length < FEWEST) return NONE
  const all = { ...data, doubtful: labels.length, judged: undefined, known: undefined }
  const open = fitSymmetric(all)
  const right = rightUnder(open, data, rows)
  const share = likeliestShare(right, classes)
  const lead = logLikelihood(right, share, classes) - logLikelihood(right, 0, classes)
  const times = share / open.rate
  if (lead < LEAD.named || times < AS_OFTEN.least) return NONE
  const isLikely = lead > LEAD.plain && times < AS_OFTEN.most
  return { share, isPlain: isLikely && chanceByLikelihood(all, [open]) > SURE }
}

/** Probability of each row's label, if it is right. */
function rightUnder(channel: Channel, { opinions, labels, classes }: ChannelData, rows: number[]): number[] {
  const q = new Float64Array(classes)
  return rows.map((row) => {
    trueClass(opinions, channel, row, q)
    return q[labels[row]!]!
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
export function rightGiven(probability: number, share: number, classes: number): number {
  const right = (1 - share) * probability
  return right / Math.max(right + (share * (1 - probability)) / (classes - 1), 1e-300)
}

function logLikelihood(right: readonly number[], share: number, classes: number): number {
  return right.reduce(
    (sum, p) => sum + Math.log(Math.max((1 - share) * p + (share * (1 - p)) / (classes - 1), 1e-12)),
    0
  )
}
