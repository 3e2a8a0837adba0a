import { Random } from '../../shared/numerics/random'

/** Rows of a sample that is made: checked, to be cleaned, and to test with. */
const ROWS = 1500
/** Rows at the end that are for testing. */
export const MADE_TEST_ROWS = 300

/** A table as it is imported; its labels are right. */
export interface MadeSample {
  /** Name of its dataset, before what tells of wrong labels. */
  readonly name: string
  readonly header: readonly string[]
  readonly classNames: readonly string[]
  /** Cells of each row without its label. */
  readonly cells: readonly (readonly string[])[]
  readonly labels: Int32Array
}

/** The samples that are made on the spot, the same each time. */
export const MADE_SAMPLES: Readonly<Record<'table' | 'texts', () => MadeSample>> = {
  table: customers,
  texts: messages
}

/** Customers of a telephone company: numbers, categories, empty cells. */
function customers(): MadeSample {
  const random = new Random(11)
  const labels = labelsOf(random, 3)
  const around = (middle: number, spread: number): number => middle + spread * random.normal()
  const known = (cell: string): string => (random.uniform() < 0.06 ? '' : cell)
  return {
    name: 'customers',
    header: ['age', 'region', 'plan', 'months', 'monthly fee', 'calls to support', 'data GB'],
    classNames: ['complains', 'leaves', 'renews'],
    labels,
    cells: Array.from(labels, (label) => [
      known(String(Math.round(Math.min(90, Math.max(18, around([52, 31, 44][label]!, 9)))))),
      known(often(random, ['north', 'south', 'west'], label, 0.4)),
      known(often(random, ['family', 'student', 'basic'], label, 0.7)),
      String(Math.max(1, Math.round(around([30, 7, 60][label]!, 9)))),
      Math.max(5, around([38, 29, 22][label]!, 5)).toFixed(2),
      String(Math.max(0, Math.round(around([6, 2, 1][label]!, 1.2)))),
      known(Math.max(0, around([9, 22, 12][label]!, 5)).toFixed(1))
    ])
  }
}

const MESSAGES = {
  billing: [
    'The invoice of {when} is higher than agreed',
    'I was charged twice {when}',
    'Please refund {what}'
  ],
  delivery: ['{what} has not arrived', 'The parcel was left outside {when}', 'Where is {what}'],
  password: ['I cannot log in since {when}', 'The reset link does not work', 'My account was locked {when}']
} as const
const WHAT = ['the blue lamp', 'my second order', 'the winter coat', 'the replacement part', 'two chairs']
const WHEN = ['Monday', 'last week', 'the first of May', 'yesterday', 'two days ago']
const CLOSINGS = [
  '',
  'Thank you.',
  'This is the third time I write.',
  'Could somebody call me back?',
  'Best, Kim'
]

/** Messages to a shop: a text, and where it came in. */
function messages(): MadeSample {
  const random = new Random(12)
  const classNames = Object.keys(MESSAGES)
  const labels = labelsOf(random, classNames.length)
  return {
    name: 'messages',
    header: ['message', 'came by', 'sent to', 'hours to answer'],
    classNames,
    labels,
    cells: Array.from(labels, (label) => [
      textOf(random, Object.values(MESSAGES)[label]!),
      often(random, ['letter', 'telephone', 'web form'], label, 0.5),
      often(random, ['accounts', 'warehouse', 'help desk'], label, 0.75),
      Math.max(0.1, [40, 16, 2][label]! + [9, 6, 1][label]! * random.normal()).toFixed(1)
    ])
  }
}

function textOf(random: Random, openings: readonly string[]): string {
  const opening = one(random, openings)
    .replace('{what}', one(random, WHAT))
    .replace('{when}', one(random, WHEN))
  return `${opening[0]!.toUpperCase()}${opening.slice(1)}${opening.startsWith('Where') ? '?' : '.'} ${one(random, CLOSINGS)}`.trim()
}

function labelsOf(random: Random, classes: number): Int32Array {
  return Int32Array.from({ length: ROWS }, () => random.below(classes))
}

function one(random: Random, from: readonly string[]): string {
  return from[random.below(from.length)]!
}

/** The one that goes with the label, with a probability; else any. */
function often(random: Random, from: readonly string[], label: number, probability: number): string {
  return random.uniform() < probability ? from[label]! : one(random, from)
}
