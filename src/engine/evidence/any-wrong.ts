import { fitChannel, logLikelihood } from './channel'
import type { Channel, ChannelData, ChannelPrior } from './channel'
import { sigmoid } from './log-odds'

/** Where more labels are wrong than this, nobody asks whether any is. */
const FEW_WRONG = 0.15
/** By so much errors must explain the labels better, in log likelihood, to be as likely as none; and how steeply. */
const LEAD = 0.5
const STEEPNESS = 3
/** Fewer trusted rows do not tell errors from classes that overlap. */
const FEWEST_TRUSTED = 10
/** No error, whatever is seen. */
const CERTAIN: ChannelPrior = { pull: 1e12, uniform: true, wrong: 0, right: 1e12 }

/**
 * Probability that there are wrong labels at all: that of the best channel with errors against the best without. Without
 * errors a label that the opinions contradict may still be right: either they count for less, or classes overlap more
 * than a logistic curve has it. Such tails fall as a power of the odds; wrong labels stay as many however sure the
 * opinions are.
 * @param channels fitted with errors, the one in which every error is alike last
 */
export function chanceOfErrors(data: ChannelData, channels: readonly Channel[]): number {
  const trusted = data.labels.length - data.doubtful
  return trusted < FEWEST_TRUSTED ? 1 : chanceByLikelihood(data, channels)
}

/** The same without a word of trusted rows. */
export function chanceByLikelihood(data: ChannelData, channels: readonly Channel[]): number {
  const symmetric = channels.at(-1)!
  if (symmetric.rate > FEW_WRONG) return 1
  const withErrors = Math.max(...channels.map((channel) => logLikelihood(data, channel)))
  const right = { ...data, trustedErrors: 0 }
  const heavy = { ...right, opinions: data.opinions.map((values) => heavyTailed(values, data.classes)) }
  const without = Math.max(...[right, heavy].map((either) => withoutErrors(either, symmetric)))
  return sigmoid(STEEPNESS * (withErrors - without - LEAD))
}

/** Log likelihood where no label is wrong. Opinions may count as with errors, or less: errors are then what they do not know. */
function withoutErrors(data: ChannelData, symmetric: Channel): number {
  const { length } = data.opinions
  const plain: Channel = {
    ...symmetric,
    weights: new Float64Array(length).fill(1 / length),
    biases: new Float64Array(data.classes)
  }
  return Math.max(...[symmetric, plain].map((start) => logLikelihood(data, fitChannel(data, CERTAIN, start))))
}

/** Log probabilities about their mean, large ones as their logarithm. */
function heavyTailed(values: Float64Array, classes: number): Float64Array {
  const out = new Float64Array(values.length)
  for (let base = 0; base < out.length; base += classes) {
    const row = values.subarray(base, base + classes)
    const mean = row.reduce((sum, value) => sum + value, 0) / classes
    for (let k = 0; k < classes; k++) out[base + k] = Math.asinh(row[k]! - mean)
  }
  return out
}
