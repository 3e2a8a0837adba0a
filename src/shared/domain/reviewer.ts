import * as z from 'zod'
import { decision } from './decision'
import { reviewerName } from './reviewer-name'

/** What one person said of one example by itself, whatever others said of it. */
export const verdict = z.object({
  row: z.int().nonnegative(),
  ...decision.pick({ action: true, label: true, by: true, at: true }).shape
})
export type Verdict = z.infer<typeof verdict>

/** How far two people agree on the examples that both judged by themselves. */
export const agreement = z.object({
  between: z.tuple([z.string(), z.string()]),
  /** Examples that both judged. */
  both: z.int(),
  /** Of them, those of which both said the same. */
  agreed: z.int(),
  /** Cohen's kappa, -1..1; null where it is not defined: both said one and the same of all. */
  kappa: z.number().nullable(),
  /** Of 95 %; null for fewer than 20 examples. */
  interval: z.tuple([z.number(), z.number()]).nullable()
})
export type Agreement = z.infer<typeof agreement>

/** Who reviews a run, what each has to do, and where they disagree. */
export const reviewers = z.object({
  /** Whoever judged an example or was given a part, by name. */
  people: z.array(
    z.object({
      name: z.string(),
      /** Examples judged by themselves, one by one. */
      judged: z.int(),
      /** Rows of the part that was given to this person. */
      assigned: z.custom<readonly number[]>(Array.isArray),
      /** Of the part, how many this person judged. */
      done: z.int()
    })
  ),
  /** Verdicts on rows that several people judged, or of which somebody else's decision stands; by row. */
  verdicts: z.array(verdict),
  /** Rows of which people said different things, and nobody settled it since. */
  disputed: z.array(z.int()),
  agreement: z.array(agreement)
})
export type Reviewers = z.infer<typeof reviewers>

/** Parts of a review to give to people. */
export const partOrder = z.object({
  /** To whom. */
  to: z.array(reviewerName).min(1).max(20),
  /** Examples for each of them. */
  count: z.int().min(1).max(1_000_000),
  /** Of these, how many are the same for all: what agreement is told by. */
  shared: z.int().nonnegative().default(0)
})
export type PartOrder = z.infer<typeof partOrder>

/** What is said of an example, as one word: two people agree where these are the same. */
export function sayingOf({ action, label }: Pick<Verdict, 'action' | 'label'>): string {
  return action === 'relabel' ? `relabel ${label}` : action
}

/**
 * Deal examples: first those that all get, spread evenly over the ranking, then the others one after the other, so that each
 * part is as suspicious as the next.
 * @param ranked rows that nobody has yet, the most suspicious first
 * @returns the rows of each person, in the order of the ranking
 */
export function dealParts(ranked: readonly number[], { to, count, shared = 0 }: PartOrder): number[][] {
  const common = Math.min(shared, count, ranked.length)
  const own = count - common
  const taken = ranked.slice(0, Math.min(ranked.length, common + own * to.length))
  const isCommon = new Set(Array.from({ length: common }, (_, i) => Math.floor((i * taken.length) / common)))
  const parts = to.map((): number[] => [])
  let next = 0
  taken.forEach((row, place) => {
    if (isCommon.has(place)) for (const part of parts) part.push(row)
    else parts[next++ % to.length]!.push(row)
  })
  return parts
}
