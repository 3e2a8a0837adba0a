import * as z from 'zod'
import { defence } from './denoising-metrics'

/** A rate over victims of several seeds with its 95 % interval. */
export const rateEstimate = z.object({
  rate: z.number(),
  low: z.number(),
  high: z.number(),
  seeds: z.array(z.number())
})

/**
 * One number for victims retrained on the clean set, with label flips (the starting points, unoptimised) and on
 * the poisoned set; null where nothing could be measured.
 */
const byCondition = z.object({
  clean: z.number().nullable(),
  labelFlip: z.number().nullable(),
  poisoned: z.number().nullable()
})
const intervals = z.record(
  z.string(),
  z.object({
    clean: rateEstimate.nullable(),
    labelFlip: rateEstimate.nullable(),
    poisoned: rateEstimate.nullable()
  })
)

/** What victims do: accuracy and, for targeted attacks, success and the accuracy of the other classes. */
export const damage = z.object({
  /** Which examples it was measured on. */
  on: z.enum(['test', 'validation']),
  testAccuracy: byCondition,
  /** Targeted: share of the attacked class that is taken for the wanted one. */
  successRate: byCondition.optional(),
  /** Targeted: accuracy on the classes that are not attacked. */
  otherAccuracy: byCondition.optional(),
  /** The same names, with intervals and one rate a seed. */
  intervals
})
export type Damage = z.infer<typeof damage>

/** Metrics of attacks by added points (untargeted, targeted). */
export const poisoningMetrics = damage.extend({
  attack: z.enum(['untargeted', 'targeted']),
  count: z.int(),
  /** Poisons as a share of the clean training examples. */
  share: z.number(),
  /** The same victims on the validation examples, which the attack has seen. */
  validation: damage,
  /** Other models, trained on the same files; on validation where there is no test set, like the curve. */
  transfer: z.array(damage.extend({ model: z.string() })),
  budgetCurve: z.array(damage.extend({ count: z.int(), share: z.number() })).optional(),
  /** Sizes of the changes, in 0..1 pixel units. */
  perturbation: z.object({
    meanL2: z.number(),
    maxL2: z.number(),
    meanLinf: z.number(),
    maxLinf: z.number()
  }),
  bestStep: z.int(),
  /** Victims retrained on the way, on validation. */
  checks: z.array(
    z.object({
      step: z.int(),
      accuracy: z.number(),
      success: z.number().optional(),
      other: z.number().optional()
    })
  ),
  defence: defence.extend({ victimAfter: damage }).optional()
})
export type PoisoningMetrics = z.infer<typeof poisoningMetrics>
