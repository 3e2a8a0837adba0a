import * as z from 'zod'

const rate = z.number().min(0).max(1)
const interval = z.tuple([z.number(), z.number()])
const spread = z.object({ mean: z.number(), max: z.number() })

/** What became of one target. */
export const cleanLabelTrial = z.object({
  /** Row of the target in the validation data. */
  target: z.int(),
  targetClass: z.string(),
  /** What it should be taken for: the class of its poisons. */
  poisonClass: z.string(),
  /** Rows of the training data that the poisons started from. */
  bases: z.array(z.int()),
  /** A victim retrained on the training data and the poisons reads the target as their class. */
  success: z.boolean(),
  /** So does one retrained on unperturbed copies of the bases instead. */
  duplicateSuccess: z.boolean(),
  /** So does one for which the poisons replace their bases. */
  replacedSuccess: z.boolean(),
  /** Largest of its poisons, in 0..1 pixel units. */
  linf: z.number(),
  l2: z.number(),
  /** Mean squared feature distance to the target; 1 is that of two training examples on average. */
  featureDistance: z.object({ before: z.number(), after: z.number() }),
  /** Of the poison nearest to the target's image: L2 distances in pixels. */
  pixelDistance: z.object({ toTarget: z.number(), toBase: z.number() }),
  /** A poison is nearer to the target's image than to its own base. */
  becameTarget: z.boolean()
})

/** metrics of report.json of a clean-label attack. Intervals are 95 % (Wilson). */
export const cleanLabelMetrics = z.object({
  successRate: rate,
  successes: z.int(),
  targets: z.int(),
  successInterval: interval,
  /** Successes that the unperturbed duplicate of the base does not have. */
  netSuccessRate: rate,
  netSuccesses: z.int(),
  netInterval: interval,
  duplicate: z.object({ successes: z.int(), rate }),
  /** With the poisons in the place of their bases, as poisoning-benchmark evaluates. */
  replaced: z.object({ successes: z.int(), rate }),
  poisonsPerTarget: z.int(),
  /** Poisons of one target as a share of the training examples. */
  poisonShare: z.number(),
  /** Over all poisons, in 0..1 pixel units. */
  perturbation: z.object({ linf: spread, l2: spread }),
  bound: z.object({ linf: z.number().nullable(), l2: z.number().nullable() }),
  featureDistance: z.object({ before: z.number(), after: z.number() }),
  pixelDistance: z.object({ toTarget: z.number(), toBase: z.number() }),
  /** Targets of which a poison lies nearer to the target's image than to its base. */
  becameTarget: z.int(),
  /** Accuracy on examples that are no targets: of the clean victim, and of the poisoned ones on average. */
  testAccuracy: z.object({ clean: rate.nullable(), poisoned: rate.nullable() }),
  /** Share of its training examples that a poisoned victim fits. */
  trainAccuracy: rate,
  poisonsFitted: rate,
  /** How the victims are trained: mean cross-entropy + l2 |W|² on the features, L-BFGS from zero. */
  victim: z.object({ l2: z.number(), iterations: z.int() }),
  /** The representation: classifier accuracies, or the share of imported features' variance explained. */
  features: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The trial whose poisons are in poisoned/; null when those of all are. */
  exportedTrial: z.int().nullable(),
  trials: z.array(cleanLabelTrial),
  /** Networks trained from pixels on the poisons of all targets at once. */
  transfer: z
    .array(
      z.object({
        victim: z.string(),
        successes: z.int(),
        duplicateSuccesses: z.int(),
        targets: z.int()
      })
    )
    .optional()
})
export type CleanLabelMetrics = z.infer<typeof cleanLabelMetrics>
