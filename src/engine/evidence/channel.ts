import { NewtonStep, ridge } from './pooling-step'

/**
 * A noisy channel over several opinions on the true class (Dawid and Skene 1979; Natarajan et al. 2013). With P_m(k|x)
 * the opinion of classifier m, which has not seen x's label,
 *
 *   q(k|x)       = softmax over k of b_k + sum_m w_m log P_m(k|x)
 *   P(given j|x) = sum_k q(k|x) T[k, j]
 *
 * w, b and T maximise the likelihood of the given labels and of the trusted ones, whose label is the true class; EM, with
 * a Newton step on w and a step of iterative scaling on b, without which classes that the opinions favour would look
 * like errors. Everything is float64: there are few parameters.
 */
export interface ChannelData {
  /** Log probabilities of each opinion, row-major [rows, classes]. */
  readonly opinions: readonly Float64Array[]
  readonly labels: Int32Array
  readonly classes: number
  /** Rows from here on are trusted: their labels are right. */
  readonly doubtful: number
  /**
   * The labels that trusted rows had before a person judged them, [rows - doubtful]; -1 where they were trusted from the
   * start. A judged row counts once, with both its labels: whoever asked for it may have chosen it by them, and the rows
   * are then no fair sample of what is right.
   */
  readonly judged?: Int32Array
  /**
   * 1 for classes that have a trusted row. Trusted rows are drawn from these alone: that they are of no other one says
   * nothing of how frequent the others are.
   */
  readonly known?: Uint8Array
  /** Share of the labels trusted from the start that are wrong themselves (trustedErrors); none where left out. */
  readonly trustedErrors?: number
}

/** How much is believed of errors before they are seen. */
export interface ChannelPrior {
  /** Strength of the pull of each class's rate to the common one, in examples. */
  readonly pull: number
  /** Whether every wrong class is as likely as another. */
  readonly uniform: boolean
  /** Beta prior of the common rate: wrong and right examples seen before. */
  readonly wrong: number
  readonly right: number
}

/** What classes the opinions speak for. */
export interface Pooling {
  /** w, one an opinion. */
  readonly weights: Float64Array
  /** b, one a class. */
  readonly biases: Float64Array
}

export interface Channel extends Pooling {
  /** Row-major [true class, given class]. */
  readonly transition: Float64Array
  /** Common share of wrong labels. */
  readonly rate: number
  readonly objective: number
}

const ROUNDS = 40
/** Enough to see which start is the better one. */
const TRIAL_ROUNDS = 10
const TRUSTED_WEIGHT = 5
const SMALLEST_RATE = 1e-4
/** Examples of each class that a bias is drawn to nothing by. */
const BIAS_PULL = 5
/**
 * Off-diagonals begin with so much of an example each, a class's together with so many at most: wrong labels of one among
 * many classes mostly have a few others' names.
 */
const OFF_SMOOTHING = { each: 0.5, together: 6 }
/** Of the objective. */
const SMALLEST_GAIN = 3e-6

/** Labels and opinions of some of the rows, in the order asked for. */
export function rowsOf(
  { opinions, labels, classes }: ChannelData,
  rows: readonly number[]
): Pick<ChannelData, 'opinions' | 'labels' | 'classes'> {
  return {
    classes,
    labels: Int32Array.from(rows, (row) => labels[row]!),
    opinions: opinions.map((values) => {
      const out = new Float64Array(rows.length * classes)
      rows.forEach((row, i) => out.set(values.subarray(row * classes, (row + 1) * classes), i * classes))
      return out
    })
  }
}

/** The channel in which every error is alike. */
export function fitSymmetric(data: ChannelData): Channel {
  return fitChannel(data, { pull: 0.3 * data.doubtful, uniform: true, wrong: 1, right: 9 })
}

/** The better of fits from two starts, told apart after some rounds; or from another channel with all errors alike. */
export function fitChannel(data: ChannelData, prior: ChannelPrior, from?: Channel): Channel {
  if (from) return fitFrom(data, prior, { ...from, transition: uniformTransition(data.classes, from.rate) })
  const { length } = data.opinions
  const [first, second] = [0.05, 0.3].map((rate) =>
    fitFrom(
      data,
      prior,
      {
        weights: new Float64Array(length).fill(1 / length),
        biases: new Float64Array(data.classes),
        transition: uniformTransition(data.classes, rate),
        rate
      },
      TRIAL_ROUNDS
    )
  ) as [Channel, Channel]
  return fitFrom(data, prior, second.objective > first.objective ? second : first)
}

/**
 * Also from the errors that trusted rows speak of: opinions have learned them with the labels, so what they say of rows of a
 * known class is T's row (Hendrycks et al. 2018, "gold loss correction"), where classes do not overlap. They do; so it is
 * no more than a start, which has to explain the labels better by one a rate.
 */
export function fitFreeChannel(data: ChannelData, prior: ChannelPrior, from: Channel): Channel {
  const alike = fitChannel(data, prior, from)
  if (data.labels.length === data.doubtful || data.trustedErrors) return alike
  const gold = fitFrom(data, prior, { ...from, transition: goldTransition(data, from.rate) })
  const rates = (data.classes - 1) ** 2
  return gold.objective > alike.objective + rates ? gold : alike
}

function fitFrom(
  data: ChannelData,
  prior: ChannelPrior,
  start: Omit<Channel, 'objective'>,
  rounds = ROUNDS
): Channel {
  const { classes, labels } = data
  const weights = start.weights.slice()
  const biases = start.biases.slice()
  let { rate, transition } = start
  let objective = -Infinity
  const q = new Float64Array(classes)
  const target = new Float64Array(classes)
  for (let round = 0; round < rounds; round++) {
    const counts = new Float64Array(classes * classes)
    // The weights cost most and move little: they step every other time.
    const newton = round % 2 === 0 ? new NewtonStep(weights.length) : undefined
    const expected = new Float64Array(classes)
    const wanted = new Float64Array(classes)
    let likelihood = 0
    for (let row = 0; row < labels.length; row++) {
      trueClassOf(data, { weights, biases }, row, q)
      const given = givenLabel(data, row)
      const total = joint(data, row, given, q, transition, target)
      const importance = given < 0 ? TRUSTED_WEIGHT : 1
      likelihood += importance * Math.log(Math.max(total, 1e-12))
      for (let k = 0; k < classes; k++) {
        target[k] = total > 0 ? target[k]! / total : q[k]!
        expected[k]! += importance * q[k]!
        wanted[k]! += importance * target[k]!
        if (given >= 0) counts[k * classes + given]! += target[k]!
      }
      newton?.add(data.opinions, row, q, target, importance)
    }
    const value =
      likelihood - ridge(weights) + prior.wrong * Math.log(rate) + prior.right * Math.log(1 - rate)
    const gained = value - objective
    objective = value
    if (round > 5 && Math.abs(gained) < SMALLEST_GAIN * Math.abs(value)) break
    ;({ transition, rate } = transitionOf(counts, classes, prior))
    newton?.move(weights)
    scaleBiases(biases, expected, wanted)
  }
  return { weights, biases, transition, rate, objective }
}

/** Log likelihood of all labels, of trusted rows as the fit counts them; without what is believed before. */
export function logLikelihood(data: ChannelData, channel: Channel): number {
  const q = new Float64Array(data.classes)
  const target = new Float64Array(data.classes)
  let sum = 0
  for (let row = 0; row < data.labels.length; row++) {
    trueClassOf(data, channel, row, q)
    const given = givenLabel(data, row)
    const total = joint(data, row, given, q, channel.transition, target)
    sum += (given < 0 ? TRUSTED_WEIGHT : 1) * Math.log(Math.max(total, 1e-12))
  }
  return sum
}

/** q(k|x) into `out`; of a trusted row among the classes that such rows are drawn from. */
function trueClassOf(
  { opinions, doubtful, known }: ChannelData,
  pooling: Pooling,
  row: number,
  out: Float64Array
): void {
  trueClass(opinions, pooling, row, out)
  if (!known || row < doubtful) return
  const total = out.reduce((sum, share, k) => sum + share * known[k]!, 0)
  for (let k = 0; k < out.length; k++) out[k] = total > 0 ? (out[k]! * known[k]!) / total : known[k]!
}

/** The label that a row came with; -1 where it was trusted from the start. */
function givenLabel({ labels, doubtful, judged }: ChannelData, row: number): number {
  return row < doubtful ? labels[row]! : (judged?.[row - doubtful] ?? -1)
}

/** P(true k, given) of a row into `target`, 0 for what is known to be otherwise. @returns their sum */
function joint(
  { labels, classes, doubtful, trustedErrors = 0 }: ChannelData,
  row: number,
  given: number,
  q: Float64Array,
  transition: Float64Array,
  target: Float64Array
): number {
  // What a person judged is right, whatever is thought of the others.
  const wrong = given < 0 ? trustedErrors / (classes - 1) : 0
  const right = given < 0 ? 1 - trustedErrors : 1
  let total = 0
  for (let k = 0; k < classes; k++) {
    const believed = row < doubtful ? 1 : k === labels[row] ? right : wrong
    target[k] = believed > 0 ? believed * q[k]! * (given < 0 ? 1 : transition[k * classes + given]!) : 0
    total += target[k]!
  }
  return total
}

/** A step of iterative scaling (Darroch and Ratcliff 1972): each class as often as it is wanted; their mean stays 0. */
function scaleBiases(biases: Float64Array, expected: Float64Array, wanted: Float64Array): void {
  let mean = 0
  for (let k = 0; k < biases.length; k++) {
    biases[k]! += Math.log((wanted[k]! + BIAS_PULL) / (expected[k]! + BIAS_PULL))
    mean += biases[k]! / biases.length
  }
  for (let k = 0; k < biases.length; k++) biases[k]! -= mean
}

/** q(k|x) into `out`. */
export function trueClass(
  opinions: readonly Float64Array[],
  { weights, biases }: Pooling,
  row: number,
  out: Float64Array
): void {
  const classes = out.length
  let most = -Infinity
  for (let k = 0; k < classes; k++) {
    let sum = biases[k]!
    for (let m = 0; m < opinions.length; m++) sum += weights[m]! * opinions[m]![row * classes + k]!
    out[k] = sum
    if (sum > most) most = sum
  }
  let total = 0
  for (let k = 0; k < classes; k++) total += out[k] = Math.exp(out[k]! - most)
  for (let k = 0; k < classes; k++) out[k]! /= total
}

/** What opinions say of trusted rows on the mean [true class, given class], and as if of one row more with all errors alike. */
function goldTransition({ classes, opinions, labels, doubtful }: ChannelData, rate: number): Float64Array {
  const sums = uniformTransition(classes, rate)
  const counts = new Float64Array(classes).fill(1)
  const mean: Pooling = {
    weights: new Float64Array(opinions.length).fill(1 / opinions.length),
    biases: new Float64Array(classes)
  }
  const given = new Float64Array(classes)
  for (let row = doubtful; row < labels.length; row++) {
    const label = labels[row]!
    trueClass(opinions, mean, row, given)
    counts[label]!++
    for (let j = 0; j < classes; j++) sums[label * classes + j]! += given[j]!
  }
  return sums.map((sum, i) => sum / counts[Math.floor(i / classes)]!)
}

function uniformTransition(classes: number, rate: number): Float64Array {
  const off = rate / (classes - 1)
  return Float64Array.from({ length: classes * classes }, (_, i) =>
    Math.floor(i / classes) === i % classes ? 1 - rate : off
  )
}

/** T at its best given expected counts [true, given], under the prior. */
function transitionOf(
  counts: Float64Array,
  classes: number,
  { pull, uniform, wrong, right }: ChannelPrior
): { transition: Float64Array; rate: number } {
  const most = classes === 2 ? 0.45 : 0.7
  const smoothing = Math.min(OFF_SMOOTHING.each, OFF_SMOOTHING.together / (classes - 1))
  const totals = new Float64Array(classes)
  const offs = new Float64Array(classes)
  let all = 0
  let allOff = 0
  for (let k = 0; k < classes; k++) {
    for (let j = 0; j < classes; j++) {
      const count = counts[k * classes + j]!
      totals[k]! += count
      if (j !== k) offs[k]! += count
    }
    all += totals[k]!
    allOff += offs[k]!
  }
  const rate = Math.min(most, Math.max(SMALLEST_RATE, (allOff + wrong) / (all + wrong + right)))
  const transition = new Float64Array(classes * classes)
  for (let k = 0; k < classes; k++) {
    const own = Math.min(most, (offs[k]! + pull * rate) / (totals[k]! + pull))
    for (let j = 0; j < classes; j++) {
      if (j === k) transition[k * classes + j] = 1 - own
      else {
        const share = uniform
          ? 1 / (classes - 1)
          : (counts[k * classes + j]! + smoothing) / (offs[k]! + smoothing * (classes - 1))
        transition[k * classes + j] = own * share
      }
    }
  }
  return { transition, rate }
}
