import * as z from 'zod'
import { decisionNews, decisionPage } from './decision'

/** One example that a person vouches for, with the label they vouch for: the given one or a correction. */
export const trustedMark = z.object({
  /** Row of the dataset. */
  row: z.int().nonnegative(),
  /** Class index. */
  label: z.int().nonnegative()
})
export type TrustedMark = z.infer<typeof trustedMark>

/**
 * A mark that stands. One whose label differs from the given one corrects it: in every export of the dataset, and
 * in every run on it.
 */
export const vouchedLabel = trustedMark.extend({
  /** Name of the user. */
  by: z.string(),
  at: z.string()
})
export type VouchedLabel = z.infer<typeof vouchedLabel>

const trustFacts = z.object({
  dataset: z.string(),
  /** A split or another dataset that is taken as trusted instead of the marks. */
  reference: z.string().nullable(),
  /** Trusted examples of each class, in the order of the dataset's classes; of the marks or the reference. */
  classCounts: z.array(z.int().nonnegative())
})

/**
 * What is trusted of a dataset: examples marked one by one, or another reference taken whole. As data of a run
 * the marks are named `<dataset>#trusted`.
 */
export const trustedSet = trustFacts.extend({
  /** A page of them, by row. */
  marks: z.array(vouchedLabel),
  /** The row of the next page; null: this was the last. */
  next: decisionPage.shape.next,
  /** Marks whose label is another than the given one. */
  corrected: z.int().nonnegative(),
  ...decisionNews.pick({ revision: true, undo: true, redo: true }).shape,
  /** What became of marks that an earlier version kept and that cannot be read; null where there are none. */
  warning: z.string().nullable()
})

/** What changed of it: rows with the label that is vouched for now, or with none. */
export const trustNews = trustFacts.extend(decisionNews.shape)
export type TrustNews = z.infer<typeof trustNews>

/** Name of the split under which the marks of a dataset can be used as data. */
export const TRUSTED_SPLIT = 'trusted'

export interface TrustAdvice {
  readonly level: 'none' | 'few' | 'fair' | 'good'
  readonly sentence: string
}

/**
 * Whether a run is worth its time with marks that lack some classes: those of fewer than half of the classes find little
 * more than a first look does (docs/experiments.md, "Classes without a trusted example").
 */
export function coversHalf(missing: number, occurring: number): boolean {
  return occurring - missing >= 2 && 2 * missing <= occurring
}

/**
 * Whether there are enough trusted examples, and what more would bring. The steps come from the runs in
 * docs/experiments.md: below ten a class the run's choice of the best epoch has nothing to go by; at thirty a
 * class it is dependable; a hundred a class adds little.
 */
export function adviseOnTrust(classCounts: readonly number[], classNames: readonly string[]): TrustAdvice {
  const total = classCounts.reduce((sum, count) => sum + count, 0)
  if (total === 0) {
    return {
      level: 'none',
      sentence: 'Nothing is trusted yet. Ten of each class are a start, thirty are good.'
    }
  }
  const missing = classNames.filter((_, k) => (classCounts[k] ?? 0) === 0)
  if (missing.length > 0) {
    const names =
      missing.slice(0, 4).join(', ') + (missing.length > 4 ? ` and ${missing.length - 4} more` : '')
    return {
      level: 'few',
      sentence: coversHalf(missing.length, classNames.length)
        ? `Enough to run. Without a trusted example of ${names} the labels of ${missing.length === 1 ? 'that class' : 'those classes'} are judged by the other labels alone.`
        : `Enough for a first look, which counts them as trusted. A run learns from them once half of the classes have one; still missing: ${names}.`
    }
  }
  const least = Math.min(...classCounts.slice(0, classNames.length))
  const rarest = classNames[classCounts.indexOf(least)] ?? ''
  if (least < 10) {
    return {
      level: 'few',
      sentence: `Enough to run, but thin: only ${least} of “${rarest}”. Ten of each class make the result steadier.`
    }
  }
  if (least < 30) {
    return {
      level: 'fair',
      sentence: `A fair set. More of "${rarest}" (${least} now) would still help; thirty are good.`
    }
  }
  return { level: 'good', sentence: 'A good trusted set: more would change little.' }
}
