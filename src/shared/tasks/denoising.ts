import type { DenoisingMetrics } from '../domain/denoising-metrics'
import { pricesOf } from '../domain/prices'
import { denoisingSpec, MODELS } from '../domain/task-spec'
import type { DenoisingSpec } from '../domain/task-spec'
import { count, counted, percent } from '../words/numbers'
import { allMethods, plain, role, share, testRole } from './task'
import type { Quality, TaskDefinition } from './task'

export const denoising: TaskDefinition<'denoising'> = {
  task: 'denoising',
  name: 'Finding wrong labels',
  title: 'Find wrong labels',
  text: 'Learn how much each label can be trusted, from a few that you vouch for; get a cleaned dataset.',
  icon: 'pi-search',
  schema: denoisingSpec,
  roles: [
    role('train', 'The examples whose labels are in doubt.'),
    {
      ...role('trusted', 'A few examples whose labels are right: those you marked, or a split.'),
      none: {
        label: 'None: a first look',
        text: 'Labels are ranked by what classifiers say that have not seen them. What you marked in the training data, or decided in an earlier review of it, counts as trusted.'
      }
    },
    testRole(false)
  ],
  sharesClasses: true,
  models: MODELS,
  presets: [
    {
      name: 'Quick look',
      text: 'A linear model and few passes, with all evidence: seconds to a minute.',
      values: { model: 'logistic', epochs: 15 }
    },
    {
      name: 'Balanced',
      text: 'A small neural network with all evidence: the usual choice.',
      values: { model: 'mlp' }
    },
    {
      name: 'Thorough',
      text: 'A convolutional network, for images: much slower, best on pictures.',
      values: { model: 'cnn' }
    }
  ],
  command: {
    name: 'denoise',
    summary: 'learn importance weights, find wrong labels, export the cleaned set',
    examples: `
  bilevel denoise --train noisy --trusted clean.zip --out result
  bilevel denoise --train "mnist#train[0:5000]" --trusted "mnist#train[5000:6000]" --test "mnist#test" \\
      --model mlp --out result
  bilevel denoise --train labels.csv --label-column species --trusted checked.csv --out result`
  },
  isRace: false,
  // Without trusted examples there is nothing for a method to solve.
  methods: (spec) => (spec.trusted === false ? [spec.method] : allMethods()),
  curves: ['extra.auroc', 'extra.heldBackAccuracy'],
  qualities: ({ metrics }) => qualities(metrics),
  files: [
    ['Cleaned dataset', 'cleaned'],
    ['Every label', 'issues.csv']
  ],
  sentences: ({ metrics, spec }) => [
    wrongLabels(metrics),
    ...wrongTrusted(metrics),
    ...(spec.task === 'denoising' ? atPrices(metrics, spec) : []),
    ...expectation(metrics),
    ...doubt(metrics),
    ...silence(metrics),
    ...ability(metrics),
    ...detected(metrics)
  ]
}

function wrongLabels(metrics: DenoisingMetrics): string {
  return `${count(metrics.flagged)} ${flagWords(metrics)}.`
}

/** Of flagged labels that so many at least are wrong of is said that they look so. */
const LOOK_WRONG = 0.25
/** A smaller share reads as none. */
const SMALLEST_SHARE = 0.0005

/** What the flags are said to be, after their number: where all looks right, a few still stand out. */
export function flagWords({
  flagged,
  kept,
  expected
}: Pick<DenoisingMetrics, 'flagged' | 'kept' | 'expected'>): string {
  const all = flagged + kept
  const isSmall = flagged > 0 && flagged / all < SMALLEST_SHARE
  const shareWords = isSmall ? 'under 0.1 %' : percent(flagged / all)
  const isDoubtful = expected !== undefined && expected.flagged.expected < LOOK_WRONG * flagged
  return isDoubtful
    ? `of ${counted(all, 'label')} stand out most (${shareWords}), though most likely they are right`
    : `of ${counted(all, 'label')} look wrong (${shareWords})`
}

/** Where trusted labels look wrong themselves: how that was met, and what to do. */
function wrongTrusted({ trustedWrong }: DenoisingMetrics): string[] {
  if (!trustedWrong) return []
  const { of, expected, isPlain } = trustedWrong
  const about = `about ${count(Math.round(expected))} of ${count(of)}`
  const met = isPlain
    ? `The trusted labels look wrong as often as the others: ${about}. So they were not taken as right, and what is said here is less sure.`
    : `Some of the trusted labels look wrong too: ${about}. They were taken as right all the same; if they are not, wrong labels like them pass.`
  return [`${met} Look at ${namesOf(trustedWrong)} first; correct what is wrong and run again.`]
}

/** Examples by dataset and row. */
function namesOf({ first, places }: NonNullable<DenoisingMetrics['trustedWrong']>): string {
  const found = places ?? first.map((row) => ({ dataset: 'the trusted set', row }))
  const parts = Array.from(new Set(found.map(({ dataset }) => dataset)), (dataset) => {
    const of = found.filter((place) => place.dataset === dataset)
    const noun = of.length === 1 ? 'example' : 'examples'
    return `${noun} ${of.map(({ row }) => row).join(', ')} of ${dataset}`
  })
  return `${parts.join(' and ')} (counted from 0)`
}

/** What the flags save, where a reader says what errors cost. */
function atPrices({ expected, flagged }: DenoisingMetrics, spec: DenoisingSpec): string[] {
  const prices = pricesOf(spec)
  if (!prices) return []
  const { miss, falseAlarm } = prices
  const begin = `They are cut where they cost least, at ${miss} for a missed wrong label and ${falseAlarm} for a false alarm`
  if (!expected) return [`${begin}.`]
  const found = expected.flagged.expected
  const saved = miss * found - falseAlarm * (flagged - found)
  return [`${begin}: about ${Number(saved.toPrecision(2))} less than without flags.`]
}

/** What to expect of the flags, where each label has a probability. */
function expectation({ expected }: DenoisingMetrics): string[] {
  if (!expected) return []
  const { flagged, kept } = expected
  return [
    `Expect ${between(flagged)} of those to be really wrong, and ${between(kept)} wrong ones among the labels that stay.`
  ]
}

/** Share of the labels that the interval of wrong ones may cover before the number counts as unknown. */
const WIDE = 0.25

/** Where the number of wrong labels is as good as unknown: why, and what would help. */
function doubt({ expected, flagged, kept, trustedWrong }: DenoisingMetrics): string[] {
  // Why the interval is wide was said already.
  if (trustedWrong?.isPlain) return []
  if (!expected || expected.all.high - expected.all.low <= WIDE * (flagged + kept)) return []
  return [
    'How many are wrong can hardly be told from these data: the classes overlap, or many labels are wrong, and both look alike. More trusted examples, or features that tell the classes apart, would narrow it.'
  ]
}

/** Where there are no probabilities, flags do not mean errors, nor do none mean none. */
function silence({ expected, flagged, detection }: DenoisingMetrics): string[] {
  if (expected || detection) return []
  if (flagged > 0)
    return [
      'How many of these are really wrong the run cannot tell from these data: look at the first ones in the review before you drop or relabel many.'
    ]
  return [
    'That is no proof that all are right: on these data the run cannot tell how many are wrong. The review lists them with the most suspicious first.'
  ]
}

function between({ expected, low, high }: { expected: number; low: number; high: number }): string {
  return `about ${count(Math.round(expected))} (90 % interval ${count(low)} to ${count(high)})`
}

/** How well the run finds errors that were made on purpose. */
function ability({ planted, flagged, kept, trustedWrong }: DenoisingMetrics): string[] {
  // Labels that are wrong before are no test.
  if (!planted || planted.planted === 0 || trustedWrong?.isPlain) return []
  const found = planted.found / planted.planted
  return [
    `As a test your trusted examples were given wrong labels, one at a time: it would flag ${count(planted.found)} of these ${count(planted.planted)} (${percent(found)}).`,
    ...(found < HALF ? [flagged < HARDLY_ANY * (flagged + kept) ? HARDLY_FLAGS : MISSES] : [])
  ]
}

const HALF = 0.5
/** Flagged of all labels. */
const HARDLY_ANY = 0.02
const HARDLY_FLAGS =
  'That is few because nearly all labels here look right, and the run then flags only what stands out most: a single wrong label can still pass. The review lists every label, the most suspicious first; look at the top of it.'
const MISSES =
  'So wrong labels like these mostly pass: look beyond the flags in the review, which lists every label, the most suspicious first.'

/** What the flags are worth, where the truth is known. */
function detected({ detection }: DenoisingMetrics): string[] {
  if (!detection) return []
  return [
    `Measured against the known truth: ${percent(detection.precision)} of those flagged are really wrong, ${percent(detection.recall)} of the wrong ones are found.`
  ]
}

/** What a classifier gains comes first; the weights alone say less, for they begin with what the trusted know. */
function qualities({ testAccuracy, heldBackAccuracy, evidence }: DenoisingMetrics): Quality[] {
  const accuracy = (on: string, of: Readonly<Record<string, number | null>>): Quality[] => [
    ...share(`${on}, retrained on what was kept`, of['cleaned']),
    ...share(`${on}, the run's own classifier`, of['bilevel'])
  ]
  const tested = accuracy('test accuracy', testAccuracy)
  return [
    ...(tested.length > 0 ? tested : accuracy('accuracy on held-back trusted', heldBackAccuracy)),
    ...plain('AUROC of the learned weights', evidence?.['weight']?.auroc, 'higher')
  ]
}
