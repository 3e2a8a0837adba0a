import * as z from 'zod'

/** One poison of a finished attack, as a page about it shows it. */
export const poisonFacts = z.object({
  /** Place in the attack's list of poisons. */
  index: z.int().nonnegative(),
  /** The label that it carries. */
  label: z.string(),
  /** The training example that it started from: its row and its given label. */
  base: z.object({ row: z.int(), label: z.string() }),
  /** Sizes of the change, in 0..1 units. */
  linf: z.number(),
  l2: z.number(),
  /**
   * The validation example to hold it against: the target of a clean-label attack, else the nearest one (of the
   * attacked class where there is one).
   */
  beside: z
    .object({ row: z.int(), label: z.string(), distance: z.number(), isTarget: z.boolean() })
    .nullable()
})
export type PoisonFacts = z.infer<typeof poisonFacts>

/** A poison's own pictures, in this order: what it started from, what it is, ten times the difference. */
export const POISON_PANELS = ['base', 'poison', 'difference'] as const
