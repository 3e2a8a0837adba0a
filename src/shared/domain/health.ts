import * as z from 'zod'
import { findingKind } from './finding'

/** A number of examples that is estimated, with a 90 % interval. */
export const estimate = z.object({ expected: z.number(), low: z.number(), high: z.number() })
export type CountEstimate = z.infer<typeof estimate>

export const classHealth = z.object({
  name: z.string(),
  examples: z.int(),
  /** Of those that the run saw; null where none was, or where it gives no probabilities. */
  wrong: estimate.nullable(),
  /** Flagged by the run, and how many of this class it saw. */
  flagged: z.int(),
  seen: z.int()
})
export type ClassHealth = z.infer<typeof classHealth>

/** Examples of one label that look like another. */
export const pairHealth = z.object({
  given: z.string(),
  suggested: z.string(),
  flagged: z.int(),
  wrong: estimate.nullable()
})
export type PairHealth = z.infer<typeof pairHealth>

/** What can be said of a dataset as a whole. */
export const health = z.object({
  dataset: z.string(),
  name: z.string(),
  examples: z.int(),
  splits: z.array(z.object({ name: z.string(), examples: z.int() })),
  classes: z.array(classHealth),
  /** Examples of the largest class for each of the smallest. */
  imbalance: z.number().nullable(),
  /** The newest run that looked for wrong labels in it; null where there is none. */
  run: z
    .object({
      id: z.string(),
      name: z.string(),
      /** Examples that it saw, and flagged. */
      seen: z.int(),
      flagged: z.int(),
      /** Wrong labels among those seen; null where the run gives no probabilities. */
      wrong: estimate.nullable(),
      /** The worst first. */
      pairs: z.array(pairHealth),
      /** Accuracy on test data, trained on everything and on what is kept; null where not measured. */
      accuracy: z.object({ given: z.number().nullable(), cleaned: z.number().nullable() })
    })
    .nullable(),
  /** What a survey found; null where none was made. */
  findings: z.array(z.object({ kind: findingKind, examples: z.int() })).nullable(),
  decided: z.object({ trusted: z.int(), corrected: z.int(), leftOut: z.int() })
})
export type Health = z.infer<typeof health>

/** Standard deviations of a 90 % interval. */
const WIDTH_90 = 1.645

/**
 * How many labels of a group are wrong: the sum of their probabilities. Its interval has the chance of each label in it, and
 * that all probabilities may be as far off as the run's own interval of all says.
 * @param wrong probability of each label of the group to be wrong
 * @param all what the run expects of all labels that it saw
 */
export function groupEstimate(wrong: Iterable<number>, all: CountEstimate): CountEstimate {
  let expected = 0
  let variance = 0
  let size = 0
  for (const p of wrong) {
    expected += p
    variance += p * (1 - p)
    size++
  }
  const chance = WIDTH_90 * Math.sqrt(variance)
  const [below, above] = all.expected > 0 ? [all.low / all.expected, all.high / all.expected] : [0, 1]
  return {
    expected,
    low: Math.max(0, Math.floor(expected * below - chance)),
    high: Math.min(size, Math.ceil(expected * above + chance))
  }
}
